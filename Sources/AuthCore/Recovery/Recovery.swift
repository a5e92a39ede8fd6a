/// The way back to an account whose password is forgotten or known to a stranger.
public struct Recovery: Sendable {
    private let store: any RecoveryStore
    private let passwords: Passwords
    private let kit: Kit
    private let tokens: OneTimeTokens
    private let requests: MailRequests
    private let notices: MailNotices
    private let attempts: AttemptLimits

    init(
        _ store: any RecoveryStore, _ kit: Kit, _ passwords: Passwords, _ tokens: OneTimeTokens, _ mails: Mails, _ attempts: AttemptLimits
    ) {
        (self.store, self.kit, self.passwords, self.tokens, self.attempts) = (store, kit, passwords, tokens, attempts)
        (requests, notices) = (mails.requests, mails.notices)
    }

    /// Sends a link that resets the password, if the address has an account. The answer and its time do not tell that.
    ///
    /// - Throws: ``AuthError/validationFailed(_:)``, ``AuthError/mailOff``, ``AuthError/tooManyAttempts(retryAfter:)``,
    ///   ``AuthError/unavailable(cause:)``.
    public func forget(email text: String, locale: MailLocale?, origin: RequestOrigin) async throws(AuthError) {
        guard let email = EmailAddress(text, rules: kit.rules) else { throw .validationFailed([.invalidEmail]) }
        try await requests.queue(.resetPassword, to: email, locale: locale, event: .resetRequested, origin)
    }

    /// Sets a new password by the token of the link. All sessions end, and nobody is signed in.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/validationFailed(_:)``, ``AuthError/tooManyAttempts(retryAfter:)``,
    ///   ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func reset(
        token text: String, password plaintext: String, confirmation: String, origin: RequestOrigin
    ) async throws(AuthError) {
        let token = try tokens.present(text, for: .resetPassword)
        let reservation = try passwords.reserve(for: origin.ip)
        try await attempts.count(.token, origin)
        let (user, email) = try await subject(of: token)
        var errors: [FieldError] = []
        let password = passwords.new(plaintext, confirmation: confirmation, for: email, errors: &errors)
        guard errors.isEmpty else { throw .validationFailed(errors) }
        let hash = try await passwords.hash(password, for: email, in: reservation)
        let order = PasswordResetOrder(
            token: token, user: user, email: email, passwordHash: hash, notice: notices.notice(.passwordChanged, of: user),
            event: kit.identifiers.event(.passwordReset, of: user.routing, origin))
        guard try await store.reset(order) else { throw .invalidOneTimeToken }
    }

    /// "This wasn't me": ends all sessions, demands a new password, and freezes the address for a while. The address gets the mail that
    /// resets the password, if it is still the account's.
    ///
    /// - Throws: ``AuthError/invalidOneTimeToken``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func secure(token text: String, origin: RequestOrigin) async throws(AuthError) {
        let token = try tokens.present(text, for: .secureAccount)
        try await attempts.count(.token, origin)
        let (user, _) = try await subject(of: token)
        let order = SecuringOrder(
            token: token, user: user, freeze: tokens.policy.undo, reset: notices.notice(.resetPassword, of: user),
            event: kit.identifiers.event(.accountSecured, of: user.routing, origin))
        guard try await store.secure(order) else { throw .invalidOneTimeToken }
    }

    private func subject(of token: PresentedOneTimeToken) async throws(AuthError) -> (UserID, EmailAddress) {
        let subject = try await tokens.subject(of: token)
        guard let user = subject.userID, let email = EmailAddress(subject.email, rules: kit.rules) else { throw .invalidOneTimeToken }
        return (user, email)
    }
}

extension AuditKind {
    public static let resetRequested = AuditKind("password_reset_requested")
    public static let passwordReset = AuditKind("password_reset")
    /// The owner has said "this wasn't me".
    public static let accountSecured = AuditKind("account_secured")
}
