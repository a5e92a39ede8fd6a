import AuthCore
public import LibPQ

/// The two lanes to PostgreSQL, and the one place where a database error becomes an ``AuthError``.
///
/// The guard's look-ups have connections of their own, so that no login, however many there are, keeps a request waiting.
public struct PostgresDatabase: Sendable {
    enum Lane { case guarding, work }

    let guardLane: PostgresClient
    let workLane: PostgresClient

    public init(guardLane: PostgresClient, workLane: PostgresClient) {
        self.guardLane = guardLane
        self.workLane = workLane
    }

    /// Begins to connect. Until that succeeds, statements wait for their deadline.
    public func start() throws(PostgresError) {
        try guardLane.start()
        try workLane.start()
    }

    /// Lets what is in flight finish, then closes all connections.
    public func shutdown() async {
        await guardLane.shutdown()
        await workLane.shutdown()
    }

    /// Runs one statement, which is one transaction, by the deadline of the request being served.
    func run(
        _ statement: PostgresStatement, _ binds: [PostgresValue], on lane: Lane = .work
    ) async throws(AuthError) -> PostgresRows {
        do throws(PostgresError) {
            return try await (lane == .guarding ? guardLane : workLane).execute(statement, binds, deadline: RequestDeadline.current)
        } catch {
            throw AuthError(error, during: statement)
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
