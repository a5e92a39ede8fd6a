/// The audit trail and the chain of seals over it.
public struct Audit: Sendable {
    /// Seals what is complete, and warns if that is late.
    public let job: Job

    private let store: any AuditTrailStore
    private let retention: Duration

    /// - Parameters:
    ///   - clock: tells how long events have waited for their seal.
    ///   - retention: the age below which no event may have been removed.
    init(_ store: any AuditTrailStore, clock: any WallClock, retention: Duration) {
        job = Sealing(trail: store, clock: clock).job
        self.store = store
        self.retention = retention
    }

    /// The last seal.
    public func head() async throws(AuthError) -> SealHead { try await store.head() }

    /// Seals about the next `limit` events, as far as all transactions that could still add to them are over.
    ///
    /// - Returns: how many; `nil` if another instance seals now.
    public func seal(limit: Int) async throws(AuthError) -> Int? { try await store.seal(limit: limit) }

    /// Computes the chain again.
    ///
    /// - Parameter head: an earlier result of ``head()``. The chain must hold that seal.
    public func verify(head: SealHead? = nil) async throws(AuthError) -> AuditVerification.Report {
        try await AuditVerification(store: store, retention: retention).verify(head: head)
    }
}
