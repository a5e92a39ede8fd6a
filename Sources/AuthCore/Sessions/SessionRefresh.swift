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
    private let notices: MailNotices
    private let limits: AttemptLimits

    init(
        refreshes: any RefreshStore, sessions: any SessionStore, mint: TokenMint, identifiers: IdentifierGenerator,
        policy: SessionPolicy, notices: MailNotices, limits: AttemptLimits
    ) {
        self.notices = notices
        self.refreshes = refreshes
        self.sessions = sessions
        self.mint = mint
        self.identifiers = identifiers
        self.policy = policy
        self.limits = limits
    }

    /// - Throws: ``AuthError/refreshTokenReused`` for a token of this session that is over: the session is ended by then, and
    ///   audited. ``AuthError/invalidToken`` for any other, or ``AuthError/tooManyAttempts(retryAfter:)`` if there were too many of
    ///   these; ``AuthError/unavailable(cause:)``.
    public func refresh(_ text: String, origin: RequestOrigin) async throws(AuthError) -> IssuedTokens {
        guard let tokens = try await exchange(text, origin) else {
            // Counted afterwards: 256 bits cannot be guessed, and the owner of a good token must not suffer from bad ones of the network.
            try await limits.count(.refresh, origin)
            throw .invalidToken
        }
        return tokens
    }

    /// - Returns: `nil` for a bad token, which is not counted yet.
    private func exchange(_ text: String, _ origin: RequestOrigin) async throws(AuthError) -> IssuedTokens? {
        guard let token = RefreshToken(text), token.generation.next != nil else { return nil }
        // Another request may rotate the session after it was read and before it is changed here. Then it is read again.
        for _ in 0..<3 {
            guard let session = try await refreshes.findForRefresh(token.sessionID) else { return nil }
            switch try verdict(on: token, in: session) {
            case .foreign: return nil
            case .reused: try await end(token, origin)
            case .old(let isCountedFirst):
                if isCountedFirst { try await limits.count(.refresh, origin) }
                if try isAncestor(token, of: session) { try await end(token, origin) }
                if isCountedFirst { throw .invalidToken }
                return nil
            case .current:
                if let tokens = try await rotate(token, session, origin) { return tokens }
            case .retry(let isLate): return try await repeated(token, session, isLate: isLate, origin)
            }
        }
        throw .unavailable(cause: "the session changed again and again while it was refreshed")
    }

    /// The derivation of an ``old`` token is not proven yet. It is counted first where other secrets may stand before the same tag.
    private enum Verdict { case current, retry(isLate: Bool), reused, old(isCountedFirst: Bool), foreign }

    private func verdict(on token: RefreshToken, in session: RefreshableSession) throws(AuthError) -> Verdict {
        switch try mint.authenticity(of: token, current: session.generation, digest: session.refreshDigest, salt: session.salt) {
        case .foreign: return .foreign
        case .tagged: return .old(isCountedFirst: false)
        case .formerlyTagged: return .old(isCountedFirst: true)
        case .recent where token.generation == session.generation: return .current
        case .recent:
            let sinceRotation = session.issued.now - session.rotatedAt
            if sinceRotation < policy.refreshGrace { return .retry(isLate: false) }
            return sinceRotation < policy.refreshRetryWindow && !session.isSuccessorUsed ? .retry(isLate: true) : .reused
        }
    }

    /// - Returns: `nil` if the session changed meanwhile.
    private func rotate(_ token: RefreshToken, _ session: RefreshableSession, _ origin: RequestOrigin) async throws(AuthError)
        -> IssuedTokens?
    {
        guard let pair = try mint.successor(of: token, salt: session.salt) else { return nil }
        let rotation = Rotation(
            sessionID: token.sessionID, presented: token.generation,
            presentedDigest: session.refreshDigest, successor: try mint.digests(of: pair))
        let event = identifiers.event(.sessionRenewed, of: token.sessionID.routing, origin)
        let issued = try await refreshes.rotate(rotation, policy: policy, event: event)
        return issued.map { IssuedTokens(pair: pair, session: $0) }
    }

    /// The pair that the first presenter of the token got.
    private func repeated(
        _ token: RefreshToken, _ session: RefreshableSession, isLate: Bool, _ origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens? {
        guard let pair = try mint.successor(of: token, salt: session.salt) else { return nil }
        if isLate {
            let event = identifiers.event(.renewalRetried, of: token.sessionID.routing, origin)
            try await refreshes.recordRetry(of: token.sessionID, generation: session.generation, event: event)
        }
        return IssuedTokens(pair: pair, session: session.issued)
    }

    private func isAncestor(_ token: RefreshToken, of session: RefreshableSession) throws(AuthError) -> Bool {
        try mint.isAncestor(token, current: session.generation, digest: session.refreshDigest, salt: session.salt)
    }

    /// Ends the session of a token that was issued for it and is over. It is not counted: strangers who use up the network's allowance
    /// must not keep a thief's session alive.
    private func end(_ token: RefreshToken, _ origin: RequestOrigin) async throws(AuthError) -> Never {
        let event = identifiers.event(.tokenReused, of: token.sessionID.routing, origin)
        let notice = notices.notice(.tokenReused, routing: token.sessionID.routing)
        try await sessions.end(token.sessionID, as: .reuse, notice: notice, event: event)
        throw .refreshTokenReused
    }
}

extension AuditKind {
    public static let sessionRenewed = AuditKind("session_renewed")
    /// The response to a refresh was lost, and its pair was handed out again.
    public static let renewalRetried = AuditKind("session_renewal_retried")
    public static let tokenReused = AuditKind("authn_token_reuse")
}
