import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import ServerTestSupport
import Testing

@Suite struct NetworkAllowanceTests {
    /// Several have spent their network's allowance before the account is blocked, and only five are counted.
    @Test func `RL7: an attempt that is refused after its network has spent its allowance gives it back`() async throws {
        try await TestStores.with { stores in
            let email = try #require(EmailAddress("ada@example.org", rules: UnicodeTextRules()))
            let policy = AttemptPolicy.standard(hourlyPerNetwork: 10)
            let attempts = try await concurrently(40) { number in
                let origin = RequestOrigin(ip: "10.0.\(number).1", userAgent: nil, requestID: "request")
                let event = stores.limitEvent(origin)
                return try? await stores.attempts.begin(email, ip: origin.ip, device: nil, policy: policy, limitEvent: event)
            }
            let counted = attempts.compactMap { $0 }
            #expect(counted.map(\.failures).sorted() == [1, 2, 3, 4, 5])
            // One attempt comes back in six minutes.
            let spent = try await stores.database.query(
                "SELECT host(network) FROM network_attempts WHERE spent_until > now() + interval '1 minute'")
            #expect(Set(spent.map { $0[0] }) == Set(counted.map(\.ip)))
        }
    }
}
