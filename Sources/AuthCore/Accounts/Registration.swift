/// Makes accounts.
public struct Registration: Sendable {
    private let accounts: any AccountStore
    private let passwords: Passwords
    private let kit: Kit
    private let limits: AttemptLimits
    private let tokens: OneTimeTokens
    private let requests: MailRequests
    private let notices: MailNotices
    let policy: RegistrationPolicy

    init(
        accounts: any AccountStore, _ kit: Kit, _ passwords: Passwords, _ limits: AttemptLimits, _ tokens: OneTimeTokens, _ mails: Mails,
        _ policy: RegistrationPolicy
    ) {
        self.accounts = accounts
        self.passwords = passwords
        self.kit = kit
        self.limits = limits
        self.tokens = tokens
        requests = mails.requests
        notices = mails.notices
        self.policy = policy
    }

    /// Whether a mail finishes the registration. Then the reader of the mail chooses the password, and a registration needs none.
    public var isByMail: Bool { policy.mode == .verified }

    /// Makes an account, or sends the mail that does (``RegistrationPolicy/Mode``).
    ///
    /// - Parameter password: may be empty if ``isByMail``. It is checked otherwise, but not kept: a stranger may have typed it.
    /// - Returns: `nil` if a mail finishes the registration. The answer must not depend on the address then.
    /// - Throws: ``AuthError/validationFailed(_:)`` with every field that is wrong, ``AuthError/emailTaken``,
    ///   ``AuthError/registrationClosed``, ``AuthError/mailOff``, ``AuthError/tooManyAttempts(retryAfter:)``,
    ///   ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func register(
        email text: String, password: String, confirmation: String, locale: MailLocale? = nil, origin: RequestOrigin
    ) async throws(AuthError) -> User? {
        if policy.mode == .invited || policy.mode == .closed { throw .registrationClosed }
        guard policy.mode == .open else {
            let email = try validated(email: text, optionalPassword: password, confirmation: confirmation)
            try await requests.queue(.confirmRegistration, to: email, locale: locale, event: .registrationRequested, origin)
            return nil
        }
        let (email, password) = try validated(email: text, password: password, confirmation: confirmation)
        let reservation = try passwords.reserve(for: origin.ip)
        try await limits.count(.registration, origin)
        let account = try await account(email, password, reservation, locale, verifies: true)
        let event = kit.identifiers.event(.userCreated, of: account.id.routing, origin)
        guard let user = try await accounts.create(account, ip: origin.ip, policy: limits.policy, event: event) else { throw .emailTaken }
        return user
    }

    /// Makes the account for which a mail was sent: the reader of the mail chooses the password, not whoever asked for the mail.
    ///
    /// - Parameter purpose: ``OneTimeTokenPurpose/confirmRegistration`` or ``OneTimeTokenPurpose/acceptInvitation``.
    /// - Throws: ``AuthError/invalidOneTimeToken``, and the errors of ``register(email:password:confirmation:locale:origin:)``.
    public func finish(
        token text: String, as purpose: OneTimeTokenPurpose, password: String, confirmation: String, locale: MailLocale? = nil,
        origin: RequestOrigin
    ) async throws(AuthError) -> User {
        let token = try tokens.present(text, for: purpose)
        let reservation = try passwords.reserve(for: origin.ip)
        try await limits.count(.token, origin)
        let subject = try await tokens.subject(of: token)
        let (email, password) = try validated(email: subject.email, password: password, confirmation: confirmation)
        let account = try await account(email, password, reservation, locale, verifies: false)
        let event = kit.identifiers.event(.userCreated, of: account.id.routing, origin)
        guard let user = try await accounts.create(account, redeeming: token, ip: origin.ip, policy: limits.policy, event: event) else {
            throw .invalidOneTimeToken
        }
        return user
    }

    /// Invites somebody, when an operator says so. The mail has the link that makes the account.
    ///
    /// - Throws: ``AuthError/mailOff``, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func invite(_ email: EmailAddress, locale: MailLocale?, origin: RequestOrigin) async throws(AuthError) {
        try await requests.queue(.invitation, to: email, locale: locale, event: .userInvited, origin)
    }

    private func account(
        _ email: EmailAddress, _ password: Password, _ reservation: HashReservation, _ locale: MailLocale?, verifies: Bool
    ) async throws(AuthError) -> NewAccount {
        let hash = try await passwords.hash(password, for: email, in: reservation)
        let id = kit.identifiers.user(routing: try kit.routing.key(of: email))
        return NewAccount(
            id: id, email: email, passwordHash: hash, locale: locale, mail: verifies ? notices.notice(.verifyEmail, of: id) : nil)
    }

    private func validated(
        email text: String, optionalPassword password: String, confirmation: String
    ) throws(AuthError) -> EmailAddress {
        guard password.isEmpty, confirmation.isEmpty else {
            return try validated(email: text, password: password, confirmation: confirmation).0
        }
        guard let email = EmailAddress(text, rules: kit.rules) else { throw .validationFailed([.invalidEmail]) }
        return email
    }

    /// The cheap checks, whose errors are reported together. The strength is estimated after the attempt was counted.
    private func validated(
        email text: String, password plaintext: String, confirmation: String
    ) throws(AuthError) -> (EmailAddress, Password) {
        var errors: [FieldError] = []
        let email = EmailAddress(text, rules: kit.rules)
        if email == nil { errors.append(.invalidEmail) }
        let password = passwords.new(plaintext, confirmation: confirmation, for: email, errors: &errors)
        guard let email, errors.isEmpty else { throw .validationFailed(errors) }
        return (email, password)
    }
}

extension FieldError {
    static let invalidEmail = FieldError(field: "email", code: .invalidEmail, detail: "Not an e-mail address.")
}

extension AuditKind {
    /// An account was made, or its address was taken.
    public static let userCreated = AuditKind("user_created")
    /// A mail that finishes a registration was asked for.
    public static let registrationRequested = AuditKind("registration_requested")
    public static let userInvited = AuditKind("user_invited")
}
