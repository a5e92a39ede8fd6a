import AuthCrypto
import AuthTestSupport
import AuthText
import Testing

@testable import AuthCore

@Suite struct AuditErasureTests {
    /// Chains with so many steps each.
    private actor Chains: AuditErasureStore {
        private let steps: Int64
        private(set) var calls: [String] = []

        init(steps: Int64) { self.steps = steps }

        func erase(
            _ user: UserID, addresses: [EmailAddress], in chain: RoutingKey, after position: Int64, limit: Int, event: EventID
        ) async throws(AuthError) -> ErasureStep {
            #expect(event.routing == chain && limit == AuditErasure.stepSize && addresses.count == 3)
            calls.append("\(chain.value) after \(position)")
            return ErasureStep(erased: 2, reached: position + 1 < steps ? position + 1 : nil)
        }
    }

    @Test func `it goes through the chain of the account and of each address, once, and rests between the steps`() async throws {
        let routing = RoutingKeys(cryptography: OpenSSLTokenCryptography())
        let identifiers = IdentifierGenerator(clock: ManualClock())
        let texts = ["ada@example.org", "lovelace@example.org", "ada@example.org"]
        let addresses = try texts.map { text in try #require(EmailAddress(text, rules: UnicodeTextRules())) }
        let keys = try addresses.map { address in try routing.key(of: address).value }
        let store = Chains(steps: 3)
        var rests = 0
        let erased = try await AuditErasure(store: store, identifiers: identifiers, routing: routing)
            .erase(identifiers.user(routing: RoutingKey(keys[0])), addresses: addresses) { _ in rests += 1 }
        let chains = [keys[0], keys[1]].flatMap { key in (0..<3).map { "\(key) after \($0)" } }
        #expect(await store.calls == chains)
        #expect(erased == 12 && rests == 4)
    }

    @Test func `a rest that throws ends it`() async throws {
        struct Stopped: Error {}
        let store = Chains(steps: 3)
        let identifiers = IdentifierGenerator(clock: ManualClock())
        let addresses = [String](repeating: "ada@example.org", count: 3).map { EmailAddress($0, rules: UnicodeTextRules())! }
        let erasure = AuditErasure(
            store: store, identifiers: identifiers, routing: RoutingKeys(cryptography: OpenSSLTokenCryptography()))
        await #expect(throws: Stopped.self) {
            try await erasure.erase(identifiers.user(routing: RoutingKey(1)), addresses: addresses) { _ in throw Stopped() }
        }
        #expect(await store.calls == ["1 after 0"])
    }
}
