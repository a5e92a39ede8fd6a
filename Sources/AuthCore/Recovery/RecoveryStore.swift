/// Redeems the tokens of recovery. Each function is one transaction with its event.
public protocol RecoveryStore: Sendable {
    /// Sets the password, ends all sessions and all other tokens of recovery, and queues the notice. A disabled account stays disabled.
    ///
    /// - Returns: `false` if the token does not work.
    func reset(_ order: PasswordResetOrder) async throws(AuthError) -> Bool

    /// Ends all sessions, demands a new password, and freezes the address.
    ///
    /// - Returns: `false` if the token does not work.
    func secure(_ order: SecuringOrder) async throws(AuthError) -> Bool
}

/// A reset whose token has been presented.
public struct PasswordResetOrder: Sendable {
    public let token: PresentedOneTimeToken
    public let user: UserID
    /// To which the mail was sent.
    public let email: EmailAddress
    public let passwordHash: PasswordHash
    /// `nil` if the server sends no mail.
    public let notice: NewMail?
    public let event: AuditEvent

    /// - Parameter event: written by the same transaction.
    public init(
        token: PresentedOneTimeToken, user: UserID, email: EmailAddress, passwordHash: PasswordHash, notice: NewMail?, event: AuditEvent
    ) {
        (self.token, self.user, self.email, self.passwordHash, self.notice, self.event) = (token, user, email, passwordHash, notice, event)
    }
}

/// "This wasn't me", whose token has been presented.
public struct SecuringOrder: Sendable {
    public let token: PresentedOneTimeToken
    public let user: UserID
    /// How long the address cannot be changed after that.
    public let freeze: Duration
    /// The mail with the link for the new password; `nil` if the server sends no mail.
    public let reset: NewMail?
    public let event: AuditEvent

    /// - Parameter event: written by the same transaction.
    public init(token: PresentedOneTimeToken, user: UserID, freeze: Duration, reset: NewMail?, event: AuditEvent) {
        (self.token, self.user, self.freeze, self.reset, self.event) = (token, user, freeze, reset, event)
    }
}
