/// Exchanges the current refresh token of a session for its successors.
public struct SessionRefresh: Sendable {
    private let sessions: any SessionStore
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator
    private let policy: SessionPolicy

    public init(sessions: any SessionStore, mint: TokenMint, identifiers: IdentifierGenerator, policy: SessionPolicy) {
        self.sessions = sessions
        self.mint = mint
        self.identifiers = identifiers
        self.policy = policy
    }

    /// - Throws: ``AuthError/refreshTokenReused`` for a token of this session that was used before (audited),
    ///   ``AuthError/invalidToken`` for any other that is not current, ``AuthError/unavailable(cause:)``.
    public func refresh(_ text: String, origin: RequestOrigin) async throws(AuthError) -> IssuedTokens {
        guard let token = RefreshToken(text) else { throw .invalidToken }
        guard let session = try await sessions.refreshable(token.sessionID) else { throw .invalidToken }
        switch verdict(on: token, in: session) {
        case .current: return try await rotate(token, session, origin)
        case .superseded: try await refuseReuse(of: token, origin)
        case .foreign: throw .invalidToken
        }
    }

    private enum Verdict { case current, superseded, foreign }

    private func verdict(on token: RefreshToken, in session: RefreshableSession) -> Verdict {
        guard mint.isAuthentic(token, salt: session.salt) else { return .foreign }
        if token.generation < session.generation { return .superseded }
        let isCurrent =
            token.generation == session.generation
            && mint.digest(of: token.secret).equalsInConstantTime(session.refreshDigest)
        return isCurrent ? .current : .foreign
    }

    private func rotate(
        _ token: RefreshToken, _ session: RefreshableSession, _ origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens {
        guard let pair = mint.successor(of: token, salt: session.salt) else { throw .invalidToken }
        let rotation = Rotation(
            sessionID: token.sessionID, presented: token.generation,
            presentedDigest: session.refreshDigest, successor: mint.digests(of: pair))
        guard let times = try await sessions.rotate(rotation, policy: policy, event: event(.sessionRenewed, token, origin)) else {
            // Somebody else was faster with the same token, or the session ended in between: the row tells which.
            guard try await sessions.refreshable(token.sessionID) != nil else { throw .invalidToken }
            try await refuseReuse(of: token, origin)
        }
        return IssuedTokens(pair: pair, times: times)
    }

    private func refuseReuse(of token: RefreshToken, _ origin: RequestOrigin) async throws(AuthError) -> Never {
        try await sessions.recordReuse(of: token.sessionID, event: event(.tokenReused, token, origin))
        throw .refreshTokenReused
    }

    private func event(_ kind: AuditEvent.Kind, _ token: RefreshToken, _ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: identifiers.event(routing: token.sessionID.routing), kind: kind, origin: origin)
    }
}
