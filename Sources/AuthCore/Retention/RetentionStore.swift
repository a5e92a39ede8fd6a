public import FoundationEssentials

/// One small step of a sweep through a table in the order of its key.
public struct RetentionStep: Hashable, Sendable {
    public let examined: Int
    public let removed: Int
    /// The key that the next step begins after.
    public let last: PrimaryKey?

    /// The primary key of a row.
    public struct PrimaryKey: Hashable, Sendable {
        public let routing: RoutingKey
        public let id: UUID

        public init(routing: RoutingKey, id: UUID) {
            self.routing = routing
            self.id = id
        }
    }

    public init(examined: Int, removed: Int, last: PrimaryKey?) {
        self.examined = examined
        self.removed = removed
        self.last = last
    }
}

/// Removes what was kept long enough. One instance of the server does so at a time.
public protocol RetentionStore: Sendable {
    /// Removes dead sessions among the next `limit` rows.
    ///
    /// - Returns: `nil` where another instance is at work.
    func removeSessions(deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int) async throws(AuthError) -> RetentionStep?

    /// The same for the audit rows of one seal, all of which are older. What is not sealed stays.
    func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep?

    /// Removes counts of attempts that are forgotten, at most `limit` of each kind. They are no news: none is audited.
    func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep?

    /// Writes to the audit trail how many rows were removed. Not with each step: such rows would be as many as those that go.
    func record(removed count: Int, event: AuditEvent) async throws(AuthError)
}
