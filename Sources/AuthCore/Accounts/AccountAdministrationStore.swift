/// An account as an operator sees it.
public struct AccountRecord: Sendable {
    public let state: AccountState
    public let liveSessions: Int64
    /// Whether some network must wait before it may try to log in.
    public let isBlocked: Bool

    /// - Parameter isBlocked: whether some network must wait before it may try to log in.
    public init(_ state: AccountState, liveSessions: Int64, isBlocked: Bool) {
        (self.state, self.liveSessions, self.isBlocked) = (state, liveSessions, isBlocked)
    }

    public var user: User { state.user }
}

/// The life of an account until now.
public struct AccountState: Sendable {
    public let user: User
    /// `nil` if nobody has proved yet that the address is the owner's.
    public var verifiedAt: Timestamp?
    public var displayName: String?
    /// The owner's language.
    public var locale: String?
    public var mustResetPassword = false
    /// Until then the address cannot be changed; `nil` if it can.
    public var frozenUntil: Timestamp?
    /// `nil` if the account is enabled.
    public var disabledAt: Timestamp?
    public var disabledReason: String?
    /// The first login after that enables the account; `nil` if only an operator does.
    public var disabledUntil: Timestamp?
    /// The owner has deleted the account, and it is erased after this time; `nil` if not.
    public var deletedAfter: Timestamp?

    /// An account without anything special.
    public init(_ user: User) {
        self.user = user
    }
}

/// What an operator changes about accounts. Each function writes the change and its event in one transaction.
public protocol AccountAdministrationStore: Sendable {
    /// - Returns: `nil` if no account has the address.
    func find(_ email: EmailAddress) async throws(AuthError) -> AccountRecord?

    /// The newest accounts first, those that are older than `last`.
    func list(after last: UserID?, limit: Int) async throws(AuthError) -> [AccountState]

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
