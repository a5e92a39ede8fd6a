import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import ServerTestSupport
import Testing

@Suite struct AttemptStoreTests {
    private static let policy = AttemptPolicy()

    private static func email(_ text: String = "ada@example.org") -> EmailAddress { EmailAddress(text, rules: UnicodeTextRules())! }

    @Test func `RL2: of two hundred parallel guesses at one account from everywhere five are evaluated`() async throws {
        try await Stores.with { stores in
            let outcomes = try await concurrently(200) { number in await stores.begin(from: "10.0.\(number).1") }
            #expect(outcomes.compactMap(\.attempt?.failures).sorted() == [1, 2, 3, 4, 5])
            for wait in outcomes.compactMap(\.wait) { #expect(wait >= .zero && wait <= .seconds(2)) }
            #expect(try await stores.database.query("SELECT failures FROM login_failures") == [["5"]])
        }
    }

    @Test func `RL2: of two hundred parallel guesses from one network thirty are evaluated`() async throws {
        try await Stores.with { stores in
            let outcomes = try await concurrently(200) { number in await stores.begin("p\(number)@example.org") }
            #expect(outcomes.compactMap(\.attempt).count == 30)
            for wait in outcomes.compactMap(\.wait) { #expect(wait <= .seconds(13)) }
            let told = try await stores.database.query("SELECT type, outcome, host(ip), details ->> 'kind' FROM audit_events")
            #expect(told == [["excess_rate_limit_exceeded", "failure", "192.0.2.7", "login"]])
        }
    }

    @Test func `RL1: the wait after each further failure, and the end of it`() async throws {
        try await Stores.with { stores in
            var waits: [Int] = []
            for number in 1...100 {
                let attempt = try #require(await stores.begin(from: "10.0.\(number).1").attempt)
                #expect(attempt.failures == number && !attempt.isFromKnownNetwork)
                waits.append(try await stores.elapseBlock())
            }
            #expect(waits == (1...99).map { $0 < 5 ? 0 : min(900, 1 << min(10, $0 - 5)) } + [.max])
            let wait = try #require(await stores.begin(from: "10.0.200.1").wait)
            #expect(wait > .seconds(86_390) && wait <= .seconds(86_400))
            #expect(
                try await stores.attempts.unlock(Self.email(), policy: Self.policy, event: stores.event(.loginUnlocked, routing: .random()))
            )
            #expect(await stores.begin(from: "10.0.200.1").attempt?.failures == 1)
            let isBlocked = try await stores.attempts.unlock(
                Self.email(), policy: Self.policy, event: stores.event(.loginUnlocked, routing: .random()))
            #expect(!isBlocked)
            #expect(try await stores.database.value("SELECT count(*) FROM audit_events WHERE type = 'authn_login_unlock'") == "1")
        }
    }

    @Test func `a failure is forgotten after a day, and so many of them after as many days`() async throws {
        try await Stores.with { stores in
            for number in 1...4 {
                #expect(await stores.begin(from: "10.0.\(number).1").attempt?.failures == number)
                try await stores.elapse("\(24 * number - 1) hours")
            }
            try await stores.elapse("2 hours")
            #expect(await stores.begin().attempt?.failures == 1)
        }
    }

    @Test func `RL5: with a session its attempt is forgotten, and strangers do not count where it was opened`() async throws {
        try await Stores.with { stores in
            let user = try #require(await stores.register())
            for number in 1...3 { #expect(await stores.begin().attempt?.failures == number) }
            _ = try await stores.open(for: user.id, attempt: await stores.begin().attempt)
            #expect(try await stores.database.query("SELECT network, failures FROM login_failures") == [["192.0.2.7/32", "0"]])
            #expect(try await stores.networkBalance() == 3)
            for number in 1...5 { #expect(await stores.begin(from: "10.0.\(number).1").attempt?.failures == number) }
            #expect(await stores.begin(from: "10.0.9.1").attempt == nil)
            let attempt = try #require(await stores.begin().attempt)
            #expect(attempt.failures == 1 && attempt.isFromKnownNetwork)
            #expect(try await stores.networkBalance() == 3)
            _ = try await stores.open(for: user.id, attempt: attempt)
            #expect(await stores.begin(from: "10.0.9.1").attempt == nil)
            for number in 1...5 { #expect(await stores.begin().attempt?.failures == number) }
            #expect(await stores.begin().attempt == nil)
            try await stores.elapse("91 days")
            #expect(await stores.begin().attempt?.isFromKnownNetwork == false)
        }
    }

    @Test func `RL3: one network of IPv6 is a /64, however it is written`() async throws {
        try await Stores.with { stores in
            for ip in ["2001:db8::1", "2001:DB8:0:0:ffff::2", "2001:0db8:0000:0000:1:2:3:4"] {
                #expect(await stores.begin("p\(ip.count)@example.org", from: ip).attempt != nil)
            }
            #expect(await stores.begin(from: "2001:db8:0:1::1").attempt != nil)
            let networks = try await stores.database.query("SELECT network FROM network_attempts ORDER BY 1")
            #expect(networks == [["2001:db8::/64"], ["2001:db8:0:1::/64"]])
            #expect(try await stores.networkBalance("2001:db8::/64") == 3)
        }
    }

    @Test func `what is withdrawn was not made`() async throws {
        try await Stores.with { stores in
            for _ in 0..<40 { try await stores.attempts.withdraw(try #require(await stores.begin().attempt)) }
            #expect(try await stores.database.query("SELECT failures, blocked_until <= now() FROM login_failures") == [["0", "t"]])
            for number in 1...5 { #expect(await stores.begin().attempt?.failures == number) }
        }
    }

    @Test func `RL7: an attempt at a blocked account spends nothing of what its network has`() async throws {
        try await Stores.with { stores in
            for _ in 1...5 { _ = await stores.begin() }
            try await stores.database.query(
                "UPDATE login_failures SET blocked_until = now() + interval '1 hour', forgotten_at = now() + interval '1 day'")
            for _ in 0..<40 {
                let wait = try #require(await stores.begin().wait)
                #expect(wait > .seconds(60))
            }
            for number in 0..<25 { #expect(await stores.begin("p\(number)@example.org").attempt != nil) }
            let wait = try #require(await stores.begin("p25@example.org").wait)
            #expect(wait <= .seconds(13))
        }
    }

    /// Somebody who came later and was counted first blocks nobody by the time of his own transaction.
    @Test func `RL8: an attempt that waits for its network's row is not refused for one that did not`() async throws {
        try await Stores.with { stores in
            try await stores.attempts.withdraw(try #require(await stores.begin().attempt))
            let lock = "SELECT FROM network_attempts WHERE network = '192.0.2.7/32' FOR UPDATE"
            var waiting: Task<Stores.Outcome, Never>?
            try await stores.database.holding(lock) { () async throws in
                waiting = Task { await stores.begin() }
                try await stores.waitUntilBlocked(1)
                #expect(await stores.begin(from: "192.0.2.8").attempt?.failures == 1)
            }
            #expect(await waiting?.value.attempt?.failures == 2)
        }
    }

    @Test func `what a clock that was set back left behind goes`() async throws {
        try await Stores.with { stores in
            _ = await stores.begin()
            try await stores.database.query("UPDATE network_attempts SET spent_until = now() + interval '1 year'")
            #expect(await stores.begin("b@example.org").wait != nil)
            #expect(try await stores.retention.removeAttempts(limit: 10)?.removed == 1)
            #expect(await stores.begin("b@example.org").attempt != nil)
        }
    }

    @Test func `other attempts of a network are counted each for themselves`() async throws {
        try await Stores.with { stores in
            for kind in AttemptKind.allCases {
                let waits = try await concurrently(40) { _ in await stores.count(kind) }
                #expect(waits.filter { $0 == nil }.count == 30)
                for wait in waits.compactMap({ $0 }) { #expect(wait <= .seconds(13)) }
            }
            #expect(await stores.begin().attempt != nil)
            try await stores.elapse("13 seconds")
            #expect(await stores.count(.refresh) == nil)
            #expect(await stores.count(.refresh) != nil)
        }
    }

    @Test func `RL6: a hundred thousand other names change nothing, and what is forgotten is removed in steps`() async throws {
        try await Stores.with { stores in
            _ = await stores.begin()
            try await stores.database.query(
                "UPDATE login_failures SET failures = 20, blocked_until = now() + interval '15 minutes', forgotten_at = now() + interval '20 days'"
            )
            try await stores.database.query(
                """
                INSERT INTO login_failures SELECT 'n' || n || '@example.org', '::/0', 1, now() - interval '1 day', now() - interval '1 second'
                FROM generate_series(1, 100000) AS n
                """)
            #expect(await stores.begin().attempt == nil)
            var removed = 0
            while let step = try await stores.retention.removeAttempts(limit: 9000), step.last != nil { removed += step.removed }
            #expect(removed == 100_000)
            #expect(try await stores.database.query("SELECT address FROM login_failures") == [["ada@example.org"]])
            #expect(await stores.begin().attempt == nil)
        }
    }
}

extension Stores {
    fileprivate struct Outcome: Sendable {
        var attempt: LoginAttempt?
        var wait: Duration?
    }

    fileprivate func begin(_ email: String = "ada@example.org", from ip: String = "192.0.2.7") async -> Outcome {
        do {
            let email = EmailAddress(email, rules: UnicodeTextRules())!
            return Outcome(attempt: try await attempts.begin(email, policy: AttemptPolicy(), excess: excess(ip)))
        } catch .tooManyAttempts(let wait) {
            return Outcome(wait: wait)
        } catch {
            Issue.record(error)
            return Outcome()
        }
    }

    /// - Returns: how long to wait; `nil` where it was counted.
    fileprivate func count(_ kind: AttemptKind) async -> Duration? {
        do {
            try await attempts.count(kind, policy: AttemptPolicy(), excess: excess("192.0.2.7"))
        } catch .tooManyAttempts(let wait) {
            return wait
        } catch {
            Issue.record(error)
        }
        return nil
    }

    private func excess(_ ip: String) -> AuditEvent {
        AuditEvent(
            id: identifiers.event(), kind: .rateLimitExceeded, origin: RequestOrigin(ip: ip, userAgent: nil, requestID: "request"))
    }

    /// As if so much time had passed.
    fileprivate func elapse(_ interval: String) async throws {
        try await database.query(
            """
            WITH failures AS (
                UPDATE login_failures SET blocked_until = blocked_until - $1::interval, forgotten_at = forgotten_at - $1::interval
            )
            UPDATE network_attempts SET spent_until = spent_until - $1::interval
            """, [interval])
    }

    /// As if the block had passed.
    ///
    /// - Returns: how long it was, in seconds.
    fileprivate func elapseBlock() async throws -> Int {
        guard
            let wait = try await database.value(
                """
                SELECT round(extract(epoch FROM greatest(blocked_until, now()) - now()) + 0.4)::int
                FROM login_failures WHERE blocked_until < 'infinity'
                """)
        else { return .max }
        try await elapse("\(wait) seconds")
        return Int(wait)!
    }

    /// How many attempts a network has spent that have not come back.
    fileprivate func networkBalance(_ network: String = "192.0.2.7/32") async throws -> Int {
        let spent = try await database.value(
            "SELECT ceil(extract(epoch FROM spent_until - now()) / 12)::int FROM network_attempts WHERE network = $1::cidr", [network])
        return spent.flatMap { Int($0) } ?? 0
    }
}
