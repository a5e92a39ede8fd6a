/// A live session as a refresh needs it.
public struct RefreshableSession: Sendable {
    public let generation: TokenGeneration
    public let refreshDigest: Octets32
    public let salt: Octets32
    /// When ``generation`` began.
    public let rotatedAt: Timestamp
    /// Whether a token of ``generation`` was seen in use. The news may be a second late, and a crash may lose it.
    public let isSuccessorUsed: Bool
    /// Of the pair of ``generation``.
    public let times: IssuedTimes

    public init(
        generation: TokenGeneration, refreshDigest: Octets32, salt: Octets32, rotatedAt: Timestamp, isSuccessorUsed: Bool,
        times: IssuedTimes
    ) {
        self.generation = generation
        self.refreshDigest = refreshDigest
        self.salt = salt
        self.rotatedAt = rotatedAt
        self.isSuccessorUsed = isSuccessorUsed
        self.times = times
    }
}

/// One generation giving way to the next. It happens only while the presented one is the current one.
public struct Rotation: Sendable {
    public let sessionID: SessionID
    public let presented: TokenGeneration
    public let presentedDigest: Octets32
    public let successor: TokenDigests

    public init(sessionID: SessionID, presented: TokenGeneration, presentedDigest: Octets32, successor: TokenDigests) {
        self.sessionID = sessionID
        self.presented = presented
        self.presentedDigest = presentedDigest
        self.successor = successor
    }
}

/// The token table as a refresh sees it.
public protocol RefreshStore: Sendable {
    /// The session if it may be refreshed: live, its account enabled, its epoch current.
    func refreshable(_ id: SessionID) async throws(AuthError) -> RefreshableSession?

    /// - Returns: `nil` when the session is no longer live or the presented token no longer current.
    func rotate(_ rotation: Rotation, policy: SessionPolicy, event: AuditEvent) async throws(AuthError) -> IssuedTimes?

    /// Writes to the audit trail that a pair was handed out again. The session stays as it is.
    func recordRetry(of id: SessionID, event: AuditEvent) async throws(AuthError)
}
