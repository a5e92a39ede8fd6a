/// Ends sessions at a service's word, by any token of theirs (RFC 7009).
public struct TokenRevocation: Sendable {
    private let sessions: any SessionStore
    private let refreshes: any RefreshStore
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator

    public init(
        sessions: any SessionStore, refreshes: any RefreshStore, mint: TokenMint, identifiers: IdentifierGenerator
    ) {
        self.sessions = sessions
        self.refreshes = refreshes
        self.mint = mint
        self.identifiers = identifiers
    }

    /// When this returns, the token is dead on every instance, and its session with it. One that was not good for anything is
    /// left at that (RFC 7009 §2.2).
    public func revoke(_ text: String, by client: ClientID, origin: RequestOrigin) async throws(AuthError) {
        guard let id = try await session(of: text) else { return }
        let event = AuditEvent(id: identifiers.event(routing: id.routing), kind: .tokenRevoked, origin: origin)
        try await sessions.end(id, as: .client(client), event: event)
    }

    private func session(of text: String) async throws(AuthError) -> SessionID? {
        if let token = AccessToken(text) { return try await isOurs(token) ? token.sessionID : nil }
        if let token = RefreshToken(text) { return try await isOurs(token) ? token.sessionID : nil }
        return nil
    }

    private func isOurs(_ token: AccessToken) async throws(AuthError) -> Bool {
        guard let session = try await sessions.guarded(token.sessionID) else { return false }
        let digest = mint.digest(of: token.secret)
        return [session.current, session.previous].contains { $0?.digest.equalsInConstantTime(digest) ?? false }
    }

    /// One that was exchanged counts: whoever holds it wants the session to end.
    private func isOurs(_ token: RefreshToken) async throws(AuthError) -> Bool {
        guard let session = try await refreshes.refreshable(token.sessionID) else { return false }
        return mint.isAuthentic(token, current: session.generation, digest: session.refreshDigest, salt: session.salt)
    }
}
