import AuthCore
import Foundation
import NIOConcurrencyHelpers
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

    /// Made with the reference implementation (argon2-cffi), by other numbers of lanes, lengths of salt and lengths of hash than ours.
    @Test(arguments: [
        "$argon2id$v=19$m=1024,t=2,p=4$AAECAwQFBgcICQoLDA0ODw$jmo1KJP5Ye5XX8qf4bQjDsZi5R2XB7jCH8ChydHTtGE",
        "$argon2id$v=19$m=1024,t=1,p=8$AAECAwQFBgcICQoLDA0ODw$b1hR+anxWDrErX+69E5UitkW80xLgH5oNYz+MMJViwY",
        "$argon2id$v=19$m=1024,t=1,p=16$AAECAwQFBgc$Ux+o1SsCI0y6zWfoJzIJlg",
        "$argon2id$v=19$m=1024,t=1,p=1$AAECAwQFBgc$FoaWADN3z7Tt6FoDU7wEPuB7szY9JlZDp2Niq9n5c8Q",
        "$argon2id$v=19$m=1024,t=1,p=1$AAECAwQFBgcICQoLDA0ODxAREhMUFRYX$Bdy/sXJc+NZQauMtnV6Axw",
        "$argon2id$v=19$m=100,t=1,p=3$AAECAwQFBgcICQoLDA0ODw$jM1jIJxRNVXJ0WyAdSF6IzM614p2EtAK",
    ])
    func `a hash of another form is verified, and asks to be made anew`(_ phc: String) async throws {
        try await with { hasher async throws in
            let hash = PasswordHash(phc: phc)
            #expect(try await hasher.verify(password("correct horse"), against: hash) == .init(matches: true, needsRehash: true))
            #expect(try await hasher.verify(password("correct horsf"), against: hash) == .init(matches: false, needsRehash: false))
        }
    }

    @Test func `a hash that cannot be read is told of, an absent one and a wrong password are not`() async throws {
        let told = NIOLockedValueBox(0)
        let hasher = Argon2idHasher(parameters: Self.cheap, slots: 1) { told.withLockedValue { $0 += 1 } }
        try hasher.start()
        for hash in ["$argon2id$v=19$m=1024,t=1,p=17$AAECAwQFBgc$Ux+o1SsCI0y6zWfoJzIJlg", "$2b$12$abcdefghijklmnopqrstuv"] {
            _ = try await hasher.verify(password("x"), against: PasswordHash(phc: hash))
        }
        #expect(told.withLockedValue { $0 } == 2)
        _ = try await hasher.verify(password("x"), against: nil)
        _ = try await hasher.verify(password("x"), against: hasher.hash(password("y")))
        #expect(told.withLockedValue { $0 } == 2)
        await hasher.shutdown()
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
        for (memory, iterations, expected) in [
            (256, 1, false), (257, 1, true), (256, 2, true), (128, 1, false), (128, 3, true), (128, 2, false),
        ] {
            try await with(Argon2Parameters(memoryKiB: memory, iterations: iterations)) { hasher async throws in
                #expect(try await hasher.verify(password("x"), against: weak) == .init(matches: true, needsRehash: expected))
                #expect(try await !hasher.verify(password("y"), against: weak).needsRehash)
            }
        }
    }

    /// Otherwise the hash would be made anew at every login that meets the other instance.
    @Test func `of two instances with different settings at most one asks for a rehash`() async throws {
        let settings = [(1024, 1), (512, 2), (256, 3), (300, 4), (2048, 1), (19_456, 2), (65_536, 1), (47_104, 1)].map {
            Argon2Parameters(memoryKiB: $0, iterations: $1)
        }
        for one in settings { for other in settings { #expect(!(one.isWeaker(than: other) && other.isWeaker(than: one))) } }
    }

    @Test func `F24: memory refused is unavailable, for an absent account too, and never a mismatch`() async throws {
        // Four terabytes.
        try await with(Argon2Parameters(memoryKiB: 4_000_000_000, iterations: 1)) { hasher async throws in
            let refusal = AuthError.unavailable(cause: "no memory for Argon2id")
            await #expect(throws: refusal) { try await hasher.hash(password("x")) }
            await #expect(throws: refusal) { try await hasher.verify(password("x"), against: nil) }
        }
    }

    @Test func `RL9: a full queue refuses immediately, and every caller gets exactly one answer`() async throws {
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

    @Test func `a full queue refuses a network that asked often, and says when it is empty`() async throws {
        let hasher = Argon2idHasher(parameters: Self.cheap, slots: 1, queueDeadline: .seconds(60), maximumWaiting: 2)
        for _ in 0..<60 { _ = try hasher.reserve(for: "192.0.2.1") }
        #expect(hasher.refusal(for: "192.0.2.1") == nil)
        // Not started: they can only wait.
        let waiting = (2...3).map { number in
            Task { try? await hasher.hash(password("x"), in: try hasher.reserve(for: "192.0.2.\(number)")) }
        }
        try await Task.sleep(for: .milliseconds(100))
        let refusal = AuthError.overloaded(retryAfter: .milliseconds(60))
        #expect(hasher.refusal(for: "192.0.2.1") == refusal)
        #expect(throws: refusal) { try hasher.reserve(for: "192.0.2.1") }
        #expect(hasher.refusal(for: "192.0.2.4") == nil)
        waiting.forEach { $0.cancel() }
        for each in waiting { _ = await each.value }
        #expect(hasher.refusal(for: "192.0.2.1") == nil)
        await hasher.shutdown()
    }

    @Test func `RL9: a place is kept however many strangers come after it, and is good for one password`() async throws {
        let hasher = Argon2idHasher(parameters: Self.cheap, slots: 1, queueDeadline: .seconds(60), maximumWaiting: 2)
        let kept = try hasher.reserve(for: "192.0.2.1")
        kept.prefer()
        let others = (2..<20).map { number in
            Task { try? await hasher.hash(password("y"), in: try hasher.reserve(for: "192.0.2.\(number)")) }
        }
        try await Task.sleep(for: .milliseconds(100))
        try hasher.start()
        let hash = try await hasher.hash(password("x"), in: kept)
        #expect(try await hasher.verify(password("x"), against: hash).matches)
        for other in others { _ = await other.value }
        // Again it is as good as none.
        _ = try await hasher.hash(password("x"), in: kept)
        #expect(hasher.refusal(for: "192.0.2.1") == nil)
        await hasher.shutdown()
        #expect(throws: AuthError.unavailable(cause: "shutting down")) { try hasher.reserve(for: nil) }
    }

    @Test func `an objection is asked on the hashing thread, and there is no hash`() async throws {
        try await with(slots: 1) { hasher async throws in
            let objection = FieldError(field: "password", code: .passwordTooCommon, detail: "")
            let refusal = AuthError.validationFailed([objection])
            await #expect(throws: refusal) {
                try await hasher.hash(password("x"), in: nil) {
                    let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
                    return name == "argon2-0\n" ? objection : nil
                }
            }
        }
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
