public import FoundationEssentials

/// One small step of a sweep through a table in the order of its key.
public struct RetentionStep: Hashable, Sendable {
    public let examined: Int
    public let removed: Int
    /// The key that the next step begins after; `nil` at the end.
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

/// Removes what was kept long enough. Several instances may do so together.
public protocol RetentionStore: Sendable {
    /// Removes dead sessions among the next `limit` that were created so long ago. Younger ones are not read.
    ///
    /// - Parameter age: how long they must have been dead.
    func removeSessions(
        createdBefore creation: Duration, deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep

    /// Opens the next volume of the audit trail if that is due.
    ///
    /// - Parameter longest: a volume with events stays the last one for at most this time.
    func openVolume(longest: Duration) async throws(AuthError)

    /// Removes the oldest volume of the audit trail if all its events are older. What is not sealed stays.
    func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep

    /// Removes counts of attempts that are forgotten, at most `limit` of each kind. They are no news: none is audited.
    func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep

    /// Writes to the audit trail how many rows were removed. Not with each step: such rows would be as many as those that go.
    func record(removed count: Int, event: AuditEvent) async throws(AuthError)
}
