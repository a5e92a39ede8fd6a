/// An account about to be made.
public struct NewAccount: Sendable {
    public let id: UserID
    public let email: EmailAddress
    public let passwordHash: PasswordHash

    public init(id: UserID, email: EmailAddress, passwordHash: PasswordHash) {
        self.id = id
        self.email = email
        self.passwordHash = passwordHash
    }
}

/// The part of an account that a login needs.
public struct Credentials: Sendable {
    public let userID: UserID
    public let passwordHash: PasswordHash
    public let isDisabled: Bool
    /// Raised by everything that ends all sessions. A session belongs to the epoch in which its password was read.
    public let sessionEpoch: Int32

    public init(userID: UserID, passwordHash: PasswordHash, isDisabled: Bool, sessionEpoch: Int32) {
        self.userID = userID
        self.passwordHash = passwordHash
        self.isDisabled = isDisabled
        self.sessionEpoch = sessionEpoch
    }
}

/// Accounts and their addresses.
public protocol AccountStore: Sendable {
    /// Makes the account and writes the event in one transaction. Earlier failed logins at its address are forgotten.
    ///
    /// - Parameter ip: the client's IP address, whose network the account knows from then on.
    /// - Returns: the account; `nil` if the canonical address is taken, which is audited too.
    /// - Throws: ``AuthError/unavailable(cause:)``; the account may exist then, and a retry says so.
    func create(_ account: NewAccount, ip: String?, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> User?

    /// The credentials of the account with this address. The same work is done for an absent address.
    func credentials(for email: EmailAddress) async throws(AuthError) -> Credentials?

    /// Writes a failed login to the audit trail, a row for each event, with the address that was tried and how often.
    func recordFailedLogin(_ attempt: LoginAttempt, userID: UserID?, events: [AuditEvent]) async throws(AuthError)
}
