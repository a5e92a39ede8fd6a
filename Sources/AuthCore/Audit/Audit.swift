/// The audit trail and the chains over it.
public struct Audit: Sendable {
    /// Seals the events that wait, and warns if an event has waited too long.
    public let job: Job
    /// Takes a person out of the trail.
    public let erasure: AuditErasure
    /// What an account's owner may see of the trail.
    public let history: OwnHistory

    private let store: any AuditTrailStore
    private let retention: Duration

    /// - Parameter retention: the age below which no event may have been removed.
    init(_ stores: AuditStores, _ kit: Kit, retention: Duration) {
        job = Sealing(trail: stores.trail, clock: kit.clock).job
        erasure = AuditErasure(store: stores.erasure, identifiers: kit.identifiers, routing: kit.routing)
        history = OwnHistory(store: stores.history)
        store = stores.trail
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

/// Where the audit trail is kept. One store may be several of these.
public struct AuditStores: Sendable {
    public var trail: any AuditTrailStore
    public var erasure: any AuditErasureStore
    public var history: any OwnHistoryStore

    /// - Parameter store: a store that is all of these.
    public init(_ store: some AuditTrailStore & AuditErasureStore & OwnHistoryStore) {
        trail = store
        erasure = store
        history = store
    }
}
