import AuthCore

/// Takes every use of the token before for a retry, whenever it comes and whoever used its successor.
struct EndlessRetryStore: RefreshStore {
    private let store: any RefreshStore

    init(_ store: any RefreshStore) { self.store = store }

    func refreshable(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        guard let session = try await store.refreshable(id) else { return nil }
        return RefreshableSession(
            generation: session.generation, refreshDigest: session.refreshDigest, salt: session.salt, rotatedAt: session.times.now,
            isSuccessorUsed: false, times: session.times)
    }

    func rotate(
        _ rotation: Rotation, policy: SessionPolicy, event: AuditEvent
    ) async throws(AuthError) -> IssuedTimes? {
        try await store.rotate(rotation, policy: policy, event: event)
    }

    func recordRetry(of id: SessionID, event: AuditEvent) async throws(AuthError) {
        try await store.recordRetry(of: id, event: event)
    }
}
