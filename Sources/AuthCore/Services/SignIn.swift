/// Opens sessions for people who know their password.
public struct SignIn: Sendable {
    private let accounts: any AccountStore
    private let sessions: any SessionStore
    private let hasher: any PasswordHasher
    private let rules: any TextRules
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator
    private let policy: SessionPolicy
    private let limits: AttemptLimits

    public init(
        accounts: any AccountStore, sessions: any SessionStore, hasher: any PasswordHasher, rules: any TextRules,
        mint: TokenMint, identifiers: IdentifierGenerator, policy: SessionPolicy, limits: AttemptLimits
    ) {
        self.accounts = accounts
        self.sessions = sessions
        self.hasher = hasher
        self.rules = rules
        self.mint = mint
        self.identifiers = identifiers
        self.policy = policy
        self.limits = limits
    }

    /// An absent account, a disabled one and a wrong password cost the same and look the same; also when there were too many.
    ///
    /// - Parameter deviceName: how the device calls itself; at most ``DeviceName/maximumLength`` characters.
    /// - Throws: ``AuthError/validationFailed(_:)``, ``AuthError/invalidCredentials``, ``AuthError/tooManyAttempts(retryAfter:)``,
    ///   ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func signIn(
        email text: String, password plaintext: String, deviceName: String?, origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens {
        let email = try validated(email: text, password: plaintext, deviceName: deviceName)
        let (attempt, verdict) = try await limits.login(email, origin, prepare: hasher.reserve) { attempt, place throws(AuthError) in
            try await evaluate(attempt, Password(plaintext, rules: rules), in: place, deviceName: deviceName, origin: origin)
        }
        switch verdict {
        case .right(let tokens): return tokens
        case .wrong(let userID): try await refuse(attempt, userID, origin)
        }
    }

    private enum Verdict {
        case right(IssuedTokens)
        /// `nil` where there is no such account.
        case wrong(UserID?)
    }

    private func evaluate(
        _ attempt: LoginAttempt, _ password: Password, in place: HashingPlace, deviceName: String?, origin: RequestOrigin
    ) async throws(AuthError) -> Verdict {
        let credentials = try await accounts.credentials(for: attempt.email)
        let verdict = try await hasher.verify(password, against: credentials?.passwordHash, in: place)
        guard let credentials, verdict.matches, !credentials.isDisabled else { return .wrong(credentials?.userID) }
        let rehashed = await rehash(password, credentials, if: verdict.needsRehash)
        let tokens = try await open(credentials, attempt, deviceName: deviceName, rehashed: rehashed, origin: origin)
        return tokens.map { .right($0) } ?? .wrong(credentials.userID)
    }

    private func validated(email text: String, password: String, deviceName: String?) throws(AuthError) -> EmailAddress {
        var errors: [FieldError] = []
        let email = EmailAddress(text, rules: rules)
        if email == nil { errors.append(.invalidEmail) }
        if password.isEmpty { errors.append(FieldError(field: "password", code: .required, detail: "The password is empty.")) }
        if let error = PasswordPolicy.tooLong(password, field: "password") { errors.append(error) }
        if let error = deviceName.flatMap(DeviceName.violation) { errors.append(error) }
        guard let email, errors.isEmpty else { throw .validationFailed(errors) }
        return email
    }

    /// Where there is no room for it now, the next login does it: the password was right.
    private func rehash(_ password: Password, _ credentials: Credentials, if needed: Bool) async -> NewSession.Rehash? {
        guard needed, let new = try? await hasher.hash(password, in: nil) else { return nil }
        return NewSession.Rehash(old: credentials.passwordHash, new: new)
    }

    private func open(
        _ credentials: Credentials, _ attempt: LoginAttempt, deviceName: String?, rehashed: NewSession.Rehash?, origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens? {
        let id = identifiers.session(of: credentials.userID)
        let salt = Octets32.random()
        let pair = mint.first(for: id, salt: salt)
        let session = NewSession(
            id: id, userID: credentials.userID, epoch: credentials.sessionEpoch, name: deviceName,
            salt: salt, digests: mint.digests(of: pair), rehashed: rehashed,
            attempt: attempt)
        let times = try await sessions.create(
            session, policy: policy, event: event(.loginSucceeded, id, origin), excess: event(.sessionLimitReached, id, origin))
        return times.map { IssuedTokens(pair: pair, times: $0) }
    }

    private func event(_ kind: AuditEvent.Kind, _ id: SessionID, _ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: identifiers.event(routing: id.routing), kind: kind, origin: origin)
    }

    private func refuse(_ attempt: LoginAttempt, _ userID: UserID?, _ origin: RequestOrigin) async throws(AuthError) -> Never {
        try await accounts.recordFailedLogin(
            attempt, userID: userID, events: limits.events(of: attempt, routing: userID?.routing, origin))
        throw .invalidCredentials
    }
}

/// The name that a device gives itself at login, shown to the owner in the list of sessions.
public enum DeviceName {
    /// In Unicode code points: what a list can show.
    public static let maximumLength = 100

    static func violation(_ name: String) -> FieldError? {
        if name.unicodeScalars.count > maximumLength {
            return FieldError(field: "name", code: .tooLong, detail: "At most \(maximumLength) characters.")
        }
        if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return FieldError(field: "name", code: .invalidCharacters, detail: "No control characters.")
        }
        return nil
    }
}
