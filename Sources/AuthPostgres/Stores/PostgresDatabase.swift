import AuthCore
public import LibPQ

/// The lanes to PostgreSQL, and the one place where a database error becomes an ``AuthError``.
///
/// Look-ups by a key that came with the request (the guard's, a refresh's, a service's) have connections of their own, so that
/// no login, however many there are, keeps them waiting. So has what goes on in the background, so that it keeps nobody waiting.
public struct PostgresDatabase: Sendable {
    enum Lane { case guarding, work, background }

    let guardLane: PostgresClient
    let workLane: PostgresClient
    let backgroundLane: PostgresClient

    /// - Parameter backgroundLane: of one connection, so that what it locks for itself it finds its own again.
    public init(guardLane: PostgresClient, workLane: PostgresClient, backgroundLane: PostgresClient) {
        self.guardLane = guardLane
        self.workLane = workLane
        self.backgroundLane = backgroundLane
    }

    /// Begins to connect. Until that succeeds, statements wait for their deadline.
    public func start() throws(PostgresError) {
        try guardLane.start()
        try workLane.start()
        try backgroundLane.start()
    }

    /// Lets what is in flight finish, then closes all connections.
    public func shutdown() async {
        await guardLane.shutdown()
        await workLane.shutdown()
        await backgroundLane.shutdown()
    }

    /// Runs one statement, which is one transaction, by the deadline of the request being served.
    func run(
        _ statement: PostgresStatement, _ binds: [PostgresValue], on lane: Lane = .work
    ) async throws(AuthError) -> PostgresRows {
        try await run([BoundStatement(statement, binds)], on: lane)
    }

    /// Runs statements as one transaction.
    ///
    /// - Returns: the rows of the last.
    func run(_ steps: [BoundStatement], on lane: Lane = .work) async throws(AuthError) -> PostgresRows {
        do throws(PostgresError) {
            return try await client(of: lane).execute(steps, deadline: RequestDeadline.current)
        } catch {
            throw AuthError(error, during: steps[steps.count - 1].statement)
        }
    }

    /// Runs a statement for some items, by the deadline of the request being served, together with other requests.
    func runTogether(
        _ statement: PostgresStatement, _ items: [PostgresValue], on lane: Lane
    ) async throws(AuthError) -> PostgresMatches {
        do throws(PostgresError) {
            return try await client(of: lane).executeTogether(statement, items: items, deadline: RequestDeadline.current)
        } catch {
            throw AuthError(error, during: statement)
        }
    }

    /// The same for the guard, without a task that waits.
    func runTogether(
        _ statement: PostgresStatement, _ items: [PostgresValue], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<PostgresMatches, AuthError>) -> Void
    ) {
        guardLane.executeTogether(statement, items: items, deadline: deadline) { found in
            recipient(found.mapError { AuthError($0, during: statement) })
        }
    }

    private func client(of lane: Lane) -> PostgresClient {
        switch lane {
        case .guarding: guardLane
        case .work: workLane
        case .background: backgroundLane
        }
    }
}

extension AuthError {
    /// Every database error that a store does not expect is a failure of ours: the caller may try again.
    init(_ error: PostgresError, during statement: PostgresStatement) {
        self = .unavailable(cause: "\(statement.name): \(error)")
    }
}

/// Decodes what a statement returned. A value of another type than expected is a failure of ours.
func decoding<Value>(_ statement: PostgresStatement, _ decode: () throws(PostgresError) -> Value) throws(AuthError) -> Value {
    do throws(PostgresError) {
        return try decode()
    } catch {
        throw AuthError(error, during: statement)
    }
}
