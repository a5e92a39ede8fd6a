/// A fresh pair of tokens and how long it is good for. The only value that plaintext tokens travel in.
public struct IssuedTokens: Sendable {
    public let pair: TokenPair
    public let times: IssuedTimes

    public var sessionID: SessionID { pair.access.sessionID }
    public var user: User { times.user }
    /// Seconds until the access token ends; 0 where a retry comes after its end.
    public var accessExpiresIn: Int64 { max(0, times.accessExpiresAt.seconds(since: times.now)) }
    /// Seconds until the session ends unless it is refreshed.
    public var refreshExpiresIn: Int64 { times.refreshExpiresAt.seconds(since: times.now) }

    init(pair: TokenPair, times: IssuedTimes) {
        self.pair = pair
        self.times = times
    }
}
