/// The chain of seals over the audit trail.
public protocol AuditTrailStore: Sendable {
    /// Seals about the next `limit` events, as far as all transactions that could still add to them are over.
    ///
    /// - Returns: how many; `nil` where another instance is at work.
    func seal(limit: Int) async throws(AuthError) -> Int?

    /// The next seals, each computed anew.
    ///
    /// - Parameters:
    ///   - head: the seal that they come after; `nil` for the beginning.
    ///   - retention: the age below which no event may have been removed.
    func ranges(after head: SealHead?, limit: Int, retention: Duration) async throws(AuthError) -> [SealedRange]

    /// What lies beyond the last seal.
    func unsealed() async throws(AuthError) -> UnsealedEvents

    /// The last seal of the chain.
    func head() async throws(AuthError) -> SealHead
}
