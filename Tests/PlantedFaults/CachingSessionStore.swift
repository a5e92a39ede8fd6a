import AuthCore
import NIOConcurrencyHelpers

/// Believes for a second what the database said.
struct CachingSessionStore: SessionStore {
    private let store: any SessionStore
    private let cached = NIOLockedValueBox<[SessionID: (session: GuardedSession, at: ContinuousClock.Instant)]>([:])

    init(_ store: any SessionStore) { self.store = store }

    func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession? {
        if let known = cached.withLockedValue({ $0[id] }), .now - known.at < .seconds(1) { return known.session }
        let found = try await store.guarded(id)
        if let found { cached.withLockedValue { $0[id] = (found, .now) } }
        return found
    }

    func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, excess: AuditEvent
    ) async throws(AuthError) -> IssuedTimes? {
        try await store.create(session, policy: policy, event: event, excess: excess)
    }

    func end(_ id: SessionID, as cause: SessionEnd, event: AuditEvent) async throws(AuthError) {
        try await store.end(id, as: cause, event: event)
    }

    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        try await store.endAll(of: user, event: event)
    }
}
