import AuthCore
import AuthTestSupport
import Synchronization
import Testing

/// When a password is looked up in the blocklist, and in which spellings.
@Suite struct BlocklistTests {
    private final class Recorded: PasswordBlocklist {
        private let stolen: [String]
        private let error: AuthError?
        private let seen = Mutex<[[Unicode.Scalar]]>([])

        init(_ stolen: String..., error: AuthError? = nil) { (self.stolen, self.error) = (stolen, error) }

        /// Scalars, because strings would be equal already where they are canonically so.
        var lookups: [[Unicode.Scalar]] { seen.withLock { $0 } }

        func contains(_ text: String) throws(AuthError) -> Bool {
            seen.withLock { $0.append(Array(text.unicodeScalars)) }
            if let error { throw error }
            return stolen.contains { $0.unicodeScalars.elementsEqual(text.unicodeScalars) }
        }
    }

    private func failure(_ password: String, in world: World) async -> AuthError? {
        do {
            try await world.register(password: password)
            return nil
        } catch {
            return error as? AuthError
        }
    }

    private func codes(_ password: String, in world: World) async -> [FieldError.Code] {
        guard case .validationFailed(let errors) = await failure(password, in: world) else { return [] }
        return errors.map(\.code)
    }

    private static let breached: [FieldError.Code] = [.passwordBreached]

    @Test func `PW6: a stolen password is refused with the reason, and is neither hashed nor stored`() async {
        let world = World(blocklist: Recorded("correct horse"))
        guard case .validationFailed(let errors) = await failure("correct horse", in: world) else {
            Issue.record("not refused")
            return
        }
        #expect(errors.map(\.field) == ["password"] && errors.map(\.code) == Self.breached)
        #expect(errors[0].detail == "This password is in a list of stolen passwords. Choose another one.")
        #expect(world.hasher.counts == .init() && world.database.accountCount == 0)
        // The whole password is looked up, not its parts.
        #expect(await failure("correct horse 7Qx", in: world) == nil)
    }

    @Test func `PW6: the normal form is looked up, the text as typed, and the lower case`() async {
        let blocklist = Recorded()
        let typed = "Pa\u{308}ssword"
        #expect(await failure(typed, in: World(blocklist: blocklist)) == nil)
        #expect(blocklist.lookups == ["P\u{E4}ssword", typed, "p\u{E4}ssword"].map { Array($0.unicodeScalars) })
        for entry in ["P\u{E4}ssword", typed, "p\u{E4}ssword"] {
            #expect(await codes(typed, in: World(blocklist: Recorded(entry))) == Self.breached)
        }
        let plain = Recorded()
        #expect(await failure("password", in: World(blocklist: plain)) == nil)
        #expect(plain.lookups.count == 1)
    }

    @Test func `PW6: the list comes after the length and before the strength`() async {
        let blocklist = Recorded("1234567", "12345678", String(repeating: "x", count: 257))
        let world = World(passwords: .standard(minimumStrength: 3), blocklist: blocklist)
        #expect(await codes("1234567", in: world) == [.passwordTooShort])
        #expect(await codes(String(repeating: "x", count: 257), in: world) == [.passwordTooLong])
        #expect(blocklist.lookups.isEmpty)
        #expect(await codes("12345678", in: world) == Self.breached)
        #expect(await codes("123456789", in: world) == [.passwordTooCommon])
    }

    @Test func `a login looks up nothing, not even if its password is hashed again`() async throws {
        let blocklist = Recorded()
        let world = World(blocklist: blocklist)
        try await world.register()
        let lookups = blocklist.lookups
        world.hasher.strengthen()
        _ = try await world.logIn()
        #expect(world.hasher.counts.hashes == 2)
        #expect(lookups.count == 1 && blocklist.lookups == lookups)
    }

    /// A look-up may wait for a disk.
    @Test func `RL9: a password is looked up after the attempt was counted, and so is not beyond the limit`() async {
        let blocklist = Recorded("12345678")
        let world = World(blocklist: blocklist)
        for _ in 0..<30 { #expect(await codes("12345678", in: world) == Self.breached) }
        #expect(await failure("12345678", in: world) == .tooManyAttempts(retryAfter: .seconds(12)))
        #expect(blocklist.lookups.count == 30)
    }

    @Test func `a list that cannot be asked lets no password through`() async {
        let world = World(blocklist: Recorded(error: .unavailable(cause: "broken")))
        #expect(await failure("correct horse", in: world) == .unavailable(cause: "broken"))
        #expect(world.database.accountCount == 0)
    }
}
