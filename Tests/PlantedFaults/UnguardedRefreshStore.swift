import AuthCore

/// Rotates the session whatever its generation is meanwhile.
struct UnguardedRefreshStore: RefreshStore {
    private let store: any RefreshStore

    init(_ store: any RefreshStore) { self.store = store }

    func rotate(
        _ rotation: Rotation, policy: SessionPolicy, event: AuditEvent
    ) async throws(AuthError) -> IssuedSession? {
        guard let session = try await store.findForRefresh(rotation.sessionID) else { return nil }
        let unguarded = Rotation(
            sessionID: rotation.sessionID, presented: session.generation, presentedDigest: session.refreshDigest,
            successor: rotation.successor)
        return try await store.rotate(unguarded, policy: policy, event: event)
    }

    func findForRefresh(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        try await store.findForRefresh(id)
    }

    func recordRetry(of id: SessionID, generation: TokenGeneration, event: AuditEvent) async throws(AuthError) {
        try await store.recordRetry(of: id, generation: generation, event: event)
    }
}
