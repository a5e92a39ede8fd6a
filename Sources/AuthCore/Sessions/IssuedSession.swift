/// The session of an issued pair of tokens: whose it is, when the tokens expire, and the time of the database then.
public struct IssuedSession: Sendable, Hashable {
    public let user: User
    public let now: Timestamp
    public let accessExpiresAt: Timestamp
    public let refreshExpiresAt: Timestamp

    public init(user: User, now: Timestamp, accessExpiresAt: Timestamp, refreshExpiresAt: Timestamp) {
        self.user = user
        self.now = now
        self.accessExpiresAt = accessExpiresAt
        self.refreshExpiresAt = refreshExpiresAt
    }
}
