/// What a valid access token proves: who is asking, through which session.
public struct AuthenticatedSession: Hashable, Sendable {
    public let user: User
    public let session: Session
    public let accessToken: AccessTokenTimes

    public init(user: User, session: Session, accessToken: AccessTokenTimes) {
        self.user = user
        self.session = session
        self.accessToken = accessToken
    }
}

/// The life of one access token.
public struct AccessTokenTimes: Hashable, Sendable {
    /// Unknown of a token that lives on in its grace only.
    public let issuedAt: Timestamp?
    public let expiresAt: Timestamp

    public init(issuedAt: Timestamp?, expiresAt: Timestamp) {
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}
