/// Answers who is asking: one look-up in the database for every request, nothing believed from before.
public struct SessionAuthentication: Sendable {
    private let sessions: any SessionStore
    private let mint: TokenMint

    public init(sessions: any SessionStore, mint: TokenMint) {
        self.sessions = sessions
        self.mint = mint
    }

    /// - Parameter text: the token string as it came. A malformed one never reaches the database.
    /// - Throws: ``AuthError/invalidToken``, ``AuthError/unavailable(cause:)``.
    public func authenticate(_ text: String) async throws(AuthError) -> AuthenticatedSession {
        guard let token = AccessToken(text) else { throw .invalidToken }
        guard let session = try await sessions.guarded(token.sessionID), isCurrent(token, in: session) else { throw .invalidToken }
        return session.authenticated
    }

    private func isCurrent(_ token: AccessToken, in session: GuardedSession) -> Bool {
        token.generation == session.generation && mint.digest(of: token.secret).equalsInConstantTime(session.accessDigest)
    }
}
