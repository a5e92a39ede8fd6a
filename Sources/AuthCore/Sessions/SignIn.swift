/// Opens sessions for people who know their password.
public struct SignIn: Sendable {
    private let accounts: any AccountStore
    private let passwords: Passwords
    private let attempts: AttemptLimits
    private let issuer: SessionIssuer
    private let rules: any TextRules
    private let verificationGrace: Duration?

    init(
        accounts: any AccountStore, passwords: Passwords, attempts: AttemptLimits, issuer: SessionIssuer, rules: any TextRules,
        verificationGrace: Duration?
    ) {
        self.verificationGrace = verificationGrace
        self.accounts = accounts
        self.passwords = passwords
        self.attempts = attempts
        self.issuer = issuer
        self.rules = rules
    }

    /// An absent account, a disabled one and a wrong password cost the same and look the same. The refusal after too many failures tells no
    /// more: an address without an account has the same limits.
    ///
    /// - Parameters:
    ///   - deviceName: how the device calls itself; at most ``DeviceName/maximumLength`` characters.
    ///   - device: the live session whose access token the client has sent. If it belongs to this account, only the failures of
    ///     this device count.
    /// - Throws: ``AuthError/validationFailed(_:)``, ``AuthError/invalidCredentials``, ``AuthError/tooManyAttempts(retryAfter:)``,
    ///   ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``. Only to those who know the password:
    ///   ``AuthError/emailUnverified``, ``AuthError/passwordResetRequired``, ``AuthError/deletionPending``.
    public func signIn(
        email text: String, password plaintext: String, deviceName: String?, device: AuthenticatedSession? = nil, origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens {
        let (email, name) = try validated(email: text, password: plaintext, deviceName: deviceName)
        let login = try await attempts.begin(email, device: session(of: email, device), origin, with: passwords)
        let attempt = login.attempt
        let account: Credentials?
        do throws(AuthError) {
            account = try await accounts.credentials(for: email, verificationGrace: verificationGrace)
            let password = passwords.password(plaintext)
            let verdict = try await passwords.verify(password, against: account?.passwordHash, in: login.reservation)
            if let account, verdict.matches, account.obstacle != .disabled {
                if let refusal = account.obstacle?.refusal { throw refusal }
                let proof = await passwords.proof(password, verdict, in: login.reservation)
                // `nil`: the account was disabled or deleted after `credentials(for:)`. That looks like a wrong password, but `open` has
                // cleared the failures.
                if let tokens = try await issuer.open(account, proof, clearing: attempt, name: name, origin) {
                    attempts.accept(login)
                    return tokens
                }
            }
        } catch {
            attempts.withdraw(login)
            throw error
        }
        // Before the audit rows: the next login need not wait for them, since the failure is counted. Their error must not keep the turn.
        await attempts.refuse(login)
        let events = try attempts.events(of: attempt, account: account?.userID.routing, origin)
        try await accounts.recordFailedLogin(attempt, userID: account?.userID, events: events)
        throw .invalidCredentials
    }

    /// `nil` if the session belongs to another account.
    private func session(of email: EmailAddress, _ device: AuthenticatedSession?) -> SessionID? {
        guard let device, let owner = EmailAddress(device.user.email, rules: rules) else { return nil }
        return owner.canonical.hasSameOctets(as: email.canonical) ? device.session.id : nil
    }

    private func validated(
        email text: String, password: String, deviceName: String?
    ) throws(AuthError) -> (EmailAddress, DeviceName?) {
        var errors: [FieldError] = []
        let email = EmailAddress(text, rules: rules)
        if email == nil { errors.append(.invalidEmail) }
        errors += passwords.errors(inPresented: password)
        var name: DeviceName?
        do throws(FieldError) {
            name = try deviceName.map(DeviceName.init)
        } catch {
            errors.append(error)
        }
        guard let email, errors.isEmpty else { throw .validationFailed(errors) }
        return (email, name)
    }
}

extension LoginObstacle {
    /// What an owner is told who knows the password; `nil` if that looks like a wrong password.
    fileprivate var refusal: AuthError? {
        switch self {
        case .disabled: nil
        case .deletionPending: .deletionPending
        case .passwordResetRequired: .passwordResetRequired
        case .emailUnverified: .emailUnverified
        }
    }
}
