/// A session about to be opened.
public struct NewSession: Sendable {
    public let id: SessionID
    public let userID: UserID
    public let epoch: Int32
    public let name: String?
    public let salt: Octets32
    public let digests: TokenDigests
    /// A hash with today's parameters, where the stored one is weaker.
    public let rehashed: Rehash?

    public struct Rehash: Sendable {
        public let old: PasswordHash
        public let new: PasswordHash

        public init(old: PasswordHash, new: PasswordHash) {
            self.old = old
            self.new = new
        }
    }

    public init(
        id: SessionID, userID: UserID, epoch: Int32, name: String?, salt: Octets32, digests: TokenDigests, rehashed: Rehash?
    ) {
        self.id = id
        self.userID = userID
        self.epoch = epoch
        self.name = name
        self.salt = salt
        self.digests = digests
        self.rehashed = rehashed
    }
}

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

/// A session as the guard needs it: what it proves, and the digest that its access token must match.
public struct GuardedSession: Sendable {
    public let authenticated: AuthenticatedSession
    public let generation: TokenGeneration
    public let accessDigest: Octets32

    public init(authenticated: AuthenticatedSession, generation: TokenGeneration, accessDigest: Octets32) {
        self.authenticated = authenticated
        self.generation = generation
        self.accessDigest = accessDigest
    }
}

/// A session as a refresh needs it.
public struct RefreshableSession: Sendable {
    public let generation: TokenGeneration
    public let refreshDigest: Octets32
    public let salt: Octets32

    public init(generation: TokenGeneration, refreshDigest: Octets32, salt: Octets32) {
        self.generation = generation
        self.refreshDigest = refreshDigest
        self.salt = salt
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

/// The token table: one row per session. Every change is one statement, its audit row included.
public protocol SessionStore: Sendable {
    /// Opens a session. One whose epoch has passed meanwhile is born ended.
    ///
    /// - Returns: `nil` when the account is gone or disabled.
    func create(_ session: NewSession, policy: SessionPolicy, event: AuditEvent) async throws(AuthError) -> IssuedTimes?

    /// The session if it is live with a live access token: not revoked, not idle or old, its account enabled, its epoch current.
    func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession?

    /// The session if it may be refreshed: live, its account enabled, its epoch current.
    func refreshable(_ id: SessionID) async throws(AuthError) -> RefreshableSession?

    /// - Returns: `nil` when the session is no longer live or the presented token no longer current.
    func rotate(_ rotation: Rotation, policy: SessionPolicy, event: AuditEvent) async throws(AuthError) -> IssuedTimes?

    /// Writes to the audit trail that a refresh token was presented again.
    func recordReuse(of id: SessionID, event: AuditEvent) async throws(AuthError)

    /// Ends the session. Ending it again changes nothing.
    func end(_ id: SessionID, event: AuditEvent) async throws(AuthError)

    /// Ends every session of the account, those being opened at this moment included.
    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError)
}
