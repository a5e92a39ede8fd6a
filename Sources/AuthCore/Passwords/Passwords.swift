/// Passwords: the rules for new ones, and the hashing of new and presented ones.
public struct Passwords: Sendable {
    private let hasher: any PasswordHasher
    private let estimator: any PasswordStrengthEstimator
    private let blocklist: (any PasswordBlocklist)?
    private let rules: any TextRules
    private let policy: PasswordPolicy

    init(_ kit: Kit, _ policy: PasswordPolicy) {
        hasher = kit.hasher
        estimator = kit.estimator
        blocklist = kit.blocklist
        rules = kit.rules
        self.policy = policy
    }

    /// The shortest new password, in Unicode code points.
    public var minimumLength: Int { policy.minimumLength }

    /// The error for a password that arrives now and could not be hashed before its deadline; `nil` if there is room. A refusal
    /// counts as an attempt of the client's network.
    ///
    /// - Parameter client: its IP address.
    public func refusal(for client: String?) -> AuthError? { hasher.refusal(for: client) }

    /// Reserves a place in the hashing queue, so that work done before the hash is not wasted.
    ///
    /// - Parameter client: its IP address.
    /// - Throws: the error that ``refusal(for:)`` returns.
    func reserve(for client: String?) throws(AuthError) -> HashReservation { try hasher.reserve(for: client) }

    /// The password in its normal form.
    func password(_ plaintext: String) -> Password { Password(plaintext, rules: rules) }

    /// A new password in its normal form. Its errors are reported together with those of other fields. ``hash(_:for:in:)``
    /// estimates its strength and looks it up, since both may take some milliseconds, and the attempt is counted first.
    ///
    /// - Parameter email: the account's address; `nil` if it is not valid.
    func new(_ plaintext: String, confirmation: String, for email: EmailAddress?, errors: inout [FieldError]) -> Password {
        let password = password(plaintext)
        if let error = PasswordPolicy.tooLong(plaintext, field: "password") ?? policy.violation(password, for: email) {
            errors.append(error)
        }
        if !password.plaintext.hasSameOctets(as: rules.normalized(confirmation)) {
            errors.append(FieldError(field: "password2", code: .passwordMismatch, detail: "The two passwords differ."))
        }
        return password
    }

    /// What is wrong with a presented password, whichever account it is for.
    func errors(inPresented plaintext: String) -> [FieldError] {
        let empty = plaintext.isEmpty ? FieldError(field: "password", code: .required, detail: "The password is empty.") : nil
        return [empty, PasswordPolicy.tooLong(plaintext, field: "password")].compactMap(\.self)
    }

    /// The hash of a new password. On the hashing thread it is first looked up in the blocklist, and its strength is estimated.
    ///
    /// - Throws: ``AuthError/validationFailed(_:)`` if the password was stolen somewhere or is too easy to guess,
    ///   ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    func hash(_ password: Password, for email: EmailAddress, in reservation: HashReservation) async throws(AuthError) -> PasswordHash {
        try await hasher.hash(password, in: reservation) { [policy, estimator, blocklist] () throws(AuthError) in
            try blocklist?.objection(to: password) ?? policy.weakness(of: password, for: email, estimator: estimator)
        }
    }

    /// The hash of a short secret that is no password, when there is room for it.
    ///
    /// - Throws: ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    func hash(_ secret: String) async throws(AuthError) -> PasswordHash {
        try await hasher.hash(password(secret), in: try reserve(for: nil))
    }

    /// Costs one full verification always, also without a hash (no such account), which never matches.
    ///
    /// - Throws: ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``; a hash that cannot be read is no match.
    func verify(_ password: Password, against hash: PasswordHash?, in reservation: HashReservation) async throws(AuthError)
        -> PasswordVerdict
    {
        try await hasher.verify(password, against: hash, in: reservation)
    }

    /// The proof that a right password is. If its stored hash has weaker parameters than today's, a new hash comes with it. If there is
    /// no room for that now, the next login makes it: it cannot fail this one.
    func proof(_ password: Password, _ verdict: PasswordVerdict, in reservation: HashReservation) async -> AuthenticationProof {
        guard verdict.needsRehash else { return .password() }
        return .password(rehash: try? await hasher.hash(password, in: reservation))
    }
}
