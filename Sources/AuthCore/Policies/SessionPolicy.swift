/// Lifetimes of sessions and tokens. PostgreSQL's clock judges them.
public struct SessionPolicy: Sendable {
    /// An access token is short-lived because it travels with every request.
    public var accessTokenLifetime: Duration
    /// A session that nobody refreshes for so long ends; a refresh moves this end.
    public var idleLifetime: Duration
    /// The end that nothing moves (NIST SP 800-63B §2.1.3: at most 30 days at AAL1).
    public var absoluteLifetime: Duration

    public init(
        accessTokenLifetime: Duration = .seconds(3600),
        idleLifetime: Duration = .seconds(14 * 86_400),
        absoluteLifetime: Duration = .seconds(30 * 86_400)
    ) {
        self.accessTokenLifetime = accessTokenLifetime
        self.idleLifetime = idleLifetime
        self.absoluteLifetime = absoluteLifetime
    }
}
