import AuthTestSupport
import AuthText
import Testing

@testable import AuthCore

@Suite(.requestDeadline) struct AttemptLimitsTests {
    private let world = World()

    private static func origin(_ ip: String) -> RequestOrigin { RequestOrigin(ip: ip, userAgent: nil, requestID: "request") }

    private func failure(
        _ email: String = World.email, password: String = "wrong", from ip: String = "192.0.2.7"
    ) async -> AuthError? {
        await Self.failure(in: world, email, password: password, from: ip)
    }

    private static func failure(
        in world: World, _ email: String = World.email, password: String = "wrong", from ip: String = "192.0.2.7"
    ) async -> AuthError? {
        do {
            _ = try await world.signIn.signIn(email: email, password: password, deviceName: nil, origin: origin(ip))
            return nil
        } catch {
            return error
        }
    }

    /// Wrong until so many were evaluated, each as soon as it may be.
    private func fail(times: Int, from ip: (Int) -> String = { "198.51.100.\($0)" }) async {
        for number in 0..<times {
            while case .tooManyAttempts(let wait)? = await failure(from: ip(number)) { world.clock.advance(by: wait) }
        }
    }

    @Test func `RL1: five wrong passwords are free, and the next wait, twice as long each time, is up to 15 minutes`() async throws {
        try await world.register()
        for _ in 0..<5 { #expect(await failure() == .invalidCredentials) }
        for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            #expect(await failure() == .tooManyAttempts(retryAfter: .seconds(wait)))
            #expect(await failure(password: World.password) == .tooManyAttempts(retryAfter: .seconds(wait)))
            world.clock.advance(by: .seconds(wait))
            #expect(await failure() == .invalidCredentials)
        }
        #expect(world.hasher.counts.verifications == 17)
        #expect(world.eventKinds.filter { $0 == .loginFailed }.count == 17)
        #expect(world.eventKinds.filter { $0 == .loginFailedMax }.count == 1)
    }

    @Test func `RL1: after a hundred there is one attempt in an hour, never none, and sessions go on`() async throws {
        try await world.register()
        let tokens = try await world.logIn()
        await fail(times: 100)
        #expect(world.eventKinds.last == .loginLocked)
        _ = try await world.refresh.refresh(tokens.pair.refresh.reveal(), origin: World.origin)
        for _ in 0..<3 {
            #expect(await failure(password: World.password, from: "203.0.113.1") == .tooManyAttempts(retryAfter: .seconds(3600)))
            world.clock.advance(by: .seconds(3600))
            #expect(await failure(from: "198.51.100.1") == .invalidCredentials)
        }
        world.clock.advance(by: .seconds(3599))
        #expect(await failure(password: World.password, from: "203.0.113.1") == .tooManyAttempts(retryAfter: .seconds(1)))
        world.clock.advance(by: .seconds(1))
        #expect(await failure(password: World.password, from: "203.0.113.1") == nil)
        #expect(world.eventKinds.count { $0 == .loginLocked } == 1)
    }

    @Test func `RL1: an operator ends the wait after a hundred`() async throws {
        try await world.register()
        await fail(times: 100)
        let email = try #require(EmailAddress("ADA@example.org", rules: UnicodeTextRules()))
        #expect(try await world.limits.unlock(email, origin: World.origin))
        #expect(try await !world.limits.unlock(email, origin: World.origin))
        #expect(world.eventKinds.last == .loginUnlocked)
        #expect(await failure(password: World.password, from: "203.0.113.1") == nil)
    }

    @Test func `RL5: strangers do not lock out an owner who logged in from here before, nor does the owner give them new guesses`()
        async throws
    {
        try await world.register()
        _ = try await world.logIn()
        await fail(times: 8)
        #expect(await failure(from: "198.51.100.99") == .tooManyAttempts(retryAfter: .seconds(8)))
        _ = try await world.logIn()
        #expect(await failure(from: "198.51.100.99") == .tooManyAttempts(retryAfter: .seconds(8)))
        for _ in 0..<5 { #expect(await failure(from: "192.0.2.7") == .invalidCredentials) }
        #expect(await failure(password: World.password) == .tooManyAttempts(retryAfter: .seconds(1)))
    }

    @Test func `RL5: what was tried at an address before it has an owner does not keep the owner out, from anywhere`() async throws {
        await fail(times: 100)
        try await world.register()
        #expect(await failure(password: World.password) == nil)
        #expect(await failure(password: World.password, from: "203.0.113.1") == nil)
    }

    @Test func `RL5: strangers do not lock out an owner where the account was registered`() async throws {
        try await world.register()
        await fail(times: 9)
        #expect(await failure(password: World.password) == nil)
    }

    @Test func `RL5: a device with a live session gets in while strangers and its neighbours fail, and has failures of its own`()
        async throws
    {
        try await world.register()
        let device = try await world.authentication.authenticate(try await world.logIn().pair.access.reveal())
        func logIn(_ password: String = World.password, from ip: String, _ device: AuthenticatedSession?) async -> AuthError? {
            do {
                _ = try await world.signIn.signIn(
                    email: World.email, password: password, deviceName: nil, device: device, origin: Self.origin(ip))
                return nil
            } catch {
                return error
            }
        }
        await fail(times: 9)
        await fail(times: 9) { _ in "192.0.2.7" }
        #expect(await logIn(from: "203.0.113.1", device) == nil)
        #expect(await logIn(from: "192.0.2.7", device) == nil)
        #expect(await failure(from: "192.0.2.7") == .tooManyAttempts(retryAfter: .seconds(16)))
        for _ in 0..<5 { #expect(await logIn("wrong", from: "192.0.2.7", device) == .invalidCredentials) }
        #expect(await logIn(from: "192.0.2.7", device) == .tooManyAttempts(retryAfter: .seconds(1)))
        try await world.register("eve@example.org")
        let stranger = try await world.authentication.authenticate(try await world.logIn("eve@example.org").pair.access.reveal())
        #expect(await logIn(from: "198.51.100.77", stranger) != nil)
    }

    @Test func `RL9: right logins of one account from one network are few as well, and from another one they go on`() async throws {
        try await world.register()
        for _ in 0..<100 { _ = try await world.logIn() }
        #expect(await failure(password: World.password) == .tooManyAttempts(retryAfter: .seconds(12)))
        #expect(await failure(password: World.password, from: "203.0.113.1") == nil)
        world.clock.advance(by: .seconds(12))
        #expect(await failure(password: World.password) == nil)
        #expect(await failure(password: World.password) == .tooManyAttempts(retryAfter: .seconds(12)))
    }

    @Test func `EN5: an absent account is refused as one that exists is`() async throws {
        try await world.register()
        var answers: [String: [AuthError?]] = [:]
        for email in [World.email, "nobody@example.org"] {
            for _ in 0..<20 {
                answers[email, default: []].append(await failure(email, from: "198.51.100.\(email.count)"))
                world.clock.advance(by: .milliseconds(700))
            }
        }
        #expect(answers[World.email] == answers["nobody@example.org"])
        #expect(answers[World.email]?.contains(.tooManyAttempts(retryAfter: .milliseconds(300))) == true)
    }

    @Test func `a success ends the count`() async throws {
        try await world.register()
        for _ in 0..<3 {
            for _ in 0..<4 { #expect(await failure() == .invalidCredentials) }
            _ = try await world.logIn()
        }
    }

    @Test func `what was not evaluated is not counted`() async throws {
        let world = World(attempts: .standard(hourlyPerNetwork: 10))
        world.hasher.refuseVerification()
        for _ in 0..<20 {
            // The next waits for its turn until this one is uncounted.
            #expect(await Self.failure(in: world) == .overloaded(retryAfter: .seconds(2)))
        }
    }

    @Test func `RL1: what was evaluated and wrong stays counted, also where it could not be written down`() async throws {
        try await world.register()
        let signIn = world.domain { $0.accounts.accounts = Unrecording(accounts: $0.accounts.accounts) }.sessions.signIn
        for _ in 0..<5 {
            await #expect(throws: AuthError.unavailable(cause: "away")) {
                try await signIn.signIn(email: World.email, password: "wrong", deviceName: nil, origin: World.origin)
            }
        }
        #expect(await failure() == .tooManyAttempts(retryAfter: .seconds(1)))
    }

    @Test func `RL8: fifty right logins in parallel all succeed`() async throws {
        try await world.register()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await world.logIn() } }
            try await group.waitForAll()
        }
        #expect(world.database.sessionCount == 50)
    }

    @Test func `RL7: one address has thirty failures in a burst and then one in twelve seconds, on any accounts`() async throws {
        for number in 0..<30 { #expect(await failure("person\(number)@example.org") == .invalidCredentials) }
        #expect(world.eventKinds.last == .loginFailed && world.eventKinds.dropLast().last == .rateLimitExceeded)
        #expect(await failure("person30@example.org") == .tooManyAttempts(retryAfter: .seconds(12)))
        #expect(await failure("person30@example.org", from: "192.0.2.8") == .invalidCredentials)
        world.clock.advance(by: .seconds(12))
        #expect(await failure("person30@example.org") == .invalidCredentials)
        #expect(await failure("person31@example.org") == .tooManyAttempts(retryAfter: .seconds(12)))
    }

    @Test func `RL7: registrations of one address are as few`() async throws {
        for number in 0..<30 { try await world.register("person\(number)@example.org") }
        await #expect(throws: AuthError.tooManyAttempts(retryAfter: .seconds(12))) { try await world.register("person30@example.org") }
        #expect(world.hasher.counts.hashes == 30)
    }

    @Test func `RL7: bad refresh tokens and client secrets of one address are as few, and a good one is good`() async throws {
        try await world.register()
        let tokens = try await world.logIn()
        let secret = try #require(await world.clients.add(ServiceClientID("orders")!, origin: World.origin))
        for _ in 0..<30 {
            await #expect(throws: AuthError.invalidToken) { try await world.refresh.refresh("art_bad", origin: World.origin) }
            await #expect(throws: AuthError.invalidClient) {
                try await world.clients.authenticate(id: "orders", secret: "bad", origin: World.origin)
            }
        }
        let refusal = AuthError.tooManyAttempts(retryAfter: .seconds(12))
        await #expect(throws: refusal) { try await world.refresh.refresh("art_bad", origin: World.origin) }
        await #expect(throws: refusal) { try await world.clients.authenticate(id: "orders", secret: "bad", origin: World.origin) }
        _ = try await world.refresh.refresh(tokens.pair.refresh.reveal(), origin: World.origin)
        _ = try await world.clients.authenticate(id: "orders", secret: secret.reveal(), origin: World.origin)
    }

    @Test func `a caller whose turn does not come by the deadline is refused`() async throws {
        let queue = KeyedQueue<Int>()
        try await queue.enter(1)
        await #expect(throws: AuthError.overloaded(retryAfter: .seconds(1))) {
            try await RequestDeadline.$current.withValue(.now + .milliseconds(520)) { try await queue.enter(1) }
        }
        await queue.leave(1)
        try await queue.enter(1)
    }
}

/// Accounts whose audit trail takes no failed login.
private struct Unrecording: AccountStore {
    let accounts: any AccountStore

    func create(_ account: NewAccount, ip: String?, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> User? {
        try await accounts.create(account, ip: ip, policy: policy, event: event)
    }
    func create(
        _ account: NewAccount, redeeming token: PresentedOneTimeToken, ip: String?, policy: AttemptPolicy, event: AuditEvent
    ) async throws(AuthError) -> User? {
        try await accounts.create(account, redeeming: token, ip: ip, policy: policy, event: event)
    }
    func credentials(for email: EmailAddress, verificationGrace: Duration?) async throws(AuthError) -> Credentials? {
        try await accounts.credentials(for: email, verificationGrace: verificationGrace)
    }
    func recordFailedLogin(_ attempt: LoginAttempt, userID: UserID?, events: [AuditEvent]) async throws(AuthError) {
        throw .unavailable(cause: "away")
    }
}
