/// Changes the address of an account. The new address confirms; the old one is told, and can undo it for a while.
public struct EmailChange: Sendable {
    private let store: any EmailStore
    private let kit: Kit
    private let tokens: OneTimeTokens
    private let requests: MailRequests
    private let notices: MailNotices
    private let attempts: AttemptLimits
    private let recent: RecentAuthentication

    init(
        store: any EmailStore, kit: Kit, tokens: OneTimeTokens, mails: Mails, attempts: AttemptLimits, recent: RecentAuthentication
    ) {
        (self.store, self.kit, self.tokens, self.attempts, self.recent) = (store, kit, tokens, attempts, recent)
        (requests, notices) = (mails.requests, mails.notices)
    }

    /// Sends the mail to the new address. The answer does not tell whether somebody else has that address: they are told, by a mail.
    ///
    /// - Throws: ``AuthError/validationFailed(_:)``, ``AuthError/insufficientAuthentication(maxAge:)``, ``AuthError/emailFrozen``,
    ///   ``AuthError/mailOff``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func request(email text: String, of session: AuthenticatedSession, origin: RequestOrigin) async throws(AuthError) {
        guard let email = EmailAddress(text, rules: kit.rules) else { throw .validationFailed([.invalidEmail]) }
        try requests.requireMail()
        try await recent.require(session.session.id)
        try await requests.spend(email, origin)
        let user = session.user.id
        try await store.queueChange(
            of: user, to: email, mail: requests.mail(.confirmEmail, of: user),
            event: kit.identifiers.event(.emailChangeRequested, of: user.routing, origin))
    }

    /// Makes the new address the account's, by the token of the link.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/emailTaken``, ``AuthError/emailFrozen``,
    ///   ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func confirm(token text: String, origin: RequestOrigin) async throws(AuthError) {
        let token = try tokens.present(text, for: .confirmEmail)
        try await attempts.count(.token, origin)
        try await confirm(token, origin)
    }

    func confirm(_ token: PresentedOneTimeToken, _ origin: RequestOrigin) async throws(AuthError) {
        let (user, email) = try await subject(of: token)
        try await store.change(
            EmailChangeOrder(
                token: token, user: user, email: email, hold: tokens.policy.undo + MailPolicy.longestRetry,
                notice: notices.notice(.emailChanged, of: user),
                event: kit.identifiers.event(.emailChanged, of: user.routing, origin)))
    }

    /// Gives the account its former address back. All sessions end, the password must be reset, and the address is frozen for a while.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func undo(token text: String, origin: RequestOrigin) async throws(AuthError) {
        let token = try tokens.present(text, for: .undoEmail)
        try await attempts.count(.token, origin)
        let (user, email) = try await subject(of: token)
        try await store.undo(
            EmailUndoOrder(
                token: token, user: user, email: email, freeze: tokens.policy.undo, reset: notices.notice(.resetPassword, of: user),
                event: kit.identifiers.event(.emailChangeUndone, of: user.routing, origin)))
    }

    private func subject(of token: PresentedOneTimeToken) async throws(AuthError) -> (UserID, EmailAddress) {
        let subject = try await tokens.subject(of: token)
        guard let user = subject.userID, let email = EmailAddress(subject.email, rules: kit.rules) else { throw .invalidOneTimeToken }
        return (user, email)
    }
}

extension AuditKind {
    public static let emailChangeRequested = AuditKind("email_change_requested")
    public static let emailChanged = AuditKind("email_changed")
    public static let emailChangeUndone = AuditKind("email_change_undone")
}
