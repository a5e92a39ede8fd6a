/// The addresses of accounts: their verification and their change.
public struct Emails: Sendable {
    public let verification: EmailVerification
    public let change: EmailChange

    init(
        _ store: any EmailStore, _ kit: Kit, _ tokens: OneTimeTokens, _ mails: Mails, _ attempts: AttemptLimits,
        recent: RecentAuthentication
    ) {
        verification = EmailVerification(store: store, kit: kit, tokens: tokens, requests: mails.requests, attempts: attempts)
        change = EmailChange(store: store, kit: kit, tokens: tokens, mails: mails, attempts: attempts, recent: recent)
    }
}

/// Addresses of accounts. Each function redeems a token, changes the account and writes the event in one transaction, unless it says otherwise.
public protocol EmailStore: Sendable {
    /// Queues the mail that verifies the account's address.
    ///
    /// - Returns: `false` if the address is verified already; then nothing is queued.
    func queueVerification(of user: UserID, mail: NewMail, event: AuditEvent) async throws(AuthError) -> Bool

    /// - Returns: `false` if the token does not work, or if the account has another address now.
    func verify(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool

    /// Queues the mail to the new address.
    ///
    /// - Throws: ``AuthError/emailFrozen``, ``AuthError/unavailable(cause:)``.
    func queueChange(of user: UserID, to email: EmailAddress, mail: NewMail, event: AuditEvent) async throws(AuthError)

    /// Makes the new address the account's, keeps the old one for its owner, and queues the notice to the old address.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/emailTaken``, ``AuthError/emailFrozen``, ``AuthError/unavailable(cause:)``.
    func change(_ change: EmailChangeOrder) async throws(AuthError)

    /// Gives the account its former address back, ends all its sessions, demands a new password, and freezes the address.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/unavailable(cause:)``.
    func undo(_ undo: EmailUndoOrder) async throws(AuthError)
}

/// A change of address whose token has been presented.
public struct EmailChangeOrder: Sendable {
    public let token: PresentedOneTimeToken
    public let user: UserID
    /// The new address.
    public let email: EmailAddress
    /// How long nobody else can get the old address.
    public let hold: Duration
    /// The notice to the old address; `nil` if the server sends no mail.
    public let notice: NewMail?
    public let event: AuditEvent

    /// - Parameter event: written by the same transaction.
    public init(token: PresentedOneTimeToken, user: UserID, email: EmailAddress, hold: Duration, notice: NewMail?, event: AuditEvent) {
        (self.token, self.user, self.email, self.hold, self.notice, self.event) = (token, user, email, hold, notice, event)
    }
}

/// The undoing of a change whose token has been presented.
public struct EmailUndoOrder: Sendable {
    public let token: PresentedOneTimeToken
    public let user: UserID
    /// The address from before the change.
    public let email: EmailAddress
    /// How long the address cannot be changed after that.
    public let freeze: Duration
    /// The mail with the link for the new password; `nil` if the server sends no mail.
    public let reset: NewMail?
    public let event: AuditEvent

    /// - Parameter event: written by the same transaction.
    public init(token: PresentedOneTimeToken, user: UserID, email: EmailAddress, freeze: Duration, reset: NewMail?, event: AuditEvent) {
        (self.token, self.user, self.email, self.freeze, self.reset, self.event) = (token, user, email, freeze, reset, event)
    }
}
