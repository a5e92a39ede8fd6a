import AuthCore
import AuthTestSupport
import Testing

/// The modes of registration, on PostgreSQL.
@Suite struct RegistrationModeTests {
    private static func with(
        _ mode: RegistrationPolicy.Mode, grace: Duration? = nil, _ body: (TestStores) async throws -> Void
    ) async throws {
        try await TestDatabase.with { test in
            try await test.withDatabase { database in
                var policies = Policies.standard
                policies.registration = RegistrationPolicy(mode: mode, verificationGrace: grace)
                try await body(TestStores(test, database, policies: policies))
            }
        }
    }

    private static func register(_ stores: TestStores, _ email: String = Owner.email) async throws -> User? {
        try await stores.domain.accounts.registration.register(
            email: email, password: Owner.password, confirmation: Owner.password, origin: TestStores.origin)
    }

    private static func finish(_ stores: TestStores, _ token: String, as purpose: OneTimeTokenPurpose = .confirmRegistration) async throws
        -> User
    {
        try await stores.domain.accounts.registration.finish(
            token: token, as: purpose, password: Owner.newPassword, confirmation: Owner.newPassword, origin: TestStores.origin)
    }

    private static func send(_ stores: TestStores) async throws { _ = try await stores.domain.mails.delivery.sendDue { _ in } }

    @Test
    func `EN4: nobody learns whether an address has an account, the account begins with the link, and the reader chooses the password`()
        async throws
    {
        try await Self.with(.verified) { stores in
            #expect(try await Self.register(stores) == nil)
            #expect(try await stores.database.value("SELECT count(*) FROM users") == "0")
            try await Self.send(stores)
            let letter = try #require(stores.mails.letters.last)
            #expect(letter.kind == .confirmRegistration)
            let user = try await Self.finish(stores, letter.token)
            let owner = Owner(stores: stores, user: user, email: Owner.email)
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn() }
            _ = try await owner.logIn(Owner.newPassword)
            #expect(try await stores.domain.profiles.profile(of: user.id).isEmailVerified)

            #expect(try await Self.register(stores) == nil)
            try await Self.send(stores)
            #expect(stores.mails.letters.last?.kind == .addressTaken)
            #expect(try await stores.database.value("SELECT count(*) FROM users") == "1")
        }
    }

    @Test func `RC1: a link makes one account, however often it is used at the same time`() async throws {
        try await Self.with(.verified) { stores in
            _ = try await Self.register(stores)
            try await Self.send(stores)
            let token = try #require(stores.mails.letters.last).token
            #expect(await successes(16) { _ in _ = try await Self.finish(stores, token) } == 1)
            #expect(try await stores.database.value("SELECT count(*) FROM users") == "1")
            await #expect(throws: AuthError.invalidOneTimeToken) { _ = try await Self.finish(stores, token, as: .acceptInvitation) }
        }
    }

    @Test func `only those who are invited register, once, and nobody who has an account is invited`() async throws {
        try await Self.with(.invited) { stores in
            await #expect(throws: AuthError.registrationClosed) { _ = try await Self.register(stores) }
            let invite = { () async throws in
                try await stores.domain.accounts.registration.invite(
                    try TestStores.address(Owner.email), locale: .german, origin: TestStores.origin)
                try await Self.send(stores)
            }
            try await invite()
            let letter = try #require(stores.mails.letters.last)
            #expect(letter.kind == .invitation && letter.message.locale == .german)
            _ = try await Self.finish(stores, letter.token, as: .acceptInvitation)
            try await invite()
            #expect(stores.mails.letters.count == 1)
            #expect(try await stores.database.value("SELECT state FROM mails ORDER BY id DESC LIMIT 1") == "cancelled")
        }
    }

    @Test func `an unverified account cannot log in after its grace, which only those learn who know the password`() async throws {
        try await Self.with(.open, grace: .seconds(3600)) { stores in
            let owner = try await Owner.registered(stores)
            _ = try await owner.logIn()
            try await stores.database.query("UPDATE users SET created_at = created_at - interval '1 hour'")
            await #expect(throws: AuthError.emailUnverified) { _ = try await owner.logIn() }
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn("a wrong password") }
            try await stores.domain.emails.confirm(token: try owner.letter(.verifyEmail).token, origin: TestStores.origin)
            _ = try await owner.logIn()
        }
    }

    @Test func `a disabled account is enabled by the first login after its time, and its owner was told`() async throws {
        try await Self.with(.open) { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            let administration = stores.domain.accounts.administration
            let address = try TestStores.address(Owner.email)
            _ = try await administration.disable(address, for: .seconds(3600), reason: "a break", origin: TestStores.origin)
            try await owner.send()
            #expect(try owner.letter(.accountDisabled).values.reason == "a break")
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn() }
            try await stores.database.query("UPDATE users SET disabled_until = now()")
            let fresh = try await owner.logIn()
            #expect(try await owner.isAlive(fresh))
            #expect(try await !owner.isAlive(session))
        }
    }
}
