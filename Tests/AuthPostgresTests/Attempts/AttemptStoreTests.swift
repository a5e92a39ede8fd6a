import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import ServerTestSupport
import Testing

@Suite struct AttemptStoreTests {
    private static let policy = AttemptPolicy.standard()

    /// Logins after which a test that waits for a refusal gives up.
    private static let tooMany = 300

    private static func email(_ text: String = "ada@example.org") -> EmailAddress { EmailAddress(text, rules: UnicodeTextRules())! }

    @Test func `RL2: of two hundred parallel guesses at one account from everywhere five are evaluated`() async throws {
        try await TestStores.with { stores in
            let outcomes = try await concurrently(200) { number in await stores.begin(from: "10.0.\(number).1") }
            #expect(outcomes.compactMap(\.attempt?.failures).sorted() == [1, 2, 3, 4, 5])
            for wait in outcomes.compactMap(\.wait) { #expect(wait >= .zero && wait <= .seconds(2)) }
            #expect(try await stores.database.query("SELECT failures FROM login_failures") == [["5"]])
        }
    }

    /// On that level PostgreSQL would refuse all but one of those who write one row at the same time (SQLSTATE 40001).
    @Test func `RL2: parallel attempts are all counted where the role has a stricter isolation level`() async throws {
        try await TestDatabase.with { test in
            try await test.setForRole("default_transaction_isolation", "'repeatable read'")
            try await test.withDatabase { database in
                let stores = TestStores(test, database)
                var policy = AttemptPolicy.standard()
                // All of them write the row.
                (policy.freeFailures, policy.hardStop) = (1000, 1000)
                let failures = try await concurrently(200) { [policy] number in
                    let ip = "10.0.\(number).1"
                    return try await stores.attempts.begin(
                        Self.email(), ip: ip, device: nil, policy: policy, limitEvent: stores.limitEvent(ip)
                    ).failures
                }
                #expect(failures.sorted() == Array(1...200))
            }
        }
    }

    @Test func `RL2: of two hundred parallel guesses from one network thirty are evaluated`() async throws {
        try await TestStores.with { stores in
            let outcomes = try await concurrently(200) { number in await stores.begin("p\(number)@example.org") }
            #expect(outcomes.compactMap(\.attempt).count == 30)
            for wait in outcomes.compactMap(\.wait) { #expect(wait <= .seconds(13)) }
            let told = try await stores.database.query("SELECT type, outcome, host(ip), details ->> 'kind' FROM audit.events")
            #expect(told == [["excess_rate_limit_exceeded", "failure", "192.0.2.7", "login"]])
        }
    }

    @Test(.onOnePostgreSQL) func `RL1: the wait after each further failure, and that none is for good`() async throws {
        try await TestStores.with { stores in
            var waits: [Int] = []
            for number in 1...102 {
                let attempt = try #require(await stores.begin(from: "10.0.\(number).1").attempt)
                #expect(attempt.failures == number && !attempt.isFromKnownClient)
                waits.append(try await stores.blockLength())
                try await stores.elapseBlock()
            }
            #expect(waits == (1...99).map { $0 < 5 ? 0 : min(900, 1 << min(10, $0 - 5)) } + [3600, 3600, 3600])
        }
    }

    @Test func `RL1: an operator ends the wait`() async throws {
        try await TestStores.with { stores in
            for number in 1...5 { _ = await stores.begin(from: "10.0.\(number).1") }
            let event = stores.event(.loginUnlocked, routing: .random())
            let isUnlocked = try await stores.attempts.unlock(Self.email(), policy: Self.policy, event: event)
            #expect(isUnlocked)
            #expect(await stores.begin(from: "10.0.200.1").attempt?.failures == 1)
            let isBlocked = try await stores.attempts.unlock(
                Self.email(), policy: Self.policy, event: stores.event(.loginUnlocked, routing: .random()))
            #expect(!isBlocked)
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'authn_login_unlock'") == "1")
        }
    }

    @Test func `RL5: registration forgets what was tried at the address, and the account knows its network`() async throws {
        try await TestStores.with { stores in
            for number in 1...5 { #expect(await stores.begin(from: "10.0.\(number).1").attempt?.failures == number) }
            for _ in 1...5 { _ = await stores.begin("eve@example.org") }
            _ = try #require(await stores.register())
            #expect(try await stores.register() == nil)
            let rows = "SELECT address, network, failures FROM login_failures ORDER BY 1"
            let counted = try await stores.database.query(rows)
            #expect(counted == [["ada@example.org", "192.0.2.7/32", "0"], ["eve@example.org", "::/0", "5"]])
            for number in 1...5 { #expect(await stores.begin(from: "10.0.\(number).1").attempt?.failures == number) }
            #expect(await stores.begin(from: "10.0.9.1").attempt == nil)
            #expect(await stores.begin().attempt?.isFromKnownClient == true)
        }
    }

    @Test func `RL5: a registration of a taken address changes no count and makes no network known`() async throws {
        try await TestStores.with { stores in
            _ = try #require(await stores.register())
            for number in 1...3 { _ = await stores.begin(from: "10.0.\(number).1") }
            let id = stores.identifiers.user(routing: try TestStores.routing.key(of: Self.email()))
            let event = AuditEvent(
                id: stores.identifiers.event(routing: id.routing), kind: .userCreated,
                origin: RequestOrigin(ip: "10.0.1.1", userAgent: nil, requestID: "request"))
            let account = NewAccount(id: id, email: Self.email(), passwordHash: TestStores.hash)
            #expect(try await stores.accounts.create(account, ip: event.origin.ip, policy: Self.policy, event: event) == nil)
            let attempt = await stores.begin(from: "10.0.1.1").attempt
            #expect(attempt?.failures == 4 && attempt?.isFromKnownClient == false)
        }
    }

    /// The event has the address too, for the audit trail alone.
    @Test func `an attempt spends the allowance of the address that is named`() async throws {
        try await TestStores.with { stores in
            let event = stores.limitEvent("10.9.9.9")
            _ = try await stores.attempts.begin(Self.email(), ip: "10.0.1.1", device: nil, policy: Self.policy, limitEvent: event)
            try await stores.attempts.count(.refresh, ip: "10.0.2.1", policy: Self.policy, limitEvent: event)
            let spent = try await stores.database.query("SELECT kind, network FROM network_attempts ORDER BY kind")
            #expect(spent == [["login", "10.0.1.1/32"], ["refresh", "10.0.2.1/32"]])
        }
    }

    @Test func `RL2, RL5: of two hundred parallel guesses of one device five are evaluated, and they are nobody else's`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let (one, other) = (try #require(await stores.open(for: user.id)), try #require(await stores.open(for: user.id)))
            let outcomes = try await concurrently(200) { number in await stores.begin(from: "10.0.\(number).1", on: one.id) }
            #expect(outcomes.compactMap(\.attempt?.failures).sorted() == [1, 2, 3, 4, 5])
            // The block of one second may have begun a little after the statement that is refused.
            for wait in outcomes.compactMap(\.wait) { #expect(wait >= .zero && wait <= .seconds(2)) }
            #expect(await stores.begin(on: one.id).wait != nil)
            for device in [other.id, nil] { #expect(await stores.begin(on: device).attempt?.failures == 1) }
            try await stores.database.query("UPDATE sessions SET login_blocked_until = now()")
            let attempt = try #require(await stores.begin(from: "10.0.9.1", on: one.id).attempt)
            #expect(attempt.failures == 6 && attempt.isFromKnownClient)
            try await stores.attempts.withdraw(attempt)
            #expect(try await stores.database.query("SELECT failed_logins FROM sessions ORDER BY 1") == [["1"], ["5"]])
            _ = try await stores.open(for: user.id, attempt: await stores.begin(from: "10.0.9.1", on: one.id).attempt)
            #expect(try await stores.database.query("SELECT failed_logins FROM sessions ORDER BY 1") == [["0"], ["0"], ["1"]])
            #expect(await stores.begin(from: "10.0.9.1").attempt?.isFromKnownClient == true)
        }
    }

    @Test(.onOnePostgreSQL)
    func `RL9: a hundred right logins of one account from one network, and then one in twelve seconds`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let session = try #require(await stores.open(for: user.id))
            let start = ContinuousClock.now
            var logins = 0
            while logins < Self.tooMany, let attempt = await stores.begin().attempt {
                _ = try await stores.open(for: user.id, attempt: attempt)
                logins += 1
            }
            // One comes back in twelve seconds, while the test runs as well.
            #expect((100...100 + Int((ContinuousClock.now - start) / .seconds(12))).contains(logins))
            for device in [nil, session.id] {
                let wait = try #require(await stores.begin(on: device).wait)
                #expect(wait > .zero && wait <= .seconds(12))
            }
            #expect(await stores.begin(from: "10.0.9.1").attempt != nil)
            try await stores.elapse("12 seconds")
            #expect(await stores.begin().attempt != nil)
        }
    }

    @Test func `RL9: a hundred right logins of one account from one /48, from whichever /64 of it`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let networks = (0...101).map { "2001:db8:0:\(String($0 * 0x100 / 3, radix: 16))::1" }
            let session = try #require(await stores.open(for: user.id))
            let start = ContinuousClock.now
            var logins = 0
            while logins < Self.tooMany, let attempt = await stores.begin(from: networks[logins % 100]).attempt {
                _ = try await stores.open(for: user.id, attempt: attempt)
                logins += 1
            }
            #expect((100...100 + Int((ContinuousClock.now - start) / .seconds(12))).contains(logins))
            for device in [nil, session.id] {
                let wait = try #require(await stores.begin(from: networks[101], on: device).wait)
                #expect(wait > .zero && wait <= .seconds(12))
            }
            #expect(await stores.begin(from: "2001:db8:1::1").attempt != nil)
            #expect(await stores.begin().attempt != nil)
        }
    }

    @Test(.onOnePostgreSQL) func `RL5: an account gets to know at most ten networks within an hour`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            for number in 1...12 {
                _ = try await stores.open(for: user.id, attempt: await stores.begin(from: "10.0.\(number).1").attempt)
            }
            let known = "SELECT count(*) FROM login_failures WHERE known_until > now()"
            #expect(try await stores.database.value(known) == "10")
            #expect(await stores.begin(from: "10.0.9.1").attempt?.isFromKnownClient == true)
            #expect(await stores.begin(from: "10.0.12.1").attempt?.isFromKnownClient == false)
            try await stores.elapse("61 minutes")
            _ = try await stores.open(for: user.id, attempt: await stores.begin(from: "10.0.12.1").attempt)
            #expect(await stores.begin(from: "10.0.12.1").attempt?.isFromKnownClient == true)
        }
    }

    @Test(.onOnePostgreSQL, arguments: ["198.51.100.7", "2001:db8:7::1"])
    func `RL5: a right login from a known network clears its count, from however many others there were logins`(_ ip: String) async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            _ = try await stores.open(for: user.id, attempt: await stores.begin(from: ip).attempt)
            try await stores.elapse("61 minutes")
            for number in 1...10 {
                _ = try await stores.open(for: user.id, attempt: await stores.begin(from: "10.0.\(number).1").attempt)
            }
            #expect(await stores.begin(from: ip).attempt?.failures == 1)
            _ = try await stores.open(for: user.id, attempt: await stores.begin(from: ip).attempt)
            let attempt = try #require(await stores.begin(from: ip).attempt)
            #expect(attempt.isFromKnownClient && attempt.failures == 1)
        }
    }

    @Test(.onOnePostgreSQL) func `RL5: a neighbour's failures do not prolong how long an account knows a network`() async throws {
        try await TestStores.with { stores in
            _ = try #require(await stores.register())
            try await stores.elapse("89 days")
            for number in 1...8 {
                #expect(await stores.begin().attempt?.failures == number)
                try await stores.elapseBlock()
            }
            try await stores.elapse("2 days")
            #expect(await stores.begin().attempt?.isFromKnownClient == false)
        }
    }

    @Test(.onOnePostgreSQL) func `a failure is forgotten after a day, and so many of them after as many days`() async throws {
        try await TestStores.with { stores in
            for number in 1...4 {
                #expect(await stores.begin(from: "10.0.\(number).1").attempt?.failures == number)
                try await stores.elapse("\(24 * number - 1) hours")
            }
            try await stores.elapse("2 hours")
            #expect(await stores.begin().attempt?.failures == 1)
        }
    }

    @Test(.onOnePostgreSQL)
    func `RL5: with a session its attempt is forgotten, and strangers do not count where it was opened`() async throws {
        try await TestStores.with { stores in
            let (user, here) = (try #require(await stores.register()), "198.51.100.7")
            for number in 1...3 { #expect(await stores.begin(from: here).attempt?.failures == number) }
            _ = try await stores.open(for: user.id, attempt: await stores.begin(from: here).attempt)
            #expect(
                try await stores.database.query("SELECT network, failures FROM login_failures ORDER BY 1") == [
                    ["192.0.2.7/32", "0"], ["198.51.100.7/32", "0"],
                ])
            #expect(try await stores.networkBalance(here + "/32") == 3)
            for number in 1...5 { #expect(await stores.begin(from: "10.0.\(number).1").attempt?.failures == number) }
            #expect(await stores.begin(from: "10.0.9.1").attempt == nil)
            let attempt = try #require(await stores.begin(from: here).attempt)
            #expect(attempt.failures == 1 && attempt.isFromKnownClient)
            #expect(try await stores.networkBalance(here + "/32") == 3)
            _ = try await stores.open(for: user.id, attempt: attempt)
            #expect(await stores.begin(from: "10.0.9.1").attempt == nil)
            for number in 1...5 { #expect(await stores.begin(from: here).attempt?.failures == number) }
            #expect(await stores.begin(from: here).attempt == nil)
            try await stores.elapse("91 days")
            #expect(await stores.begin(from: here).attempt?.isFromKnownClient == false)
        }
    }

    /// What comes back to the networks while the test runs is counted as well: one in 3 s to a /56, one in 0.75 s to a /48.
    @Test func `RL3: a /56 has four times as many attempts as a /64, and a /48 sixteen times`() async throws {
        try await TestStores.with { stores in
            let start = ContinuousClock.now
            func regained(in interval: Duration) -> Int { Int((ContinuousClock.now - start) / interval) + 1 }
            var counted = 0
            for number in 0..<150 {
                let ip = "2001:db8:0:\(String(number % 5, radix: 16))::1"
                if await stores.begin("p\(number)@example.org", from: ip).attempt != nil { counted += 1 }
            }
            #expect((120...120 + regained(in: .seconds(3))).contains(counted))
            for number in 0..<600 {
                let ip = "2001:db8:0:\(String(0x100 * (1 + number % 200), radix: 16))::1"
                if await stores.begin("q\(number)@example.org", from: ip).attempt != nil { counted += 1 }
            }
            #expect((480...480 + regained(in: .milliseconds(750))).contains(counted))
            let networks = "SELECT DISTINCT details ->> 'network' FROM audit.events ORDER BY 1"
            #expect(try await stores.database.query(networks) == [["2001:db8::/48"], ["2001:db8::/56"]])
            var wait: Duration?
            for number in 0..<25 where wait == nil {
                wait = await stores.begin("r\(number)@example.org", from: "2001:db8:0:ffff::1").wait
            }
            let refused = try #require(wait)
            #expect(refused <= .seconds(1))
            #expect(await stores.begin("r@example.org", from: "2001:db8:1::1").attempt != nil)
        }
    }

    /// Each locks three rows, and another instance gives back what it had.
    @Test func `RL8: attempts in networks that contain each other never wait for each other in a circle`() async throws {
        try await TestStores.with { stores in
            let outcomes = try await concurrently(400) { number in
                let ip = "2001:db8:0:\(String(number % 7 * 0x80, radix: 16))::1"
                guard let attempt = await stores.begin("p\(number)@example.org", from: ip).attempt else { return true }
                return (try? await stores.attempts.withdraw(attempt)) != nil
            }
            #expect(outcomes.allSatisfy { $0 })
        }
    }

    @Test func `RL3: one network of IPv6 is a /64, however it is written`() async throws {
        try await TestStores.with { stores in
            for ip in ["2001:db8::1", "2001:DB8:0:0:ffff::2", "2001:0db8:0000:0000:1:2:3:4"] {
                #expect(await stores.begin("p\(ip.count)@example.org", from: ip).attempt != nil)
            }
            #expect(await stores.begin(from: "2001:db8:0:1::1").attempt != nil)
            let networks = try await stores.database.query("SELECT network FROM network_attempts WHERE masklen(network) = 64 ORDER BY 1")
            #expect(networks == [["2001:db8::/64"], ["2001:db8:0:1::/64"]])
            #expect(try await stores.networkBalance("2001:db8::/64") == 3)
        }
    }

    @Test func `LG1: networks that use up their allowance have a row each to a number, then they are counted`() async throws {
        try await TestStores.with { stores in
            let policy = AttemptPolicy.standard(hourlyPerNetwork: 10)
            for number in 0..<(PostgresFailureTally.rowsPerMinute + 40) {
                let origin = RequestOrigin(ip: "10.0.\(number / 250).\(number % 250)", userAgent: nil, requestID: "request")
                let event = stores.limitEvent(origin)
                if number.isMultiple(of: 2) {
                    try await stores.attempts.count(.refresh, ip: origin.ip, policy: policy, limitEvent: event)
                } else {
                    _ = try await stores.attempts.begin(
                        Self.email("p\(number)@example.org"), ip: origin.ip, device: nil, policy: policy, limitEvent: event)
                }
            }
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events") == "\(PostgresFailureTally.rowsPerMinute)")
            try await stores.tally.flush()
            #expect(try await stores.database.value("SELECT details -> 'count' FROM audit.events WHERE details ? 'count'") == "40")
        }
    }

    @Test func `what is withdrawn was not made`() async throws {
        try await TestStores.with { stores in
            for _ in 0..<40 { try await stores.attempts.withdraw(try #require(await stores.begin().attempt)) }
            #expect(try await stores.database.query("SELECT failures, blocked_until <= now() FROM login_failures") == [["0", "t"]])
            for number in 1...5 { #expect(await stores.begin().attempt?.failures == number) }
        }
    }

    @Test func `RL7: an attempt at a blocked account spends nothing of what its network has`() async throws {
        try await TestStores.with { stores in
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

    /// An attempt that came later and was counted first blocks nobody by the time of its own transaction.
    @Test(.onOnePostgreSQL) func `RL8: an attempt that waits for its network's row is not refused for one that did not`() async throws {
        try await TestStores.with { stores in
            try await stores.attempts.withdraw(try #require(await stores.begin().attempt))
            let lock = "SELECT FROM network_attempts WHERE network = '192.0.2.7/32' FOR UPDATE"
            var waiting: Task<TestStores.Outcome, Never>?
            try await stores.database.holding(lock) { () async throws in
                waiting = Task { await stores.begin() }
                try await stores.waitUntilBlocked(1)
                #expect(await stores.begin(from: "192.0.2.8").attempt?.failures == 1)
            }
            #expect(await waiting?.value.attempt?.failures == 2)
        }
    }

    @Test func `what a clock that was set back left behind goes`() async throws {
        try await TestStores.with { stores in
            _ = await stores.begin()
            try await stores.database.query("UPDATE network_attempts SET spent_until = now() + interval '1 year'")
            #expect(await stores.begin("b@example.org").wait != nil)
            #expect(try await stores.retention.removeAttempts(limit: 10).removed == 1)
            #expect(await stores.begin("b@example.org").attempt != nil)
        }
    }

    @Test(.onOnePostgreSQL) func `other attempts of a network are counted each for themselves`() async throws {
        try await TestStores.with { stores in
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
        try await TestStores.with { stores in
            _ = await stores.begin()
            try await stores.database.query(
                "UPDATE login_failures SET failures = 20, blocked_until = now() + interval '15 minutes', forgotten_at = now() + interval '20 days'"
            )
            try await stores.database.query(
                """
                INSERT INTO login_failures SELECT address_routing('n' || n || '@example.org'), 'n' || n || '@example.org', '::/0', 1, now() - interval '1 day', now() - interval '1 second'
                FROM generate_series(1, 100000) AS n
                """)
            #expect(await stores.begin().attempt == nil)
            var removed = 0
            while true {
                let step = try await stores.retention.removeAttempts(limit: 9000)
                guard step.last != nil else { break }
                removed += step.removed
            }
            #expect(removed == 100_000)
            #expect(try await stores.database.query("SELECT address FROM login_failures") == [["ada@example.org"]])
            #expect(await stores.begin().attempt == nil)
        }
    }
}

extension TestStores {
    fileprivate struct Outcome: Sendable {
        var attempt: LoginAttempt?
        var wait: Duration?
    }

    fileprivate func begin(
        _ email: String = "ada@example.org", from ip: String = "192.0.2.7", on device: SessionID? = nil
    ) async -> Outcome {
        do {
            let email = EmailAddress(email, rules: UnicodeTextRules())!
            return Outcome(
                attempt: try await attempts.begin(email, ip: ip, device: device, policy: .standard(), limitEvent: limitEvent(ip)))
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
            try await attempts.count(kind, ip: "192.0.2.7", policy: .standard(), limitEvent: limitEvent("192.0.2.7"))
        } catch .tooManyAttempts(let wait) {
            return wait
        } catch {
            Issue.record(error)
        }
        return nil
    }

    fileprivate func limitEvent(_ ip: String) -> AuditEvent {
        limitEvent(RequestOrigin(ip: ip, userAgent: nil, requestID: "request"))
    }

    /// As if so much time had passed.
    fileprivate func elapse(_ interval: String) async throws {
        try await database.query(
            """
            WITH failures AS (
                UPDATE login_failures SET blocked_until = blocked_until - $1::interval, forgotten_at = forgotten_at - $1::interval,
                    logins_spent_until = logins_spent_until - $1::interval, known_until = known_until - $1::interval
            )
            UPDATE network_attempts SET spent_until = spent_until - $1::interval
            """, [interval])
    }

    /// As if the block had passed.
    fileprivate func elapseBlock() async throws {
        let rest = "SELECT greatest(blocked_until, now()) - now() FROM login_failures"
        try await elapse(try #require(await database.value(rest)))
    }

    /// How long the block was when it began, in seconds. That moment follows from how long the failures are remembered.
    fileprivate func blockLength() async throws -> Int {
        let length = try await database.value(
            """
            SELECT round(extract(epoch FROM blocked_until - (forgotten_at - least(failures, 100) * interval '1 day')))
            FROM login_failures WHERE blocked_until > '-infinity'
            """)
        return length.flatMap { Int($0) } ?? 0
    }

    /// How many attempts a network has spent that have not come back.
    fileprivate func networkBalance(_ network: String = "192.0.2.7/32") async throws -> Int {
        let spent = try await database.value(
            "SELECT ceil(extract(epoch FROM spent_until - now()) / 12)::int FROM network_attempts WHERE network = $1::cidr", [network])
        return spent.flatMap { Int($0) } ?? 0
    }
}
