import AuthCrypto
import AuthTestSupport
import Testing

@testable import AuthCore

@Suite(.requestDeadline) struct RefreshTests {
    private static let grace: Duration = .seconds(10)
    private static let window: Duration = .seconds(600)

    private let world = World(sessions: .standard(refreshGrace: grace, refreshRetryWindow: window))

    private func signedIn() async throws -> IssuedTokens {
        try await world.register()
        return try await world.logIn()
    }

    private func refresh(_ token: RefreshToken) async throws(AuthError) -> IssuedTokens {
        try await world.refresh.refresh(token.reveal(), origin: World.origin)
    }

    private func refusal(of token: RefreshToken) async -> AuthError? {
        do throws(AuthError) {
            _ = try await refresh(token)
            return nil
        } catch {
            return error
        }
    }

    private func isAccepted(_ token: AccessToken) async -> Bool {
        (try? await world.authentication.authenticate(token.reveal())) != nil
    }

    private func isSame(_ left: TokenPair, _ right: TokenPair) -> Bool {
        left.access.reveal() == right.access.reveal() && left.refresh.reveal() == right.refresh.reveal()
    }

    @Test func `a refresh yields two new tokens of the same session`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        #expect(second.sessionID == first.sessionID && second.user == first.user)
        #expect(second.pair.access.reveal() != first.pair.access.reveal())
        #expect(await isAccepted(second.pair.access))
        #expect(world.eventKinds == [.userCreated, .loginSucceeded, .sessionRenewed])
    }

    @Test func `within the grace every presenter of one token gets the same pair`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        world.clock.advance(by: .seconds(9))
        #expect(await isAccepted(second.pair.access))
        for _ in 0..<3 { #expect(isSame(try await refresh(first.pair.refresh).pair, second.pair)) }
        #expect(world.eventKinds == [.userCreated, .loginSucceeded, .sessionRenewed])
    }

    @Test func `the old access token works through the grace and no longer`() async throws {
        let first = try await signedIn()
        _ = try await refresh(first.pair.refresh)
        world.clock.advance(by: .seconds(9))
        #expect(await isAccepted(first.pair.access))
        world.clock.advance(by: .seconds(1))
        #expect(await !isAccepted(first.pair.access))
    }

    @Test func `an access token that had expired does not come back with the grace`() async throws {
        let first = try await signedIn()
        world.clock.advance(by: .seconds(3595))
        _ = try await refresh(first.pair.refresh)
        world.clock.advance(by: .seconds(5))
        #expect(await !isAccepted(first.pair.access))
    }

    @Test func `the access token of two refreshes ago has no grace`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        _ = try await refresh(second.pair.refresh)
        #expect(await !isAccepted(first.pair.access))
        #expect(await isAccepted(second.pair.access))
    }

    @Test func `RF3: a lost response is told again within the window, audited, and the session lives`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        world.clock.advance(by: .seconds(300))
        let retried = try await refresh(first.pair.refresh)
        #expect(isSame(retried.pair, second.pair))
        #expect(retried.accessExpiresIn == 3300)
        #expect(world.eventKinds.last == .renewalRetried)
        #expect(await isAccepted(second.pair.access))
    }

    @Test func `LG1: a retry is in the audit trail once for each generation, however often it is made`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        world.clock.advance(by: .seconds(20))
        for _ in 0..<5 { _ = try await refresh(first.pair.refresh) }
        #expect(world.eventKinds.count { $0 == .renewalRetried } == 1)
        _ = try await refresh(second.pair.refresh)
        world.clock.advance(by: .seconds(20))
        for _ in 0..<5 { _ = try await refresh(second.pair.refresh) }
        #expect(world.eventKinds.count { $0 == .renewalRetried } == 2)
    }

    @Test(arguments: [1, 2])
    func `RF1: a token that is over ends its session, whatever its network has spent`(age: Int) async throws {
        let first = try await signedIn()
        var last = first
        for _ in 0..<age { last = try await refresh(last.pair.refresh) }
        #expect(await isAccepted(last.pair.access))
        world.clock.advance(by: Self.grace)
        try await spendAllowance(on: forged(like: first.pair.refresh))
        #expect(await refusal(of: first.pair.refresh) == .refreshTokenReused)
        #expect(await !isAccepted(last.pair.access))
        #expect(world.eventKinds.contains(.tokenReused))
    }

    @Test func `RF1: an older token with the former tag is asked about only while its network has something left, and judged then`()
        async throws
    {
        let first = try await signedIn()
        let third = try await refresh(try await refresh(first.pair.refresh).pair.refresh)
        let former = try #require(try await formerlyTagged(first.pair.refresh))
        try await spendAllowance(on: forged(like: former))
        #expect(await refusal(of: former) == .tooManyAttempts(retryAfter: .seconds(12)))
        #expect(await isAccepted(third.pair.access))
        world.clock.advance(by: .seconds(12))
        #expect(await refusal(of: former) == .refreshTokenReused)
        #expect(await !isAccepted(third.pair.access))
    }

    private func spendAllowance(on garbage: RefreshToken) async throws {
        for _ in 0..<30 { #expect(await refusal(of: garbage) == .invalidToken) }
        #expect(await refusal(of: garbage) == .tooManyAttempts(retryAfter: .seconds(12)))
    }

    /// The token as it was issued before its tag covered the secret.
    private func formerlyTagged(_ token: RefreshToken) async throws -> RefreshToken? {
        let store = InMemorySessionStore(database: world.database)
        guard let salt = try await store.findForRefresh(token.sessionID)?.salt else { return nil }
        let code = try OpenSSLTokenCryptography().hmacSHA256(key: salt, message: Array("auth-api/tag/1".utf8) + token.generation.octets)
        return RefreshToken(
            sessionID: token.sessionID, generation: token.generation, secret: token.secret, tag: RefreshTag(code.array.prefix(16)))
    }

    private func forged(like token: RefreshToken) -> RefreshToken {
        RefreshToken(sessionID: token.sessionID, generation: token.generation, secret: .random(), tag: token.tag)
    }

    @Test func `after the window the token is reused, and its session is dead`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        world.clock.advance(by: .seconds(600))
        #expect(await refusal(of: first.pair.refresh) == .refreshTokenReused)
        try await expectDead(second)
    }

    @Test func `after the grace a token whose successor was used is reused, and its session is dead`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        #expect(await isAccepted(second.pair.access))
        world.clock.advance(by: .seconds(10))
        #expect(await refusal(of: first.pair.refresh) == .refreshTokenReused)
        try await expectDead(second)
    }

    @Test func `the old access token used in its grace is no use of the successor`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        #expect(await isAccepted(first.pair.access))
        world.clock.advance(by: .seconds(10))
        #expect(isSame(try await refresh(first.pair.refresh).pair, second.pair))
    }

    @Test(arguments: [2, 3, 50])
    func `RF1: any older token is reused, within the grace too`(age: Int) async throws {
        let first = try await signedIn()
        var tokens = first
        for _ in 0..<age { tokens = try await refresh(tokens.pair.refresh) }
        #expect(await refusal(of: first.pair.refresh) == .refreshTokenReused)
        try await expectDead(tokens)
    }

    @Test func `reuse is audited once, however often it is tried`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        _ = try await refresh(second.pair.refresh)
        for _ in 0..<3 { _ = await refusal(of: first.pair.refresh) }
        #expect(world.eventKinds.count { $0 == .tokenReused } == 1)
        #expect(world.database.events.last?.sessionID == first.sessionID)
    }

    @Test func `without grace and window a token is good once`() async throws {
        let world = World(sessions: .standard(refreshGrace: .zero, refreshRetryWindow: .zero))
        try await world.register()
        let first = try await world.logIn()
        let second = try await world.refresh.refresh(first.pair.refresh.reveal(), origin: World.origin)
        await #expect(throws: AuthError.invalidToken) { try await world.authentication.authenticate(first.pair.access.reveal()) }
        await #expect(throws: AuthError.refreshTokenReused) {
            try await world.refresh.refresh(first.pair.refresh.reveal(), origin: World.origin)
        }
        await #expect(throws: AuthError.invalidToken) { try await world.authentication.authenticate(second.pair.access.reveal()) }
    }

    @Test func `a token that was never issued is refused without a trace`() async throws {
        let tokens = try await signedIn()
        let real = tokens.pair.refresh
        let wrongSecret = RefreshToken(sessionID: real.sessionID, generation: real.generation, secret: .random(), tag: real.tag)
        let wrongTag = try world.mint.first(for: real.sessionID, salt: .random()).refresh
        let future = try #require(try world.mint.successor(of: real, salt: .random())).refresh
        for forged in [wrongSecret, wrongTag, future] { #expect(await refusal(of: forged) == .invalidToken) }
        for text in [tokens.pair.access.reveal(), "art_", ""] {
            await #expect(throws: AuthError.invalidToken) { try await world.refresh.refresh(text, origin: World.origin) }
        }
        #expect(world.eventKinds == [.userCreated, .loginSucceeded])
        #expect(await refusal(of: real) == nil)
    }

    /// An intruder with the database can make every tag, but no secret that the current one derives from.
    @Test func `neither a session's id nor a stolen database lets anybody end a session`() async throws {
        let first = try await signedIn()
        let second = try await refresh(first.pair.refresh)
        let third = try await refresh(second.pair.refresh)
        for real in [first, second, third].map(\.pair.refresh) {
            let forged = RefreshToken(sessionID: real.sessionID, generation: real.generation, secret: .random(), tag: real.tag)
            #expect(await refusal(of: forged) == .invalidToken)
        }
        for value: Int32 in [.min, -1, 0] {
            let forged = RefreshToken(
                sessionID: first.sessionID, generation: TokenGeneration(value), secret: .random(), tag: first.pair.refresh.tag)
            #expect(await refusal(of: forged) == .invalidToken)
        }
        #expect(world.eventKinds.last == .sessionRenewed)
        #expect(await isAccepted(third.pair.access))
    }

    @Test func `tabs that refresh together, again and again, never lose their session`() async throws {
        var tokens = try await signedIn()
        for _ in 0..<20 {
            let presented = tokens.pair.refresh
            let answers = try await withThrowingTaskGroup(of: IssuedTokens.self) { group in
                for _ in 0..<8 { group.addTask { try await world.refresh.refresh(presented.reveal(), origin: World.origin) } }
                return try await group.reduce(into: [IssuedTokens]()) { $0.append($1) }
            }
            #expect(Set(answers.map { $0.pair.refresh.reveal() }).count == 1)
            tokens = answers[0]
            world.clock.advance(by: .seconds(11))
        }
        #expect(world.eventKinds.count { $0 == .sessionRenewed } == 20)
    }

    private func expectDead(_ tokens: IssuedTokens) async throws {
        #expect(await !isAccepted(tokens.pair.access))
        #expect(await refusal(of: tokens.pair.refresh) == .invalidToken)
        #expect(world.eventKinds.last == .tokenReused)
        #expect(world.database.events.last?.sessionID == tokens.sessionID)
    }
}
