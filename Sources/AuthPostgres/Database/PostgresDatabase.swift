import AuthCore
public import LibPQ

/// The connections to PostgreSQL, and the one place where a database error becomes an ``AuthError``.
///
/// Look-ups by a key that came with the request (the guard's, a refresh's, a service's) have connections of their own, so that
/// no login, however many there are, keeps them waiting. The work in the background has one, so that it keeps no request waiting.
public struct PostgresDatabase: Sendable {
    enum ConnectionGroup { case lookups, work, background }

    let lookups: PostgresClient
    let work: PostgresClient
    let background: PostgresClient

    /// - Parameters:
    ///   - lookups: for look-ups by a key that came with the request.
    ///   - work: for all other requests.
    ///   - background: for the work in the background; one connection.
    public init(lookups: PostgresClient, work: PostgresClient, background: PostgresClient) {
        self.lookups = lookups
        self.work = work
        self.background = background
    }

    /// Checks whether a pooler in front of PostgreSQL can serve these connections.
    ///
    /// - Throws: ``PostgresError/unsuitable(_:)`` if it cannot. If the database does not answer, this throws nothing: see ``start()``.
    public func checkPooler() async throws(PostgresError) {
        do {
            try await work.checkPooler()
        } catch .unsuitable(let reason) {
            throw .unsuitable(reason)
        } catch {}
    }

    /// Begins to connect. Until that succeeds, statements wait for their deadline.
    public func start() throws(PostgresError) {
        try lookups.start()
        try work.start()
        try background.start()
    }

    /// Lets what is in flight finish, then closes all connections.
    public func shutdown() async {
        await lookups.shutdown()
        await work.shutdown()
        await background.shutdown()
    }

    /// Runs one statement, which is one transaction, by the deadline of the request being served.
    func run(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue> = [:], on group: ConnectionGroup = .work
    ) async throws(AuthError) -> PostgresRows {
        try await run([BoundStatement(statement, values)], on: group)
    }

    /// Runs statements as one transaction.
    ///
    /// - Returns: the rows of the last.
    func run(_ steps: [BoundStatement], on group: ConnectionGroup = .work) async throws(AuthError) -> PostgresRows {
        do throws(PostgresError) {
            return try await client(of: group).execute(steps, deadline: RequestDeadline.current)
        } catch {
            throw AuthError(error, during: steps[steps.count - 1].statement)
        }
    }

    /// Runs a statement for some items, by the deadline of the request being served, together with other requests.
    ///
    /// - Parameter items: the arrays of the statement's parameters in their order.
    func runTogether(
        _ statement: PostgresStatement, _ items: [PostgresValue], on group: ConnectionGroup
    ) async throws(AuthError) -> PostgresMatches {
        do throws(PostgresError) {
            return try await client(of: group).executeTogether(statement, items: items, deadline: RequestDeadline.current)
        } catch {
            throw AuthError(error, during: statement)
        }
    }

    /// The same for the guard, without a task that waits.
    func runTogether(
        _ statement: PostgresStatement, _ items: [PostgresValue], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<PostgresMatches, AuthError>) -> Void
    ) {
        lookups.executeTogether(statement, items: items, deadline: deadline) { found in
            recipient(found.mapError { error in AuthError(error, during: statement) })
        }
    }

    private func client(of group: ConnectionGroup) -> PostgresClient {
        switch group {
        case .lookups: lookups
        case .work: work
        case .background: background
        }
    }
}

extension AuthError {
    /// Every database error that a store does not expect is a failure of the server. The error says whether trying again can help.
    init(_ error: PostgresError, during statement: PostgresStatement) {
        let cause = "\(statement.name): \(error)"
        switch error {
        case .server(let refusal) where refusal.isDefinite: self = .internalError(cause: cause)
        case .decoding, .misuse: self = .internalError(cause: cause)
        default: self = .unavailable(cause: cause)
        }
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
