/// One sign-in on one device, as its owner sees it.
public struct Session: Hashable, Sendable {
    public let id: SessionID
    /// The name that the device gave itself at login.
    public let name: String?
    public let createdAt: Timestamp
    public let lastSeenAt: Timestamp
    /// The absolute end, fixed at login.
    public let expiresAt: Timestamp
    /// The end unless a refresh moves it.
    public let idleExpiresAt: Timestamp
    public let ip: String?
    public let userAgent: String?

    public init(
        id: SessionID, name: String?, createdAt: Timestamp, lastSeenAt: Timestamp,
        expiresAt: Timestamp, idleExpiresAt: Timestamp, ip: String?, userAgent: String?
    ) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.lastSeenAt = lastSeenAt
        self.expiresAt = expiresAt
        self.idleExpiresAt = idleExpiresAt
        self.ip = ip
        self.userAgent = userAgent
    }
}
