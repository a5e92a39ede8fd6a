/// The audit trail and the chains over it.
public struct Audit: Sendable {
    /// Seals the events that wait, and warns if an event has waited too long.
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

    /// Takes the head of this moment.
    public func head() async throws(AuthError) -> SealHead { try await store.head() }

    /// Seals at most `limit` of the events that wait.
    ///
    /// - Returns: how many; fewer than `limit` if no other events wait, or another instance is sealing them.
    public func seal(limit: Int) async throws(AuthError) -> Int { try await store.seal(limit: limit) }

    /// Computes the chains again.
    ///
    /// - Parameter head: an earlier result of ``head()``. The chains must hold it.
    public func verify(head: SealHead? = nil) async throws(AuthError) -> AuditVerification.Report {
        try await AuditVerification(store: store, retention: retention).verify(head: head)
    }
}
