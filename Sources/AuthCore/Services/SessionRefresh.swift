/// Exchanges a refresh token for its successors.
///
/// Converging: every presenter of one token gets the same pair, on any instance. Bounded: a token that was exchanged is good
/// for a retry only, and not for long. Theft-detecting: presented otherwise, it ends its session.
public struct SessionRefresh: Sendable {
    private let refreshes: any RefreshStore
    private let sessions: any SessionStore
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator
    private let policy: SessionPolicy
    private let limits: AttemptLimits

    public init(
        refreshes: any RefreshStore, sessions: any SessionStore, mint: TokenMint, identifiers: IdentifierGenerator,
        policy: SessionPolicy, limits: AttemptLimits
    ) {
        self.refreshes = refreshes
        self.sessions = sessions
        self.mint = mint
        self.identifiers = identifiers
        self.policy = policy
        self.limits = limits
    }

    /// - Throws: ``AuthError/refreshTokenReused`` for a token of this session that is over: the session is ended by then, and
    ///   audited. ``AuthError/invalidToken`` for any other, or ``AuthError/tooManyAttempts(retryAfter:)`` where there were too many of
    ///   these; ``AuthError/unavailable(cause:)``.
    public func refresh(_ text: String, origin: RequestOrigin) async throws(AuthError) -> IssuedTokens {
        do {
            return try await exchange(text, origin)
        } catch .invalidToken {
            // Counted after, not before: nobody guesses 256 bits, and who has a token is not to suffer from his neighbour's.
            try await limits.count(.refresh, origin)
            throw .invalidToken
        }
    }

    private func exchange(_ text: String, _ origin: RequestOrigin) async throws(AuthError) -> IssuedTokens {
        guard let token = RefreshToken(text) else { throw .invalidToken }
        // Between our look and our change somebody else may rotate the session. Then its row has something else to tell.
        for _ in 0..<3 {
            if let tokens = try await attempt(token, origin) { return tokens }
        }
        throw .unavailable(cause: "the session changed again and again while it was refreshed")
    }

    /// - Returns: `nil` where the session changed meanwhile.
    private func attempt(_ token: RefreshToken, _ origin: RequestOrigin) async throws(AuthError) -> IssuedTokens? {
        guard let session = try await refreshes.refreshable(token.sessionID) else { throw .invalidToken }
        let verdict = verdict(on: token, in: session)
        guard verdict != .foreign, let pair = mint.successor(of: token, salt: session.salt) else { throw .invalidToken }
        switch verdict {
        case .current:
            let rotation = Rotation(
                sessionID: token.sessionID, presented: token.generation,
                presentedDigest: session.refreshDigest, successor: mint.digests(of: pair))
            let times = try await refreshes.rotate(rotation, policy: policy, event: event(.sessionRenewed, token, origin))
            return times.map { IssuedTokens(pair: pair, times: $0) }
        case .lateRetry:
            try await refreshes.recordRetry(of: token.sessionID, event: event(.renewalRetried, token, origin))
            return IssuedTokens(pair: pair, times: session.times)
        case .retry:
            return IssuedTokens(pair: pair, times: session.times)
        case .reused:
            try await sessions.end(token.sessionID, as: .reuse, event: event(.tokenReused, token, origin))
            throw .refreshTokenReused
        case .foreign:
            throw .invalidToken
        }
    }

    private enum Verdict { case current, retry, lateRetry, reused, foreign }

    private func verdict(on token: RefreshToken, in session: RefreshableSession) -> Verdict {
        let isAuthentic = mint.isAuthentic(
            token, current: session.generation, digest: session.refreshDigest, salt: session.salt)
        guard isAuthentic else { return .foreign }
        let sinceRotation = session.times.now - session.rotatedAt
        switch session.generation.value - token.generation.value {
        case 0: return .current
        case 1 where sinceRotation < policy.refreshGrace: return .retry
        case 1 where sinceRotation < policy.refreshRetryWindow && !session.isSuccessorUsed: return .lateRetry
        default: return .reused
        }
    }

    private func event(_ kind: AuditEvent.Kind, _ token: RefreshToken, _ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: identifiers.event(routing: token.sessionID.routing), kind: kind, origin: origin)
    }
}
