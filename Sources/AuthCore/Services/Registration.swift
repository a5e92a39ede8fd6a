/// Makes accounts.
public struct Registration: Sendable {
    private let accounts: any AccountStore
    private let hasher: any PasswordHasher
    private let estimator: any PasswordStrengthEstimator
    private let rules: any TextRules
    private let identifiers: IdentifierGenerator
    private let policy: PasswordPolicy
    private let limits: AttemptLimits

    public init(
        accounts: any AccountStore, hasher: any PasswordHasher, estimator: any PasswordStrengthEstimator,
        rules: any TextRules, identifiers: IdentifierGenerator, policy: PasswordPolicy, limits: AttemptLimits
    ) {
        self.accounts = accounts
        self.hasher = hasher
        self.estimator = estimator
        self.rules = rules
        self.identifiers = identifiers
        self.policy = policy
        self.limits = limits
    }

    /// - Throws: ``AuthError/validationFailed(_:)`` with every field that is wrong, ``AuthError/emailTaken``,
    ///   ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func register(
        email: String, password: String, confirmation: String, origin: RequestOrigin
    ) async throws(AuthError) -> User {
        // Before the estimate of the password's strength, which is work too.
        let place = try hasher.reserve()
        let (email, password) = try validated(email: email, password: password, confirmation: confirmation)
        try await limits.count(.registration, origin)
        let hash = try await hasher.hash(password, in: place)
        let id = identifiers.user()
        let event = AuditEvent(id: identifiers.event(routing: id.routing), kind: .userCreated, origin: origin)
        guard let user = try await accounts.create(NewAccount(id: id, email: email, passwordHash: hash), event: event) else {
            throw .emailTaken
        }
        return user
    }

    private func validated(
        email text: String, password plaintext: String, confirmation: String
    ) throws(AuthError) -> (EmailAddress, Password) {
        var errors: [FieldError] = []
        let email = EmailAddress(text, rules: rules)
        if email == nil { errors.append(.invalidEmail) }
        let password = Password(plaintext, rules: rules)
        if let error = passwordError(plaintext, password, email: email) { errors.append(error) }
        if !password.plaintext.sameScalars(as: rules.normalized(confirmation)) {
            errors.append(FieldError(field: "password2", code: .passwordMismatch, detail: "The two passwords differ."))
        }
        guard let email, errors.isEmpty else { throw .validationFailed(errors) }
        return (email, password)
    }

    private func passwordError(_ plaintext: String, _ password: Password, email: EmailAddress?) -> FieldError? {
        if let error = PasswordPolicy.tooLong(plaintext, field: "password") { return error }
        return policy.violation(password, for: email, estimator: estimator)
    }
}

extension FieldError {
    static let invalidEmail = FieldError(field: "email", code: .invalidEmail, detail: "Not an e-mail address.")
}
