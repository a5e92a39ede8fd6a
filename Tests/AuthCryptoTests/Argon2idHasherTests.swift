import AuthCore
import Testing

@testable import AuthCrypto

@Suite struct Argon2idHasherTests {
    private static let cheap = Argon2Parameters(memoryKiB: 256, iterations: 1)

    /// Text as it is: normalisation is tested where it is done.
    private struct Verbatim: TextRules {
        func normalized(_ text: String) -> String { text }
        func asciiDomain(_ domain: String) -> String? { nil }
    }

    private func password(_ text: String) -> Password { Password(text, rules: Verbatim()) }

    @discardableResult
    private func with<Value>(
        _ parameters: Argon2Parameters = cheap, slots: Int = 2, queueDeadline: Duration = .seconds(10), maximumWaiting: Int = 256,
        _ body: (Argon2idHasher) async throws -> Value
    ) async throws -> Value {
        let hasher = Argon2idHasher(
            parameters: parameters, slots: slots, queueDeadline: queueDeadline, maximumWaiting: maximumWaiting)
        try hasher.start()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(hasher)) } catch { outcome = .failure(error) }
        await hasher.shutdown()
        return try outcome.get()
    }

    /// Made with the reference implementation (argon2-cffi).
    @Test(arguments: [
        (
            "correct horse battery staple",
            "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"
        ),
        ("pässwörd-Ω-🔑", "$argon2id$v=19$m=1024,t=3,p=1$EBESExQVFhcYGRobHB0eHw$lsYX7c1tbcf0Agi8th/6BrYtjPnY2Yls+sX+WND5pPU"),
    ])
    func `a hash of the reference implementation is verified`(_ text: String, _ phc: String) async throws {
        try await with { hasher async throws in
            #expect(try await hasher.verify(password(text), against: PasswordHash(phc: phc)).matches)
            #expect(try await !hasher.verify(password(text + "x"), against: PasswordHash(phc: phc)).matches)
        }
    }

    @Test func `a password matches its own hash and no other does`() async throws {
        try await with { hasher async throws in
            let hash = try await hasher.hash(password("correct horse"))
            #expect(hash.phc.hasPrefix("$argon2id$v=19$m=256,t=1,p=1$"))
            #expect(try await hasher.verify(password("correct horse"), against: hash) == .init(matches: true, needsRehash: false))
            for wrong in ["correct hors", "correct horse ", "Correct horse", "", "correct horse\0"] {
                #expect(try await hasher.verify(password(wrong), against: hash) == .init(matches: false, needsRehash: false))
            }
            #expect(try await hasher.hash(password("correct horse")) != hash)
        }
    }

    @Test func `PW10: a hash is a PHC string of Argon2id with its parameters and a salt of its own`() async throws {
        try await with(Argon2Parameters(memoryKiB: 19_456, iterations: 2)) { hasher async throws in
            var salts: Set<Substring> = []
            for _ in 0..<8 {
                let phc = try await hasher.hash(password("correct horse")).phc
                let parts = try #require(
                    try #/\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]{22})\$[A-Za-z0-9+/]{43}/#.wholeMatch(in: phc))
                salts.insert(parts.1)
            }
            #expect(salts.count == 8)
        }
    }

    @Test(arguments: [
        nil, "", "$argon2id$v=19$m=4294967295,t=4294967295,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU",
        "$2b$12$abcdefghijklmnopqrstuv",
    ])
    func `PW13: an absent or poisoned hash is no match and no failure`(_ phc: String?) async throws {
        try await with { hasher async throws in
            let verdict = try await hasher.verify(password("x"), against: phc.map { PasswordHash(phc: $0) })
            #expect(verdict == .init(matches: false, needsRehash: false))
        }
    }

    @Test func `a match with weaker parameters asks for a rehash, a mismatch does not`() async throws {
        let weak = try await with { try await $0.hash(password("x")) }
        for (memory, iterations, expected) in [(256, 1, false), (257, 1, true), (256, 2, true), (128, 1, false)] {
            try await with(Argon2Parameters(memoryKiB: memory, iterations: iterations)) { hasher async throws in
                #expect(try await hasher.verify(password("x"), against: weak) == .init(matches: true, needsRehash: expected))
                #expect(try await !hasher.verify(password("y"), against: weak).needsRehash)
            }
        }
    }

    @Test func `F24: memory refused is unavailable, for an absent account too, and never a mismatch`() async throws {
        // Four terabytes.
        try await with(Argon2Parameters(memoryKiB: 4_000_000_000, iterations: 1)) { hasher async throws in
            let refusal = AuthError.unavailable(cause: "no memory for Argon2id")
            await #expect(throws: refusal) { try await hasher.hash(password("x")) }
            await #expect(throws: refusal) { try await hasher.verify(password("x"), against: nil) }
        }
    }

    @Test func `RL9: a full queue refuses at once, and every caller hears exactly once`() async throws {
        try await with(Argon2Parameters(memoryKiB: 8192, iterations: 2), slots: 1, maximumWaiting: 4) { hasher async throws in
            let (done, refused) = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<50 {
                    group.addTask { (try? await hasher.hash(password("x"))) != nil }
                }
                return await group.reduce(into: (0, 0)) { counts, isDone in
                    if isDone { counts.0 += 1 } else { counts.1 += 1 }
                }
            }
            #expect(done + refused == 50)
            #expect(done >= 1)
            #expect(refused >= 1)
        }
    }

    @Test func `a full queue lets nobody in, and says when it is empty`() async throws {
        let hasher = Argon2idHasher(parameters: Self.cheap, slots: 1, queueDeadline: .seconds(60), maximumWaiting: 2)
        #expect(hasher.refusal() == nil)
        // Not started: they can only wait.
        let waiting = (0..<2).map { _ in Task { try? await hasher.hash(password("x")) } }
        try await Task.sleep(for: .milliseconds(100))
        let refusal = AuthError.overloaded(retryAfter: .milliseconds(60))
        #expect(hasher.refusal() == refusal)
        #expect(throws: refusal) { try hasher.reserve() }
        await #expect(throws: refusal) { try await hasher.hash(password("x")) }
        waiting.forEach { $0.cancel() }
        for each in waiting { _ = await each.value }
        #expect(hasher.refusal() == nil)
        await hasher.shutdown()
    }

    @Test func `RL9: who has a place gets his hash, however many came after him`() async throws {
        let hasher = Argon2idHasher(parameters: Self.cheap, slots: 1, queueDeadline: .seconds(60), maximumWaiting: 2)
        let kept = try hasher.reserve()
        do {
            let dropped = try hasher.reserve()
            await #expect(throws: AuthError.self) { try await hasher.hash(password("x")) }
            withExtendedLifetime(dropped) {}
        }
        // The place that was dropped is free again, and this takes it for good.
        let other = Task { try await hasher.hash(password("y")) }
        try await Task.sleep(for: .milliseconds(100))
        #expect(hasher.refusal() != nil)
        try hasher.start()
        let hash = try await hasher.hash(password("x"), in: kept)
        #expect(try await hasher.verify(password("x"), against: hash).matches)
        _ = try await other.value
        // A place is good for one password.
        _ = try await hasher.hash(password("x"), in: kept)
        #expect(hasher.refusal() == nil)
        await hasher.shutdown()
        #expect(throws: AuthError.unavailable(cause: "shutting down")) { try hasher.reserve() }
    }

    @Test func `the deadline of the request bounds the wait`() async throws {
        try await with { hasher async throws in
            await #expect(throws: AuthError.self) {
                try await RequestDeadline.$current.withValue(.now - .seconds(1)) { try await hasher.hash(password("x")) }
            }
        }
    }

    @Test func `a caller that is cancelled while it waits leaves the queue`() async throws {
        let hasher = Argon2idHasher(parameters: Self.cheap, slots: 1, queueDeadline: .seconds(60))
        // Not started: it can only wait.
        let waiting = Task { try await hasher.hash(password("x")) }
        try await Task.sleep(for: .milliseconds(20))
        waiting.cancel()
        await #expect(throws: AuthError.unavailable(cause: "cancelled")) { try await waiting.value }
        await hasher.shutdown()
    }

    @Test func `a stop refuses who waits and lets what runs finish`() async throws {
        let hasher = Argon2idHasher(
            parameters: Argon2Parameters(memoryKiB: 16_384, iterations: 3), slots: 1, queueDeadline: .seconds(60))
        try hasher.start()
        let callers = (0..<20).map { _ in Task { try await hasher.hash(password("x")) } }
        try await Task.sleep(for: .milliseconds(20))
        await hasher.shutdown()
        var outcomes: [Bool] = []
        for caller in callers { outcomes.append((try? await caller.value) != nil) }
        #expect(outcomes.contains(false))
        await #expect(throws: AuthError.unavailable(cause: "shutting down")) { try await hasher.hash(password("x")) }
    }
}

extension Argon2idHasher {
    fileprivate func hash(_ password: Password) async throws(AuthError) -> PasswordHash { try await hash(password, in: nil) }

    fileprivate func verify(_ password: Password, against hash: PasswordHash?) async throws(AuthError) -> PasswordVerdict {
        try await verify(password, against: hash, in: nil)
    }
}
