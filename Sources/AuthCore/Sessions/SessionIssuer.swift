/// Opens sessions for people who have proved who they are. Every way to sign in ends here.
struct SessionIssuer: Sendable {
    private let sessions: any SessionStore
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator
    private let notices: MailNotices
    private let policy: SessionPolicy

    init(sessions: any SessionStore, mint: TokenMint, identifiers: IdentifierGenerator, notices: MailNotices, policy: SessionPolicy) {
        self.notices = notices
        self.sessions = sessions
        self.mint = mint
        self.identifiers = identifiers
        self.policy = policy
    }

    /// - Parameter attempt: the login that is no failure: the transaction that opens the session clears it.
    /// - Returns: `nil` if the account is gone or disabled.
    func open(
        _ account: Credentials, _ proof: AuthenticationProof, clearing attempt: LoginAttempt?, name: DeviceName?, _ origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens? {
        let id = identifiers.session(of: account.userID)
        let salt = Octets32.random()
        let pair = try mint.first(for: id, salt: salt)
        var session = NewSession(
            id: id, account: account, proof: proof, attempt: attempt, name: name, salt: salt, digests: try mint.digests(of: pair))
        session.notice = notices.notice(.newSignIn, of: account.userID)
        let issued = try await sessions.create(
            session, policy: policy, event: identifiers.event(.loginSucceeded, of: id.routing, origin),
            surplusEvent: identifiers.event(.sessionLimitReached, of: id.routing, origin))
        return issued.map { IssuedTokens(pair: pair, session: $0) }
    }
}

extension AuditKind {
    public static let loginSucceeded = AuditKind("authn_login_success")
    /// Sessions beyond the number that an account may have were ended.
    public static let sessionLimitReached = AuditKind("session_limit_reached")
}
