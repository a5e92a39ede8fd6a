import AuthCore

/// Takes every use of the token before for a retry, whenever it comes and whoever used its successor.
struct EndlessRetryStore: RefreshStore {
    private let store: any RefreshStore

    init(_ store: any RefreshStore) { self.store = store }

    func findForRefresh(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        guard let session = try await store.findForRefresh(id) else { return nil }
        return RefreshableSession(
            generation: session.generation, refreshDigest: session.refreshDigest, salt: session.salt, rotatedAt: session.issued.now,
            isSuccessorUsed: false, issued: session.issued)
    }

    func rotate(
        _ rotation: Rotation, policy: SessionPolicy, event: AuditEvent
    ) async throws(AuthError) -> IssuedSession? {
        try await store.rotate(rotation, policy: policy, event: event)
    }

    func recordRetry(of id: SessionID, generation: TokenGeneration, event: AuditEvent) async throws(AuthError) {
        try await store.recordRetry(of: id, generation: generation, event: event)
    }
}
