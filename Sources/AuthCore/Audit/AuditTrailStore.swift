/// The audit trail: the events that wait to be sealed, and the chains of sealed events.
public protocol AuditTrailStore: Sendable {
    /// Moves at most `limit` events of each shard into their chains. Several instances may do this at the same time.
    ///
    /// - Returns: how many. If it is fewer than `limit`, no other events wait, or another instance is sealing them.
    /// - Throws: ``AuthError/unavailable(cause:)`` if a shard failed. The events of the other shards are sealed nevertheless.
    func seal(limit: Int) async throws(AuthError) -> Int

    /// All chains, in the order of their routing keys.
    ///
    /// - Parameter retention: the age below which no event may have been removed.
    func chains(retention: Duration) async throws(AuthError) -> [AuditChain]

    /// Reads the next events, and computes their hashes again. The events of a chain come in the order of their positions.
    ///
    /// - Parameter event: the event before them; `nil` to begin with the first one.
    func check(after event: CheckedEvent?, limit: Int) async throws(AuthError) -> CheckedPortion

    /// The events that are not sealed yet.
    func pending() async throws(AuthError) -> PendingEvents

    /// Takes the head of this moment, and keeps the positions that a later comparison needs.
    func head() async throws(AuthError) -> SealHead

    /// Whether the chains still have the events that the head was computed over.
    func holds(_ head: SealHead) async throws(AuthError) -> Bool
}
