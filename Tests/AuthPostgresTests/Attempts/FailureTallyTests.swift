import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import Testing

@Suite struct FailureTallyTests {
    private static let told =
        "SELECT details -> 'count', details -> 'addresses' FROM audit.events WHERE details ? 'count' ORDER BY occurred_at"

    /// Failed logins, one after another, from an address that somebody may choose.
    private static func fail(_ times: Int, from ip: String, _ stores: TestStores) async throws {
        let email = try #require(EmailAddress("nobody@example.org", rules: UnicodeTextRules()))
        for _ in 0..<times {
            let attempt = LoginAttempt(
                email: email, ip: ip, networks: .random(), isFromKnownClient: false, failures: 1, policy: .standard())
            let origin = RequestOrigin(ip: ip, userAgent: nil, requestID: "x")
            let event = AuditEvent(id: stores.identifiers.event(), kind: .loginFailed, origin: origin)
            try await stores.accounts.recordFailedLogin(attempt, userID: nil, events: [event])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `LG1: a flood of failures has a row each to a number, then one with the count and where they came from`() async throws {
        try await TestStores.with { stores in
            let rows = PostgresFailureTally.rowsPerMinute
            try await Self.fail(rows, from: "192.0.2.1", stores)
            try await stores.tally.flush()
            #expect(try await stores.database.query(Self.told) == [])
            try await Self.fail(5000, from: "192.0.2.2", stores)
            try await Self.fail(7, from: "2001:db8::1", stores)
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events") == "\(rows)")
            try await stores.tally.flush()
            try await stores.tally.flush()
            #expect(try await stores.database.query(Self.told) == [["5007", #"{"192.0.2.2": 5000, "2001:db8::1": 7}"#]])
            #expect(try await stores.database.value("SELECT sum(failures) FROM audit.failed_logins") == "\(rows + 5007)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `LG1: another kind has rows of its own, and a lock has always one`() async throws {
        try await TestStores.with { stores in
            try await Self.fail(PostgresFailureTally.rowsPerMinute + 1, from: "192.0.2.1", stores)
            try await stores.clients.recordRefusal(of: nil, event: stores.event(.clientRefused, routing: .random()))
            let email = try #require(EmailAddress("nobody@example.org", rules: UnicodeTextRules()))
            let attempt = LoginAttempt(
                email: email, ip: nil, networks: .random(), isFromKnownClient: false, failures: 100, policy: .standard())
            let events = [AuditKind.loginFailed, .loginLocked].map { stores.event($0, routing: .random()) }
            try await stores.accounts.recordFailedLogin(attempt, userID: nil, events: events)
            let kinds = try await stores.database.query("SELECT type, count(*) FROM audit.events GROUP BY 1 ORDER BY 1")
            #expect(
                kinds == [
                    ["authn_login_fail", "\(PostgresFailureTally.rowsPerMinute)"], ["authn_login_lock", "1"], ["client_authn_fail", "1"],
                ])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `LG1: counts that cannot be written are kept, and addresses without end are not`() async throws {
        try await TestStores.with { stores in
            try await Self.fail(PostgresFailureTally.rowsPerMinute, from: "192.0.2.1", stores)
            for number in 0..<3000 { try await Self.fail(1, from: "10.0.\(number / 250).\(number % 250)", stores) }
            try await stores.database.query("ALTER TABLE audit_pending ADD CONSTRAINT away CHECK (request_id <> 'server:tally')")
            await #expect(throws: AuthError.self) { try await stores.tally.flush() }
            try await stores.database.query("ALTER TABLE audit_pending DROP CONSTRAINT away")
            try await Self.fail(2, from: "10.0.0.9", stores)
            try await stores.tally.flush()
            let told = try await stores.database.query(
                """
                SELECT details -> 'count', details -> 'addresses' -> '10.0.0.9', (SELECT count(*) FROM jsonb_object_keys(details -> 'addresses'))
                FROM audit.events WHERE details ? 'count'
                """)
            #expect(told == [["3002", "3", "20"]])
        }
    }
}
