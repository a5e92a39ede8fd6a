/// An account as an operator sees it.
public struct AccountRecord: Sendable {
    public let user: User
    /// `nil` if the account is enabled.
    public let disabledAt: Timestamp?
    public let liveSessions: Int64
    /// Whether some network must wait before it may try to log in.
    public let isBlocked: Bool

    public init(user: User, disabledAt: Timestamp?, liveSessions: Int64, isBlocked: Bool) {
        self.user = user
        self.disabledAt = disabledAt
        self.liveSessions = liveSessions
        self.isBlocked = isBlocked
    }
}

/// What an operator changes about accounts. Each function writes the change and its event in one transaction.
public protocol AccountAdministrationStore: Sendable {
    /// - Returns: `nil` if no account has the address.
    func find(_ email: EmailAddress) async throws(AuthError) -> AccountRecord?

    /// Ends all sessions of the account, for good, and refuses logins.
    ///
    /// - Parameters:
    ///   - duration: after this time the next login enables the account; `nil` for never.
    ///   - notice: the mail for the owner; `nil` if the server sends none.
    /// - Returns: `false` if the account is gone or already disabled.
    func disable(
        _ user: UserID, for duration: Duration?, notice: NewMail?, note: AdministrationNote, event: AuditEvent
    ) async throws(AuthError) -> Bool

    /// - Returns: `false` if the account is gone or not disabled.
    func enable(_ user: UserID, note: AdministrationNote, event: AuditEvent) async throws(AuthError) -> Bool

    /// Removes the account with its sessions, its address and the failed logins counted for it. The audit trail stays.
    ///
    /// - Returns: `false` if the account is already gone.
    func delete(_ user: UserID, note: AdministrationNote, event: AuditEvent) async throws(AuthError) -> Bool

    /// From now on the account is found by the new address. Its sessions live on.
    ///
    /// - Returns: `false` if another account has that address; then nothing has changed.
    func rename(_ user: UserID, to email: EmailAddress, note: AdministrationNote, event: AuditEvent) async throws(AuthError) -> Bool
}

/// Details of a change by an operator for the audit trail.
public struct AdministrationNote: Sendable {
    /// The address under which the account was found.
    public let email: EmailAddress
    /// The operator's reason.
    public let reason: String?

    public init(email: EmailAddress, reason: String?) {
        self.email = email
        self.reason = reason
    }
}
