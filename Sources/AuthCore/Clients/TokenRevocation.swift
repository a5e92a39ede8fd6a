/// Ends the session of a token, when a service asks for it (RFC 7009).
public struct TokenRevocation: Sendable {
    private let sessions: any SessionStore
    private let refreshes: any RefreshStore
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator

    init(
        sessions: any SessionStore, refreshes: any RefreshStore, mint: TokenMint, identifiers: IdentifierGenerator
    ) {
        self.sessions = sessions
        self.refreshes = refreshes
        self.mint = mint
        self.identifiers = identifiers
    }

    /// When this returns, the token is dead on every instance, and its session with it. A token that is not valid is
    /// ignored (RFC 7009 §2.2).
    public func revoke(_ text: String, by client: ServiceClientID, origin: RequestOrigin) async throws(AuthError) {
        guard let id = try await session(of: text) else { return }
        try await sessions.end(id, as: .client(client), event: identifiers.event(.tokenRevoked, of: id.routing, origin))
    }

    private func session(of text: String) async throws(AuthError) -> SessionID? {
        if let token = AccessToken(text) { return try await isValid(token) ? token.sessionID : nil }
        if let token = RefreshToken(text) { return try await isValid(token) ? token.sessionID : nil }
        return nil
    }

    private func isValid(_ token: AccessToken) async throws(AuthError) -> Bool {
        guard let session = try await sessions.findLive(token.sessionID) else { return false }
        let digest = try mint.digest(of: token.secret)
        return [session.current, session.previous].contains { $0?.digest.equalsInConstantTime(digest) ?? false }
    }

    /// An exchanged token counts, too: its holder wants the session to end.
    private func isValid(_ token: RefreshToken) async throws(AuthError) -> Bool {
        guard let session = try await refreshes.findForRefresh(token.sessionID) else { return false }
        let (generation, digest, salt) = (session.generation, session.refreshDigest, session.salt)
        switch try mint.authenticity(of: token, current: generation, digest: digest, salt: salt) {
        case .recent: return true
        case .tagged, .formerlyTagged: return try mint.isAncestor(token, current: generation, digest: digest, salt: salt)
        case .foreign: return false
        }
    }
}
