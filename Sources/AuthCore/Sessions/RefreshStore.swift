/// A live session as a refresh needs it.
public struct RefreshableSession: Sendable {
    public let generation: TokenGeneration
    public let refreshDigest: Octets32
    public let salt: Octets32
    /// When ``generation`` began.
    public let rotatedAt: Timestamp
    /// Whether a token of ``generation`` was seen in use. The news may be a second late, and a crash may lose it.
    public let isSuccessorUsed: Bool
    /// The lifetimes of the pair of ``generation``.
    public let issued: IssuedSession

    public init(
        generation: TokenGeneration, refreshDigest: Octets32, salt: Octets32, rotatedAt: Timestamp, isSuccessorUsed: Bool,
        issued: IssuedSession
    ) {
        self.generation = generation
        self.refreshDigest = refreshDigest
        self.salt = salt
        self.rotatedAt = rotatedAt
        self.isSuccessorUsed = isSuccessorUsed
        self.issued = issued
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
    func findForRefresh(_ id: SessionID) async throws(AuthError) -> RefreshableSession?

    /// Rotates the session and writes the event. A refresh soon after one with an event from the same origin has none: the
    /// next event counts it (``SessionPolicy/renewalRecordInterval``), so that one session cannot fill the audit trail.
    ///
    /// - Returns: `nil` when the session is no longer live or the presented token no longer current.
    func rotate(_ rotation: Rotation, policy: SessionPolicy, event: AuditEvent) async throws(AuthError) -> IssuedSession?

    /// Records in the audit trail that the pair of this generation was handed out again. However often that happens, there is one event.
    func recordRetry(of id: SessionID, generation: TokenGeneration, event: AuditEvent) async throws(AuthError)
}
