import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import Testing

/// An account with its owner, who logs in and reads mails.
struct Owner {
    static let email = "ada@example.org"
    static let password = "correct horse battery staple"
    static let newPassword = "a better horse, and a fresh battery"

    let stores: TestStores
    let user: User
    let email: String

    private var domain: Domain { stores.domain }

    /// Registers an account. The mail that verifies it is sent.
    static func registered(_ stores: TestStores, email: String = email) async throws -> Owner {
        let user = try await stores.domain.accounts.registration.register(
            email: email, password: password, confirmation: password, origin: TestStores.origin)
        let owner = Owner(stores: stores, user: try #require(user), email: email)
        try await owner.send()
        return owner
    }

    func logIn(_ password: String = password, as email: String? = nil, from origin: RequestOrigin = TestStores.origin) async throws
        -> AuthenticatedSession
    {
        let tokens = try await domain.sessions.signIn.signIn(
            email: email ?? self.email, password: password, deviceName: nil, origin: origin)
        return try await session(tokens)
    }

    func session(_ tokens: IssuedTokens) async throws -> AuthenticatedSession {
        try await domain.sessions.authentication.authenticate(tokens.pair.access.reveal())
    }

    func isAlive(_ session: AuthenticatedSession) async throws -> Bool {
        try await stores.sessions.findLive(session.session.id) != nil
    }

    /// Sends all mails that are due.
    @discardableResult
    func send() async throws -> Int { try await domain.mails.delivery.sendDue { _ in } }

    /// The newest mail of a kind.
    func letter(_ kind: MailKind) throws -> MailSink.Letter {
        try #require(stores.mails.letters.last { letter in letter.kind == kind }, "no mail \(kind)")
    }

    /// Asks for a reset, and reads the token in the mail.
    func resetToken() async throws -> String {
        try await domain.recovery.forget(email: email, locale: nil, origin: TestStores.origin)
        try await send()
        return try letter(.resetPassword).token
    }

    func reset(_ token: String, to password: String = newPassword) async throws {
        try await domain.recovery.reset(token: token, password: password, confirmation: password, origin: TestStores.origin)
    }

    /// Asks for a change of address, and reads the token in the mail to the new address.
    func changeToken(to email: String, _ session: AuthenticatedSession) async throws -> String {
        try await domain.emails.change.request(email: email, of: session, origin: TestStores.origin)
        try await send()
        return try letter(.confirmEmail).token
    }

    func credentials(_ email: String) async throws -> Credentials? {
        try await stores.accounts.credentials(for: EmailAddress(email, rules: UnicodeTextRules())!)
    }
}

/// How many of the bodies succeeded that ran at the same time.
func successes(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async -> Int {
    await withTaskGroup(of: Bool.self) { group in
        for number in 0..<count {
            group.addTask {
                do {
                    try await body(number)
                    return true
                } catch { return false }
            }
        }
        return await group.reduce(0) { sum, isSuccess in sum + (isSuccess ? 1 : 0) }
    }
}
