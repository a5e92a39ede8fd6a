import AuthCore
import AuthTestSupport
import Testing

@Suite(.requestDeadline) struct SignInTests {
    private let world = World()

    private func failure(_ email: String = World.email, password: String = World.password, deviceName: String? = nil) async -> AuthError? {
        do {
            _ = try await world.signIn.signIn(email: email, password: password, deviceName: deviceName, origin: World.origin)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a login yields tokens that are good for as long as it says`() async throws {
        let user = try await world.register()
        let tokens = try await world.logIn("ADA@example.org", deviceName: "laptop")
        #expect(tokens.user == user)
        #expect(tokens.accessExpiresIn == 3600)
        #expect(tokens.refreshExpiresIn == 14 * 86_400)
        let who = try await world.authentication.authenticate(tokens.pair.access.reveal())
        #expect(who.user == user)
        #expect(who.session.id == tokens.sessionID)
        #expect(who.session.name == "laptop")
        #expect(who.session.ip == "192.0.2.7")
        #expect(world.eventKinds == [.userCreated, .loginSucceeded])
        #expect(world.database.events.last?.sessionID == tokens.sessionID)
    }

    @Test func `EN2: an absent address, a wrong password and a disabled account look alike and cost one verification each`() async throws {
        let user = try await world.register()
        #expect(await failure("nobody@example.org") == .invalidCredentials)
        #expect(world.hasher.counts == .init(hashes: 1, verifications: 1))
        #expect(await failure(password: "wrong") == .invalidCredentials)
        #expect(world.hasher.counts == .init(hashes: 1, verifications: 2))
        world.database.disable(user.id)
        #expect(await failure() == .invalidCredentials)
        #expect(world.hasher.counts == .init(hashes: 1, verifications: 3))
        #expect(world.database.sessionCount == 0)
    }

    @Test func `RL9: where there is no room for a hash nothing else is done for a login`() async throws {
        _ = try await world.register()
        world.hasher.fill()
        #expect(await failure() == .overloaded(retryAfter: .seconds(2)))
        #expect(await failure("nobody@example.org") == .overloaded(retryAfter: .seconds(2)))
        #expect(world.hasher.counts.verifications == 0 && world.eventKinds == [.userCreated])
        guard case .validationFailed = await failure(password: "") else {
            Issue.record("no validation error")
            return
        }
    }

    @Test func `each failed login is audited with the address that was tried`() async throws {
        let user = try await world.register()
        _ = await failure("Nobody@example.org")
        _ = await failure(password: "wrong")
        let failures = world.database.events.filter { $0.kind == .loginFailed }
        #expect(failures.map(\.email) == ["nobody@example.org", "ada@example.org"])
        #expect(failures.map(\.userID) == [nil, user.id])
    }

    @Test func `EN2, PW2: input that no account can have is refused by field, before any look-up or hash`() async {
        // A look-up, or a count of attempts, would be unavailable.
        world.database.goAway()
        guard
            case .validationFailed(let errors) = await failure(
                "ada", password: String(repeating: "x", count: 257), deviceName: String(repeating: "n", count: 101))
        else {
            Issue.record("no validation error")
            return
        }
        #expect(errors.map(\.code) == [.invalidEmail, .passwordTooLong, .tooLong])
        guard case .validationFailed(let others) = await failure(password: "", deviceName: "a\u{7}b") else {
            Issue.record("no validation error")
            return
        }
        #expect(others.map(\.code) == [.required, .invalidCharacters])
        #expect(world.hasher.counts == .init())
        guard case .unavailable = await failure() else {
            Issue.record("a look-up is not unavailable")
            return
        }
    }

    @Test func `a short password may be tried: the rule is for new ones`() async {
        #expect(await failure(password: "x") == .invalidCredentials)
    }

    @Test func `PW11: a weak hash is replaced at login, once`() async throws {
        let user = try await world.register()
        let old = world.database.passwordHash(of: user.id)
        world.hasher.strengthen()
        _ = try await world.logIn()
        #expect(world.database.passwordHash(of: user.id) != old)
        _ = try await world.logIn()
        #expect(world.hasher.counts == .init(hashes: 2, verifications: 2))
    }

    @Test func `no room for a stronger hash does not stop a login`() async throws {
        let user = try await world.register()
        let old = world.database.passwordHash(of: user.id)
        world.hasher.strengthen()
        world.hasher.refuseHashing()
        _ = try await world.logIn()
        #expect(world.database.passwordHash(of: user.id) == old)
    }

    @Test func `SE4: each login is a session of its own, with secrets of its own`() async throws {
        try await world.register()
        let tokens = [try await world.logIn(), try await world.logIn()]
        #expect(tokens[0].sessionID != tokens[1].sessionID)
        #expect(Set(tokens.flatMap { [$0.pair.access.secret.array, $0.pair.refresh.secret.array] }).count == 4)
        for each in tokens { _ = try await world.authentication.authenticate(each.pair.access.reveal()) }
    }

    @Test func `the database away is unavailable, never wrong credentials`() async throws {
        try await world.register()
        world.database.goAway()
        guard case .unavailable = await failure() else {
            Issue.record("not unavailable")
            return
        }
    }
}
