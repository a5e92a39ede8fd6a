/// Lifetimes of sessions and tokens. PostgreSQL's clock judges them.
public struct SessionPolicy: Sendable {
    /// An access token is short-lived because it travels with every request.
    public var accessTokenLifetime: Duration
    /// A session that nobody refreshes for so long ends; a refresh moves this end.
    public var idleLifetime: Duration
    /// The end that nothing moves (NIST SP 800-63B §2.1.3: at most 30 days at AAL1).
    public var absoluteLifetime: Duration
    /// For so long after a rotation the tokens before it still work: the access token as such, the refresh token for the same
    /// successors. Requests in flight and parallel refreshes need it.
    public var refreshGrace: Duration
    /// For so long after a rotation the refresh token before it yields the same successors while none of them was used: their
    /// response was lost. Beyond it, a thief could ride along unseen.
    public var refreshRetryWindow: Duration
    /// Live sessions of one account.
    public var sessionsPerUser: Int

    public init(
        accessTokenLifetime: Duration = .seconds(3600),
        idleLifetime: Duration = .seconds(14 * 86_400),
        absoluteLifetime: Duration = .seconds(30 * 86_400),
        refreshGrace: Duration = .seconds(10),
        refreshRetryWindow: Duration = .seconds(600),
        sessionsPerUser: Int = 50
    ) {
        self.accessTokenLifetime = accessTokenLifetime
        self.idleLifetime = idleLifetime
        self.absoluteLifetime = absoluteLifetime
        self.refreshGrace = refreshGrace
        self.refreshRetryWindow = refreshRetryWindow
        self.sessionsPerUser = sessionsPerUser
    }
}
