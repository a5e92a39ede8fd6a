/// The audit trail: events that wait to be sealed, and the chains of those that are.
public protocol AuditTrailStore: Sendable {
    /// Moves events into their chains, at most `limit`. Several instances may do so together.
    ///
    /// - Returns: how many; fewer than `limit` if no more wait that another instance does not have.
    func seal(limit: Int) async throws(AuthError) -> Int

    /// All chains, in the order of their routing keys.
    ///
    /// - Parameter retention: the age below which no event may have been removed.
    func chains(retention: Duration) async throws(AuthError) -> [AuditChain]

    /// The next events in the order of routing keys and positions, each computed anew.
    ///
    /// - Parameter event: the one that they come after; `nil` for the beginning.
    func check(after event: CheckedEvent?, limit: Int) async throws(AuthError) -> CheckedPortion

    /// The events that are not sealed yet.
    func pending() async throws(AuthError) -> PendingEvents

    /// Takes the head of this moment, and keeps what it needs to be compared later.
    func head() async throws(AuthError) -> SealHead

    /// Whether the chains hold what the head was taken of.
    func holds(_ head: SealHead) async throws(AuthError) -> Bool
}
