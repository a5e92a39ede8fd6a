/// An account about to be made.
public struct NewAccount: Sendable {
    public let id: UserID
    public let email: EmailAddress
    public let passwordHash: PasswordHash
    /// `nil` if it is not known.
    public let locale: MailLocale?
    /// The mail that verifies the address; `nil` if the server sends none.
    public let mail: NewMail?

    public init(id: UserID, email: EmailAddress, passwordHash: PasswordHash, locale: MailLocale? = nil, mail: NewMail? = nil) {
        self.id = id
        self.email = email
        self.passwordHash = passwordHash
        self.locale = locale
        self.mail = mail
    }
}

/// The part of an account that a login needs.
public struct Credentials: Sendable {
    public let userID: UserID
    public let passwordHash: PasswordHash
    /// What keeps the owner out even with the right password; `nil` for nothing.
    public let obstacle: LoginObstacle?
    /// Raised by everything that ends all sessions. A session belongs to the epoch in which its password was read.
    public let sessionEpoch: Int32
    /// Whether the account was disabled until a time that has passed. The login enables it.
    public let isDisablingOver: Bool

    public init(
        userID: UserID, passwordHash: PasswordHash, obstacle: LoginObstacle? = nil, sessionEpoch: Int32, isDisablingOver: Bool = false
    ) {
        self.userID = userID
        self.passwordHash = passwordHash
        self.obstacle = obstacle
        self.sessionEpoch = sessionEpoch
        self.isDisablingOver = isDisablingOver
    }
}

/// What keeps an owner out who knows the password. The first that applies is told, except that a disabled account looks like a wrong password.
public enum LoginObstacle: Hashable, Sendable {
    case disabled
    case deletionPending
    case passwordResetRequired
    /// The address was not verified in the time that the policy gives for it (``RegistrationPolicy``).
    case emailUnverified
}

/// Accounts and their addresses.
public protocol AccountStore: Sendable {
    /// Makes the account and writes the event in one transaction. Earlier failed logins at its address are forgotten.
    ///
    /// - Parameter ip: the client's IP address, whose network the account knows from then on.
    /// - Returns: the account; `nil` if the canonical address is taken, which is audited too.
    /// - Throws: ``AuthError/unavailable(cause:)``; the account may exist then, and a retry says so.
    func create(_ account: NewAccount, ip: String?, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> User?

    /// Makes an account whose owner has proved the address by a one-time token, and redeems the token, in one transaction.
    ///
    /// - Returns: the account; `nil` if the token does not work any more.
    /// - Throws: ``AuthError/emailTaken``, ``AuthError/unavailable(cause:)``.
    func create(
        _ account: NewAccount, redeeming token: PresentedOneTimeToken, ip: String?, policy: AttemptPolicy, event: AuditEvent
    ) async throws(AuthError) -> User?

    /// The credentials of the account with this address. The same work is done for an absent address.
    ///
    /// - Parameter verificationGrace: how long after its registration an account may log in unverified; `nil` for always.
    func credentials(for email: EmailAddress, verificationGrace: Duration?) async throws(AuthError) -> Credentials?

    /// Writes a failed login to the audit trail, a row for each event, with the address that was tried and how often.
    func recordFailedLogin(_ attempt: LoginAttempt, userID: UserID?, events: [AuditEvent]) async throws(AuthError)
}
