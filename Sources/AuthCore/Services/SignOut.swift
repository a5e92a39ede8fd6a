/// Ends sessions at their owner's word.
public struct SignOut: Sendable {
    private let sessions: any SessionStore
    private let identifiers: IdentifierGenerator

    public init(sessions: any SessionStore, identifiers: IdentifierGenerator) {
        self.sessions = sessions
        self.identifiers = identifiers
    }

    /// When this returns, the session's tokens are dead on every instance.
    public func signOut(_ current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        try await sessions.end(current.session.id, as: .logout, event: event(.tokenRevoked, current, origin))
    }

    /// When this returns, all tokens of the account are dead on every instance, those of logins running meanwhile included.
    public func signOutEverywhere(_ current: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        try await sessions.endAll(of: current.user.id, event: event(.allTokensRevoked, current, origin))
    }

    private func event(_ kind: AuditEvent.Kind, _ current: AuthenticatedSession, _ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: identifiers.event(routing: current.user.id.routing), kind: kind, origin: origin)
    }
}
