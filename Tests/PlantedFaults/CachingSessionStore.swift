import AuthCore
import NIOConcurrencyHelpers

/// Believes for a second what the database said.
struct CachingSessionStore: SessionStore {
    private let store: any SessionStore
    private let cached = NIOLockedValueBox<[SessionID: (session: LiveSession, at: ContinuousClock.Instant)]>([:])

    init(_ store: any SessionStore) { self.store = store }

    func findLive(_ id: SessionID) async throws(AuthError) -> LiveSession? {
        if let known = cached.withLockedValue({ $0[id] }), .now - known.at < .seconds(1) { return known.session }
        let found = try await store.findLive(id)
        if let found { cached.withLockedValue { $0[id] = (found, .now) } }
        return found
    }

    func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, surplusEvent: AuditEvent
    ) async throws(AuthError) -> IssuedSession? {
        try await store.create(session, policy: policy, event: event, surplusEvent: surplusEvent)
    }

    func end(_ id: SessionID, as cause: SessionEnd, notice: NewMail?, event: AuditEvent) async throws(AuthError) {
        try await store.end(id, as: cause, notice: notice, event: event)
    }

    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        try await store.endAll(of: user, event: event)
    }
}
