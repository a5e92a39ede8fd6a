/// What a valid access token proves: the account and the session of the request.
public struct AuthenticatedSession: Hashable, Sendable {
    public let user: User
    public let session: Session
    public let accessToken: AccessTokenTimes

    public init(user: User, session: Session, accessToken: AccessTokenTimes) {
        self.user = user
        self.session = session
        self.accessToken = accessToken
    }

    /// How the owner proved who they are when the session opened. A password is the only way yet, so the database does not keep it.
    public var methods: [AuthenticationMethod] { AuthenticationProof.password().methods }
}

/// The life of one access token.
public struct AccessTokenTimes: Hashable, Sendable {
    /// `nil` for a token that works only in its grace period.
    public let issuedAt: Timestamp?
    public let expiresAt: Timestamp

    public init(issuedAt: Timestamp?, expiresAt: Timestamp) {
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}
