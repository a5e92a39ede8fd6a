import AuthCore
import AuthTestSupport
import Testing

/// Resets and "this wasn't me", on PostgreSQL.
@Suite struct RecoveryTests {
    @Test func `RC6: a reset ends all sessions, signs nobody in, and tells the owner`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let before = try await owner.logIn()
            try await owner.reset(try await owner.resetToken())
            #expect(try await !owner.isAlive(before))
            #expect(try await stores.database.value("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == "0")
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn() }
            _ = try await owner.logIn(Owner.newPassword)
            try await owner.send()
            #expect(try !owner.letter(.passwordChanged).secureToken.isEmpty)
            #expect(try await stores.domain.profiles.profile(of: owner.user.id).isEmailVerified)
        }
    }

    @Test(arguments: [16, 200])
    func `RC1: of many redemptions of one token on two instances one succeeds`(_ count: Int) async throws {
        try await TestStores.with { stores in
            try await stores.database.withDatabase { other in
                let second = TestStores(stores, other)
                let owner = try await Owner.registered(stores)
                let token = try await owner.resetToken()
                let domains = [stores.domain, second.domain]
                let accepted = await successes(count) { number in
                    let password = "a fresh password, number \(number)"
                    let origin = RequestOrigin(ip: "198.51.\(number / 200).\(number % 200)", userAgent: nil, requestID: "r")
                    try await domains[number % 2].recovery.reset(
                        token: token, password: password, confirmation: password, origin: origin)
                }
                #expect(accepted == 1)
                #expect(try await stores.database.value("SELECT count(*) FROM audit_pending WHERE type = 'password_reset'") == "1")
            }
        }
    }

    @Test func `RC1: a token permits one thing only, until its time`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let verification = try owner.letter(.verifyEmail).token
            await #expect(throws: AuthError.invalidOneTimeToken) { try await owner.reset(verification) }
            let token = try await owner.resetToken()
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.emails.confirm(token: token, origin: TestStores.origin)
            }
            await #expect(throws: AuthError.invalidOneTimeToken) {
                try await stores.domain.recovery.secure(token: token, origin: TestStores.origin)
            }
            try await stores.database.query("UPDATE one_time_tokens SET expires_at = now()")
            await #expect(throws: AuthError.invalidOneTimeToken) { try await owner.reset(token) }
        }
    }

    @Test func `RC2: a newer request and a new password end earlier tokens, and nothing empty matches`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let first = try await owner.resetToken()
            let second = try await owner.resetToken()
            await #expect(throws: AuthError.invalidOneTimeToken) { try await owner.reset(first) }
            let session = try await owner.logIn()
            _ = try await stores.domain.sessions.passwordChange.change(
                current: Owner.password, new: Owner.newPassword, confirmation: Owner.newPassword, of: session, origin: TestStores.origin)
            await #expect(throws: AuthError.invalidOneTimeToken) { try await owner.reset(second) }
            for nothing in ["", "0", "null", "aot_", String(second.dropLast()), second + "A", second.uppercased()] {
                await #expect(throws: AuthError.invalidOneTimeToken) { try await owner.reset(nothing) }
            }
        }
    }

    @Test func `RC2: a mail that waits while the password is changed is not sent`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            _ = try await stores.domain.sessions.passwordChange.change(
                current: Owner.password, new: Owner.newPassword, confirmation: Owner.newPassword, of: session, origin: TestStores.origin)
            try await owner.send()
            #expect(!stores.mails.letters.contains { $0.kind == .resetPassword })
        }
    }

    @Test func `RC3: without a token, or with one that was used, no password is set`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let token = try await owner.resetToken()
            try await owner.reset(token)
            await #expect(throws: AuthError.invalidOneTimeToken) { try await owner.reset(token, to: "yet another password") }
            _ = try await owner.logIn(Owner.newPassword)
        }
    }

    @Test func `a password that is not allowed leaves the token good`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let token = try await owner.resetToken()
            await #expect(throws: AuthError.self) { try await owner.reset(token, to: "short") }
            try await owner.reset(token)
        }
    }

    @Test func `RC6: a disabled account gets no mail, and stays disabled`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let token = try await owner.resetToken()
            let address = try TestStores.address(Owner.email)
            _ = try await stores.domain.accounts.administration.disable(address, reason: "test", origin: TestStores.origin)
            try await owner.reset(token)
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn(Owner.newPassword) }
            let sent = stores.mails.letters.count
            try await stores.domain.recovery.forget(email: Owner.email, locale: nil, origin: TestStores.origin)
            try await owner.send()
            #expect(stores.mails.letters.dropFirst(sent).allSatisfy { $0.kind != .resetPassword })
        }
    }

    @Test func `"this wasn't me" ends all sessions, demands a new password, and sends the way to it`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let thief = try await owner.logIn()
            _ = try await stores.domain.sessions.passwordChange.change(
                current: Owner.password, new: Owner.newPassword, confirmation: Owner.newPassword, of: thief, origin: TestStores.origin)
            try await owner.send()
            try await stores.domain.recovery.secure(token: try owner.letter(.passwordChanged).secureToken, origin: TestStores.origin)
            #expect(try await !owner.isAlive(thief))
            await #expect(throws: AuthError.passwordResetRequired) { _ = try await owner.logIn(Owner.newPassword) }
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn() }
            try await owner.send()
            try await owner.reset(try owner.letter(.resetPassword).token, to: "my own password again")
            _ = try await owner.logIn("my own password again")
        }
    }

    @Test func `logins and refreshes during a reset leave no session that is older than it`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            for round in 0..<10 {
                let password = round == 0 ? Owner.password : "password of round \(round - 1)"
                try await stores.forgetLimits()
                let token = try await owner.resetToken()
                async let logins = successes(6) { _ in _ = try await owner.logIn(password) }
                try await owner.reset(token, to: "password of round \(round)")
                _ = await logins
                // A login that has read the old password before the reset opens no session after it.
                #expect(try await stores.liveSessions == "0", "round \(round)")
            }
        }
    }

    @Test func `"this wasn't me" against logins, a change of password and a reset: in the end nobody is in`() async throws {
        try await TestStores.with { stores in
            for round in 0..<8 {
                let owner = try await Owner.registered(stores, email: "p\(round)@example.org")
                try await stores.forgetLimits()
                let session = try await owner.logIn()
                let domain = stores.domain
                _ = try await domain.sessions.passwordChange.change(
                    current: Owner.password, new: Owner.newPassword, confirmation: Owner.newPassword, of: session, origin: TestStores.origin
                )
                try await owner.send()
                let secure = try owner.letter(.passwordChanged).secureToken
                async let rest = successes(6) { number in
                    switch number {
                    case 0...3: _ = try await owner.logIn(Owner.newPassword)
                    case 4:
                        _ = try await domain.sessions.passwordChange.change(
                            current: Owner.newPassword, new: "the thief's password", confirmation: "the thief's password", of: session,
                            origin: TestStores.origin)
                    default:
                        _ = try await domain.emails.change.request(email: "t\(round)@example.net", of: session, origin: TestStores.origin)
                    }
                }
                try await domain.recovery.secure(token: secure, origin: TestStores.origin)
                _ = await rest
                #expect(try await stores.liveSessions == "0", "round \(round)")
                #expect(try await stores.database.value("SELECT bool_and(password_reset_required) FROM users") == "t", "round \(round)")
            }
        }
    }
}
