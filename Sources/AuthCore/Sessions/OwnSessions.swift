/// The sessions of an account, as their owner lists and ends them.
public struct OwnSessions: Sendable {
    /// Some sessions of an account, and where the next page begins.
    public struct Page: Sendable {
        /// Newest first.
        public let sessions: [Session]
        /// `nil` on the last page.
        public let next: SessionCursor?
    }

    public static let pageSizes = 1...100

    private let store: any OwnSessionStore
    private let identifiers: IdentifierGenerator

    init(store: any OwnSessionStore, identifiers: IdentifierGenerator) {
        self.store = store
        self.identifiers = identifiers
    }

    /// Live sessions. One that opens or ends between two pages does not move the others.
    ///
    /// - Throws: ``AuthError/unavailable(cause:)``.
    public func page(for current: AuthenticatedSession, after cursor: SessionCursor?, size: Int) async throws(AuthError) -> Page {
        let found = try await store.live(of: current.user.id, olderThan: cursor?.last, limit: size + 1)
        let sessions = Array(found.prefix(size))
        return Page(sessions: sessions, next: found.count > size ? sessions.last.map { SessionCursor(last: $0.id) } : nil)
    }

    /// When this returns, the session's tokens are dead on every instance.
    ///
    /// - Throws: ``AuthError/notFound`` for a session of another account and for one that does not exist.
    public func end(_ id: SessionID, by current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        let event = identifiers.event(.tokenRevoked, of: current.user.id.routing, origin)
        guard id.routing == current.user.id.routing,
            try await store.end(id, of: current.user.id, from: current.session.id, event: event)
        else { throw .notFound }
    }

    /// When this returns, every other session of the account is dead on every instance, also those of logins that run meanwhile.
    ///
    /// - Throws: ``AuthError/invalidToken`` if this session was ended meanwhile: if two sessions end each other, one lives.
    public func endOthers(than current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        let event = identifiers.event(.otherTokensRevoked, of: current.user.id.routing, origin)
        let isAlive = try await store.endOthers(than: current.session.id, of: current.user.id, event: event)
        guard isAlive else { throw .invalidToken }
    }
}

extension AuditKind {
    public static let otherTokensRevoked = AuditKind("authn_tokens_revoked_others")
}
