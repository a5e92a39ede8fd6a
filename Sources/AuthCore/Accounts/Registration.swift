/// Makes accounts.
public struct Registration: Sendable {
    private let accounts: any AccountStore
    private let passwords: Passwords
    private let rules: any TextRules
    private let identifiers: IdentifierGenerator
    private let routing: RoutingKeys
    private let limits: AttemptLimits

    init(accounts: any AccountStore, _ kit: Kit, _ passwords: Passwords, _ limits: AttemptLimits) {
        self.accounts = accounts
        self.passwords = passwords
        rules = kit.rules
        identifiers = kit.identifiers
        routing = kit.routing
        self.limits = limits
    }

    /// - Throws: ``AuthError/validationFailed(_:)`` with every field that is wrong, ``AuthError/emailTaken``,
    ///   ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func register(
        email: String, password: String, confirmation: String, origin: RequestOrigin
    ) async throws(AuthError) -> User {
        let (email, password) = try validated(email: email, password: password, confirmation: confirmation)
        let reservation = try passwords.reserve(for: origin.ip)
        try await limits.count(.registration, origin)
        let hash = try await passwords.hash(password, for: email, in: reservation)
        let id = identifiers.user(routing: try routing.key(of: email))
        let event = identifiers.event(.userCreated, of: id.routing, origin)
        let account = NewAccount(id: id, email: email, passwordHash: hash)
        guard let user = try await accounts.create(account, ip: origin.ip, policy: limits.policy, event: event) else { throw .emailTaken }
        return user
    }

    /// The cheap checks, whose errors are reported together. The strength is estimated after the attempt was counted.
    private func validated(
        email text: String, password plaintext: String, confirmation: String
    ) throws(AuthError) -> (EmailAddress, Password) {
        var errors: [FieldError] = []
        let email = EmailAddress(text, rules: rules)
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
}
