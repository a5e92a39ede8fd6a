/// Operations of an operator on one account, found by its address.
public struct AccountAdministration: Sendable {
    /// What became of an operation on an account.
    public enum Outcome: Sendable {
        case done
        /// No account has the address.
        case noAccount
        /// The account is already in that state, or another account has the new address.
        case nothingToDo
    }

    private let store: any AccountAdministrationStore
    private let identifiers: IdentifierGenerator
    private let notices: MailNotices

    init(store: any AccountAdministrationStore, identifiers: IdentifierGenerator, notices: MailNotices) {
        self.store = store
        self.identifiers = identifiers
        self.notices = notices
    }

    /// - Returns: `nil` if no account has the address.
    public func account(_ email: EmailAddress) async throws(AuthError) -> AccountRecord? {
        try await store.find(email)
    }

    /// The newest accounts first, without their sessions.
    ///
    /// - Parameter last: the last account of the part before; `nil` to begin with the newest.
    public func list(after last: UserID?, limit: Int) async throws(AuthError) -> [AccountState] {
        try await store.list(after: last, limit: limit)
    }

    /// Ends all sessions of the account, for good, and refuses logins until it is enabled. Its owner gets a mail.
    ///
    /// - Parameter duration: after this time the account is enabled; `nil` for never.
    public func disable(
        _ email: EmailAddress, for duration: Duration? = nil, reason: String?, origin: RequestOrigin
    ) async throws(AuthError) -> Outcome {
        try await change(email, .userDisabled, reason, origin) { user, note, event throws(AuthError) in
            try await store.disable(
                user, for: duration, notice: notices.notice(.accountDisabled, of: user), note: note, event: event)
        }
    }

    /// Allows logins again. Earlier sessions stay ended.
    public func enable(_ email: EmailAddress, reason: String?, origin: RequestOrigin) async throws(AuthError) -> Outcome {
        try await change(email, .userEnabled, reason, origin) { user, note, event throws(AuthError) in
            try await store.enable(user, note: note, event: event)
        }
    }

    /// Gives the account another address. Its sessions live on.
    public func rename(
        _ email: EmailAddress, to newEmail: EmailAddress, reason: String?, origin: RequestOrigin
    ) async throws(AuthError) -> Outcome {
        try await change(email, .userUpdated, reason, origin) { user, note, event throws(AuthError) in
            try await store.rename(user, to: newEmail, note: note, event: event)
        }
    }

    private func change(
        _ email: EmailAddress, _ kind: AuditKind, _ reason: String?, _ origin: RequestOrigin,
        _ work: (UserID, AdministrationNote, AuditEvent) async throws(AuthError) -> Bool
    ) async throws(AuthError) -> Outcome {
        guard let account = try await store.find(email) else { return .noAccount }
        let event = identifiers.event(kind, of: account.user.id.routing, origin)
        let note = AdministrationNote(email: email, reason: reason)
        return try await work(account.user.id, note, event) ? .done : .nothingToDo
    }
}

extension AuditKind {
    public static let userDisabled = AuditKind("user_disabled")
    public static let userEnabled = AuditKind("user_enabled")
    /// The account got another address.
    public static let userUpdated = AuditKind("user_updated")
}
