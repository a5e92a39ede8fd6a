/// A fresh pair of tokens and its lifetime. Plaintext tokens travel only in this value.
public struct IssuedTokens: Sendable {
    public let pair: TokenPair
    public let session: IssuedSession

    public var sessionID: SessionID { pair.access.sessionID }
    public var user: User { session.user }
    /// Seconds until the access token expires; 0 if it has expired, which a retry may find.
    public var accessExpiresIn: Int64 { max(0, session.accessExpiresAt.seconds(since: session.now)) }
    /// Seconds until the session ends unless it is refreshed.
    public var refreshExpiresIn: Int64 { max(0, session.refreshExpiresAt.seconds(since: session.now)) }

    init(pair: TokenPair, session: IssuedSession) {
        self.pair = pair
        self.session = session
    }
}
