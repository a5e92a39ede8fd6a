/// What the owner of an account sees of its sessions, and how he ends one or all others.
public struct OwnSessions: Sendable {
    public struct Page: Sendable {
        /// Newest first.
        public let sessions: [Session]
        /// `nil` on the last page.
        public let next: SessionCursor?
    }

    public static let pageSizes = 1...100

    private let store: any OwnSessionStore
    private let identifiers: IdentifierGenerator

    public init(store: any OwnSessionStore, identifiers: IdentifierGenerator) {
        self.store = store
        self.identifiers = identifiers
    }

    /// Live sessions. Those that are opened or ended between two pages move none of the others.
    ///
    /// - Throws: ``AuthError/unavailable(cause:)``.
    public func page(for current: AuthenticatedSession, after cursor: SessionCursor?, size: Int) async throws(AuthError) -> Page {
        let found = try await store.live(of: current.user.id, olderThan: cursor?.last, limit: size + 1)
        let sessions = Array(found.prefix(size))
        return Page(sessions: sessions, next: found.count > size ? sessions.last.map { SessionCursor(last: $0.id) } : nil)
    }

    /// When this returns, the session's tokens are dead on every instance.
    ///
    /// - Throws: ``AuthError/notFound`` for a session of somebody else's as for one that never was.
    public func end(_ id: SessionID, by current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        let event = event(.tokenRevoked, current, origin)
        guard id.routing == current.user.id.routing,
            try await store.end(id, of: current.user.id, from: current.session.id, event: event)
        else { throw .notFound }
    }

    /// When this returns, every other session of the account is dead on every instance, those of logins running meanwhile included.
    ///
    /// - Throws: ``AuthError/invalidToken`` where this session was ended meanwhile: of two that end each other one lives.
    public func endOthers(than current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        let isAlive = try await store.endOthers(
            than: current.session.id, of: current.user.id, event: event(.otherTokensRevoked, current, origin))
        guard isAlive else { throw .invalidToken }
    }

    private func event(_ kind: AuditEvent.Kind, _ current: AuthenticatedSession, _ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: identifiers.event(routing: current.user.id.routing), kind: kind, origin: origin)
    }
}
