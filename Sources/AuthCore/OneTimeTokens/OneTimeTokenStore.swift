/// A one-time token as a request presents it, with what the database compares.
public struct PresentedOneTimeToken: Sendable {
    public let id: OneTimeTokenID
    /// SHA-256 of its secret.
    public let digest: Octets32
    public let purpose: OneTimeTokenPurpose

    /// What the row of the token has.
    public init(id: OneTimeTokenID, digest: Octets32, purpose: OneTimeTokenPurpose) {
        self.id = id
        self.digest = digest
        self.purpose = purpose
    }
}

/// What a live token is about.
public struct OneTimeTokenSubject: Sendable {
    /// `nil` if there is no account yet.
    public let userID: UserID?
    /// As its owner wrote it.
    public let email: String

    /// What the row of the token has.
    public init(userID: UserID?, email: String) {
        self.userID = userID
        self.email = email
    }
}

/// A token about to be made for a mail.
public struct NewOneTimeToken: Sendable {
    public let id: OneTimeTokenID
    public let purpose: OneTimeTokenPurpose
    public let digest: Octets32
    public let lifetime: Duration
    /// The hash of the code; `nil` if the mail has no code.
    public let codeHash: PasswordHash?
    public let codeLifetime: Duration

    /// What the row of the token has.
    public init(
        id: OneTimeTokenID, purpose: OneTimeTokenPurpose, digest: Octets32, lifetime: Duration, codeHash: PasswordHash?,
        codeLifetime: Duration
    ) {
        self.id = id
        self.purpose = purpose
        self.digest = digest
        self.lifetime = lifetime
        self.codeHash = codeHash
        self.codeLifetime = codeLifetime
    }
}

/// A token whose code is being tried.
public struct CodeAttempt: Sendable {
    public let token: PresentedOneTimeToken
    public let codeHash: PasswordHash

    /// What the row of the token has.
    public init(token: PresentedOneTimeToken, codeHash: PasswordHash) {
        self.token = token
        self.codeHash = codeHash
    }
}

/// One-time tokens. A token is redeemed by the transaction that does what it permits, so no function here redeems one.
public protocol OneTimeTokenStore: Sendable {
    /// - Returns: `nil` if the token is unknown, used, superseded or expired, or has another purpose.
    func find(_ token: PresentedOneTimeToken) async throws(AuthError) -> OneTimeTokenSubject?

    /// Counts a try of the newest code of the account before it is evaluated.
    ///
    /// - Parameter purposes: the token has one of these.
    /// - Returns: `nil` if the account has no live code, or if all its tries are spent. Then the code must not be evaluated.
    func countCodeTry(of user: UserID, _ purposes: [OneTimeTokenPurpose]) async throws(AuthError) -> CodeAttempt?
}
