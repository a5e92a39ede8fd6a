import AuthCore
import AuthTestSupport
import Testing

@Suite struct RegistrationTests {
    private let world = World()

    private func failure(email: String = World.email, password: String = World.password, confirmation: String? = nil) async -> AuthError? {
        do {
            _ = try await world.registration.register(
                email: email, password: password, confirmation: confirmation ?? password, origin: World.origin)
            return nil
        } catch {
            return error
        }
    }

    @Test func `an account keeps the address as given and is audited under its canonical form`() async throws {
        let user = try await world.register("Ada@Example.org")
        #expect(user.email == "Ada@Example.org")
        let event = try #require(world.database.events.first)
        #expect(world.eventKinds == [.userCreated])
        #expect(event.userID == user.id)
        #expect(event.email == "ada@example.org")
        #expect(event.origin.requestID == "request-1")
    }

    @Test func `UN1: a second account for another spelling of the address is refused, and audited`() async throws {
        try await world.register()
        #expect(await failure(email: "ADA@EXAMPLE.ORG") == .emailTaken)
        #expect(world.database.accountCount == 1)
        #expect(world.database.events.map(\.userID?.text).last == .some(nil))
    }

    @Test func `all fields that are wrong are named together, and nothing is hashed or stored`() async {
        guard case .validationFailed(let errors) = await failure(email: "ada", password: "short", confirmation: "other") else {
            Issue.record("no validation error")
            return
        }
        #expect(errors.map(\.field) == ["email", "password", "password2"])
        #expect(errors.map(\.code) == [.invalidEmail, .passwordTooShort, .passwordMismatch])
        #expect(world.hasher.counts.hashes == 0)
        #expect(world.database.accountCount == 0)
        #expect(world.database.events.isEmpty)
    }

    @Test func `the confirmation is compared after normalisation, and exactly`() async {
        #expect(await failure(password: "p\u{E4}ssw\u{F6}rd", confirmation: "pa\u{308}sswo\u{308}rd") == nil)
        guard case .validationFailed(let errors) = await failure(password: "Password1", confirmation: "password1") else {
            Issue.record("no validation error")
            return
        }
        #expect(errors.map(\.code) == [.passwordMismatch])
    }

    @Test func `PW1: the shortest password is let in and none that is shorter, counted in code points`() async {
        for (minimum, symbol) in [(8, "x"), (8, "é"), (15, "x"), (15, "\u{1F511}")] {
            let world = World(passwords: .standard(minimumLength: minimum))
            for (count, code) in [(minimum - 1, FieldError.Code.passwordTooShort), (minimum, nil)] {
                let password = String(repeating: symbol, count: count)
                do {
                    try await world.register(password: password)
                    #expect(code == nil)
                } catch AuthError.validationFailed(let errors) {
                    #expect(errors.map(\.code) == [code])
                } catch {
                    Issue.record(error)
                }
            }
        }
    }

    @Test func `PW5: any visible characters and spaces make a password, and open the account that they were chosen for`() async throws {
        let alphabets = [(0x20...0x7E), (0xA1...0x24F), (0x400...0x4FF), (0x4E00...0x9FFF), (0x1F300...0x1F5FF)].map { range in
            range.compactMap { Unicode.Scalar(UInt32($0)) }
        }
        for number in 0..<200 {
            var password = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 8...64) { password.append(alphabets[number % alphabets.count].randomElement()!) }
            let email = "p\(number)@example.org"
            let world = World()
            try await world.register(email, password: String(password))
            _ = try await world.logIn(email, password: String(password))
        }
    }

    @Test func `PW2: an over-long password costs no look-up and no hash`() async {
        // A look-up, or a count of attempts, would be unavailable.
        world.database.goAway()
        guard case .validationFailed(let errors) = await failure(password: String(repeating: "x", count: 257)) else {
            Issue.record("no validation error")
            return
        }
        #expect(errors.map(\.code) == [.passwordTooLong])
        #expect(world.hasher.counts == .init())
        guard case .unavailable = await failure() else {
            Issue.record("a look-up is not unavailable")
            return
        }
    }

    /// An estimate takes milliseconds and needs no account.
    @Test func `RL9: a password is estimated after the attempt was counted, and so is not beyond the limit`() async {
        let world = World(passwords: .standard(minimumStrength: 3))
        func failure() async -> AuthError? {
            do {
                try await world.register(password: String(repeating: "a", count: 100))
                return nil
            } catch {
                return error as? AuthError
            }
        }
        for _ in 0..<30 {
            guard case .validationFailed(let errors) = await failure(), errors.map(\.code) == [.passwordTooCommon] else {
                Issue.record("not too common")
                return
            }
        }
        #expect(await failure() == .tooManyAttempts(retryAfter: .seconds(12)))
        #expect(world.hasher.counts.hashes == 0)
    }

    @Test func `no room for a hash is unavailable, and nothing is stored`() async {
        world.hasher.refuseHashing()
        #expect(await failure() == .overloaded(retryAfter: .seconds(2)))
        #expect(world.database.accountCount == 0)
    }
}
