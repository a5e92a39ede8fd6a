/// Lifetimes of sessions and tokens. PostgreSQL's clock judges them.
public struct SessionPolicy: Sendable {
    /// An access token is short-lived because it travels with every request.
    public var accessTokenLifetime: Duration
    /// A session that is not refreshed for this long ends; a refresh moves this end.
    public var idleLifetime: Duration
    /// A session ends this long after the login; nothing moves this end (NIST SP 800-63B §2.1.3: at most 30 days at AAL1).
    public var absoluteLifetime: Duration
    /// How long after a rotation the tokens before it still work: the access token as such, the refresh token for the same
    /// successors. Requests in flight and parallel refreshes need it.
    public var refreshGrace: Duration
    /// How long after a rotation the refresh token before it yields the same successors while none of them was used: their
    /// response was lost. After that a thief could use the session unseen.
    public var refreshRetryWindow: Duration
    /// A refresh sooner than this after one that has a row in the audit trail has no row if its address and user agent are those of the
    /// last row: the next row counts it.
    public var renewalRecordInterval: Duration = .seconds(10)
    /// Rows that one session may have within ``renewalRecordInterval`` because its address or user agent changes. So a thief's refresh
    /// has a row, and a client that changes its user agent with each refresh cannot fill the trail.
    public static let renewalRowsPerInterval = 4
    /// Live sessions of one account.
    public var sessionsPerUser: Int
    /// How long a login permits what a stolen token must not do.
    public var recentAuthentication: Duration = .seconds(600)

    public init(
        accessTokenLifetime: Duration, idleLifetime: Duration, absoluteLifetime: Duration, refreshGrace: Duration,
        refreshRetryWindow: Duration, sessionsPerUser: Int
    ) {
        self.accessTokenLifetime = accessTokenLifetime
        self.idleLifetime = idleLifetime
        self.absoluteLifetime = absoluteLifetime
        self.refreshGrace = refreshGrace
        self.refreshRetryWindow = refreshRetryWindow
        self.sessionsPerUser = sessionsPerUser
    }
}
