/// Changes the password of an account whose owner knows the present one. The session that asks gets new tokens, and all others end.
public struct PasswordChange: Sendable {
    private let accounts: any AccountStore
    private let sessions: any PasswordChangeStore
    private let passwords: Passwords
    private let attempts: AttemptLimits
    private let notices: MailNotices
    private let kit: Kit
    private let policy: SessionPolicy

    init(
        accounts: any AccountStore, sessions: any PasswordChangeStore, passwords: Passwords, attempts: AttemptLimits, notices: MailNotices,
        kit: Kit, policy: SessionPolicy
    ) {
        (self.accounts, self.sessions, self.passwords, self.attempts) = (accounts, sessions, passwords, attempts)
        (self.notices, self.kit, self.policy) = (notices, kit, policy)
    }

    /// A wrong present password counts like a failed login.
    ///
    /// - Throws: ``AuthError/validationFailed(_:)`` also if the present password is wrong, ``AuthError/invalidToken`` if the session ended
    ///   meanwhile, ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    public func change(
        current: String, new plaintext: String, confirmation: String, of session: AuthenticatedSession, origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens {
        guard let email = EmailAddress(session.user.email, rules: kit.rules) else {
            throw .internalError(cause: "the address is not valid")
        }
        let password = try validated(current: current, plaintext, confirmation, email)
        let login = try await attempts.begin(email, device: session.session.id, origin, with: passwords)
        let attempt = login.attempt
        do throws(AuthError) {
            let account = try await accounts.credentials(for: email, verificationGrace: nil)
            let verdict = try await passwords.verify(
                passwords.password(current), against: account?.passwordHash, in: login.reservation)
            if let account, verdict.matches, account.userID == session.user.id {
                let hash = try await passwords.hash(password, for: email, in: try passwords.reserve(for: origin.ip))
                let tokens = try await replace(account, hash, session, attempt, origin)
                attempts.accept(login)
                return tokens
            }
        } catch {
            attempts.withdraw(login)
            throw error
        }
        await attempts.refuse(login)
        let events = try attempts.events(of: attempt, account: session.user.id.routing, origin)
        try await accounts.recordFailedLogin(attempt, userID: session.user.id, events: events)
        throw .validationFailed([.incorrectPassword])
    }

    private func replace(
        _ account: Credentials, _ hash: PasswordHash, _ session: AuthenticatedSession, _ attempt: LoginAttempt, _ origin: RequestOrigin
    ) async throws(AuthError) -> IssuedTokens {
        let (id, salt) = (session.session.id, Octets32.random())
        let pair = try kit.mint.first(for: id, salt: salt)
        var order = PasswordChangeOrder(
            account: account, passwordHash: hash, session: id, attempt: attempt, salt: salt, digests: try kit.mint.digests(of: pair),
            event: kit.identifiers.event(.passwordChanged, of: id.routing, origin))
        order.notice = notices.notice(.passwordChanged, of: account.userID)
        guard let issued = try await sessions.changePassword(order, policy: policy) else { throw .invalidToken }
        return IssuedTokens(pair: pair, session: issued)
    }

    private func validated(
        current: String, _ plaintext: String, _ confirmation: String, _ email: EmailAddress
    ) throws(AuthError) -> Password {
        var errors = passwords.errors(inPresented: current).map { error in
            FieldError(field: "current_password", code: error.code, detail: error.detail)
        }
        let password = passwords.new(plaintext, confirmation: confirmation, for: email, errors: &errors)
        guard errors.isEmpty else { throw .validationFailed(errors) }
        return password
    }
}

/// A change of password whose present password was right.
public struct PasswordChangeOrder: Sendable {
    /// The account as it was when the present password was compared.
    public let account: Credentials
    public let passwordHash: PasswordHash
    /// The session that asks, which gets the new tokens.
    public let session: SessionID
    /// The login that is no failure: its transaction clears it.
    public let attempt: LoginAttempt
    public let salt: Octets32
    public let digests: TokenDigests
    /// `nil` if the server sends no mail.
    public var notice: NewMail?
    public let event: AuditEvent

    /// Without a notice, until one is set.
    public init(
        account: Credentials, passwordHash: PasswordHash, session: SessionID, attempt: LoginAttempt, salt: Octets32, digests: TokenDigests,
        event: AuditEvent
    ) {
        (self.account, self.passwordHash, self.session, self.attempt) = (account, passwordHash, session, attempt)
        (self.salt, self.digests, self.event) = (salt, digests, event)
    }
}

/// Changes passwords in one transaction with what follows.
public protocol PasswordChangeStore: Sendable {
    /// Sets the password, ends all other sessions and all tokens that could reset it, gives the session its new tokens, queues the notice,
    /// and writes the event.
    ///
    /// - Returns: `nil` if the session has ended, or if the password was changed meanwhile.
    func changePassword(_ order: PasswordChangeOrder, policy: SessionPolicy) async throws(AuthError) -> IssuedSession?
}

extension FieldError {
    fileprivate static let incorrectPassword = FieldError(
        field: "current_password", code: .incorrectPassword, detail: "This is not the account's present password.")
}

extension AuditKind {
    public static let passwordChanged = AuditKind("authn_password_change")
}
