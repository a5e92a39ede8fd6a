/// The moments that an issued pair of tokens is good until, and the clock that they were judged by.
public struct IssuedTimes: Sendable, Hashable {
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
