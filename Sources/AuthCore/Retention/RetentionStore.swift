public import FoundationEssentials

/// One small step of a sweep through a table.
public struct RetentionStep: Hashable, Sendable {
    public let examined: Int
    public let removed: Int
    /// The next step begins after this key; `nil` at the end.
    public let last: PrimaryKey?

    /// The primary key of a row, and the store's number of the shard that has the row.
    public struct PrimaryKey: Hashable, Sendable {
        public let routing: RoutingKey
        public let id: UUID
        public let shard: Int

        public init(routing: RoutingKey, id: UUID, shard: Int = 0) {
            (self.routing, self.id, self.shard) = (routing, id, shard)
        }
    }

    public init(examined: Int, removed: Int, last: PrimaryKey?) {
        self.examined = examined
        self.removed = removed
        self.last = last
    }
}

/// Removes rows that were kept long enough. Several instances may do this at the same time.
public protocol RetentionStore: Sendable {
    /// Reads the next `limit` sessions that are old enough, and removes those that are dead. Younger sessions are not read.
    ///
    /// - Parameters:
    ///   - creation: how long ago they must have been created.
    ///   - age: how long they must have been dead.
    ///   - key: the last key of the step before; `nil` to begin with the oldest session.
    func removeSessions(
        createdBefore creation: Duration, deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep

    /// Reads the next `limit` mails that were queued longer ago than this, and removes those that were finished longer ago than this.
    ///
    /// - Parameter key: as for the sessions; the same for the tokens.
    func removeMails(
        finishedFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep

    /// Reads the next `limit` one-time tokens that were made longer ago than this, and removes those that have not worked for this time.
    func removeTokens(
        deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep

    /// Removes at most `limit` of the addresses that are held for former owners and could be taken by others for this time.
    func removeHeldAddresses(freeFor age: Duration, limit: Int) async throws(AuthError) -> RetentionStep

    /// Opens the next volume of the audit trail if the last one is large or old enough.
    ///
    /// - Parameter longest: a volume with events stays the last one for at most this time.
    func openVolume(longest: Duration) async throws(AuthError)

    /// Removes the oldest volume of the audit trail if all its events were sealed longer ago than this. Events that are not sealed stay.
    func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep

    /// Removes counts of attempts and of requests for mails that are forgotten, at most `limit` of each kind. They are no news: none is audited.
    func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep

    /// Writes to the audit trail how many rows were removed. Not with each step: such rows would be as many as those that go.
    func record(removed count: Int, event: AuditEvent) async throws(AuthError)
}
