/// Ends the sessions of an account for its owner.
public struct SignOut: Sendable {
    private let sessions: any SessionStore
    private let identifiers: IdentifierGenerator

    init(sessions: any SessionStore, identifiers: IdentifierGenerator) {
        self.sessions = sessions
        self.identifiers = identifiers
    }

    /// When this returns, the session's tokens are dead on every instance.
    public func signOut(_ current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        let event = identifiers.event(.tokenRevoked, of: current.user.id.routing, origin)
        try await sessions.end(current.session.id, as: .logout, event: event)
    }

    /// When this returns, all tokens of the account are dead on every instance, also those of logins that run meanwhile.
    public func signOutEverywhere(_ current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        let event = identifiers.event(.allTokensRevoked, of: current.user.id.routing, origin)
        try await sessions.endAll(of: current.user.id, event: event)
    }
}

extension AuditKind {
    /// One session was ended.
    public static let tokenRevoked = AuditKind("authn_token_revoked")
    /// All sessions of an account were ended.
    public static let allTokensRevoked = AuditKind("authn_tokens_revoked_all")
}
