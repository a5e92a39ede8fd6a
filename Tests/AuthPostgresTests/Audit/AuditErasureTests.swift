import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import Testing

@Suite struct AuditErasureTests {
    private static func email(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text, rules: UnicodeTextRules())) }

    /// The account of most tests, and the key of its chain.
    fileprivate static let user = UserID(UUID(uuidString: "01a21070-9a52-7d93-8816-32750071b3e1")!)
    private static let chain = user.routing

    private static func erase(
        _ stores: TestStores, _ user: UserID = user, _ addresses: [String] = ["ada@example.org"]
    ) async throws -> Int {
        try await stores.domain.audit.erasure.erase(user, addresses: addresses.map(email))
    }

    /// How many events of the trail have the text anywhere.
    private static func count(_ text: String, _ stores: TestStores) async throws -> String? {
        try await stores.database.value(
            """
            SELECT (SELECT count(*) FROM audit_events e WHERE strpos(e::text, $1) > 0)
                 + (SELECT count(*) FROM audit_pending e WHERE strpos(e::text, $1) > 0)
            """, [text])
    }

    private static func report(_ stores: TestStores) async throws -> AuditVerification.Report {
        try await stores.domain.audit.verify(head: stores.trail.head())
    }

    private static func sealAll(_ stores: TestStores) async throws {
        while try await stores.trail.seal(limit: 5000) > 0 {}
    }

    /// What people do, by the statements of the server: strangers before the account exists, its person, and an operator.
    private static func live(_ stores: TestStores, sealing: Bool) async throws -> UserID {
        let (first, second) = (try email("ada@example.org"), try email("lovelace@example.org"))
        func fail(_ address: EmailAddress, _ user: UserID?) async throws {
            let key = try user?.routing ?? TestStores.routing.key(of: address)
            let attempt = LoginAttempt(
                email: address, ip: TestStores.origin.ip, networks: RoutingKey(0), isFromKnownClient: false, failures: 1,
                policy: .standard())
            try await stores.accounts.recordFailedLogin(attempt, userID: user, events: [stores.event(.loginFailed, routing: key)])
        }
        try await fail(first, nil)
        let user = try #require(await stores.register(first.text)).id
        try await fail(first, user)
        #expect(try await stores.register(first.text) == nil)
        #expect(try await stores.open(for: user) != nil)
        if sealing { try await sealAll(stores) }
        let administration = stores.domain.accounts.administration
        _ = try await administration.rename(first, to: second, reason: "ada@example.org asked", origin: TestStores.origin)
        try await fail(second, user)
        try await fail(first, nil)
        try await stores.database.query("DELETE FROM users")
        try await fail(second, nil)
        return user
    }

    @Test(arguments: [true, false])
    func `an erased person is nowhere in the trail, and the chains hold before and after`(isSealed: Bool) async throws {
        try await TestStores.with { stores in
            try await stores.write("other@example.org", in: 7)
            try await stores.database.query("UPDATE audit_pending SET ip = '198.51.100.1', user_agent = 'another browser'")
            let user = try await Self.live(stores, sealing: isSealed)
            #expect(try await Self.report(stores).findings == [])
            let found = try await Self.erase(stores, user, ["lovelace@example.org", "ada@example.org"])
            #expect(found == 9)
            for _ in 0..<2 {
                for text in ["ada@example.org", "lovelace@example.org", "192.0.2.7", "curl/8"] {
                    #expect(try await Self.count(text, stores) == "0", "\(text)")
                }
                #expect(try await Self.count("other@example.org", stores) == "1")
                let report = try await Self.report(stores)
                #expect(report.findings == [] && report.erased == (isSealed ? 5 : 0))
                try await Self.sealAll(stores)
            }
        }
    }

    @Test func `the events of other accounts in the same chain stay as they are`() async throws {
        try await TestStores.with { stores in
            for number in 0..<40 {
                let user = number.isMultiple(of: 4) ? Self.user : stores.identifiers.user(routing: Self.chain)
                try await stores.write("user\(number)@example.org", of: user)
                if number == 19 { try await Self.sealAll(stores) }
            }
            // Other addresses that have the address in them.
            for address in ["ada@example.org.net", "xada@example.org"] { try await stores.write(address, in: Int(Self.chain.value)) }
            let others = """
                SELECT event_id, ip, user_agent, details FROM audit.events
                WHERE user_id IS DISTINCT FROM '\(Self.user.text)' ORDER BY event_id
                """
            let before = try await stores.database.query(others)
            #expect(try await Self.erase(stores) == 10)
            let after = try await stores.database.query(others)
            #expect(before == after && before.count == 32)
        }
    }

    @Test func `the address is found anywhere in the details`() async throws {
        try await TestStores.with { stores in
            let details = [
                #"{"email": "ada@example.org"}"#, #"{"before": "ada@example.org"}"#, #"{"new_address": "ada@example.org", "count": null}"#,
                #"{"a": {"b": [1, {"c": "ada@example.org"}]}}"#, #"{"addresses": ["bob@example.org", "ada@example.org"]}"#,
                #"{"new_email": "Ada@EXAMPLE.org"}"#,
            ]
            for text in details { try await stores.write(details: text, in: Self.chain) }
            try await Self.sealAll(stores)
            for text in details { try await stores.write(details: text, in: Self.chain) }
            #expect(try await Self.erase(stores) == 2 * details.count)
            #expect(try await Self.count("ada@example.org", stores) == "0")
            #expect(try await Self.count("Ada", stores) == "0")
            #expect(try await Self.report(stores).erased == details.count)
        }
    }

    @Test func `an erasure is an event with the number, and erasing again does nothing`() async throws {
        try await TestStores.with { stores in
            for _ in 0..<3 { try await stores.write("ada@example.org", of: Self.user) }
            try await Self.sealAll(stores)
            try await stores.write("ada@example.org", of: Self.user)
            #expect(try await Self.erase(stores) == 4)
            let trail = "SELECT type, user_id, request_id, details FROM audit.events ORDER BY type, details"
            let record = ["audit_events_erased", Self.user.text, "server:erasure", #"{"count": 4}"#]
            #expect(try await stores.database.query(trail).first == record)
            for _ in 0..<2 {
                let before = try await stores.database.query("SELECT e::text FROM audit_events e ORDER BY position")
                #expect(try await Self.erase(stores) == 0)
                #expect(try await stores.database.query("SELECT e::text FROM audit_events e ORDER BY position") == before)
                try await Self.sealAll(stores)
            }
            #expect(try await stores.database.query(trail).filter { event in event[0] == record[0] } == [record])
        }
    }

    @Test(.onOnePostgreSQL) func `small steps go through all events of all volumes`() async throws {
        try await TestStores.with { stores in
            try await stores.database.query("CREATE TABLE audit_events_2 PARTITION OF audit_events FOR VALUES IN (2)")
            for volume in 1...2 {
                if volume == 2 { try await stores.database.query("INSERT INTO audit.volumes (number) VALUES (2)") }
                for _ in 0..<7 { try await stores.write("ada@example.org", of: Self.user) }
                try await Self.sealAll(stores)
            }
            for _ in 0..<7 { try await stores.write("ada@example.org", of: Self.user) }
            var (position, steps) = (Int64?(0), [ErasureStep]())
            while let reached = position, steps.count < 20 {
                steps.append(try await stores.erase(Self.user, ["ada@example.org"], after: reached, limit: 3))
                position = steps.last?.reached
            }
            #expect(steps.map(\.reached) == [3, 6, 9, 12, 14, 14, nil])
            #expect(steps.map(\.erased) == [3, 3, 3, 3, 5, 3, 1])
            #expect(try await Self.count("ada@example.org", stores) == "0")
            #expect(try await Self.report(stores).findings == [])
        }
    }

    private static let event2 = "routing = \(chain.value) AND position = 2"
    private static let tampering = [
        "type = 'x'", "outcome = 'failure'", "occurred_at = occurred_at + interval '1 microsecond'", "user_id = gen_random_uuid()",
        "request_id = 'x'", "ip = '192.0.2.7'", "user_agent = 'curl/8'", "details = '{}'", "details = '{\"email\": \"ada@example.org\"}'",
        "personal_digest = sha256('x')", "personal_digest = NULL", "salt = gen_random_uuid()",
        "salt = gen_random_uuid(), personal_digest = NULL",
    ]

    @Test(.onOnePostgreSQL, .timeLimit(.minutes(5)))
    func `LG4: a change of an erased event is found, and it does not count as erased`() async throws {
        try await TestStores.with { stores in
            for _ in 0..<3 { try await stores.write("ada@example.org", of: Self.user) }
            try await Self.sealAll(stores)
            try await stores.database.query("UPDATE audit_events SET salt = NULL WHERE \(Self.event2)")
            let byHand = try await Self.report(stores)
            #expect(byHand.findings.count == 1 && byHand.erased == 0)
        }
        try await TestStores.with { stores in
            for _ in 0..<3 { try await stores.write("ada@example.org", of: Self.user) }
            try await Self.sealAll(stores)
            #expect(try await Self.erase(stores) == 3)
            for change in Self.tampering {
                try await stores.undoing("UPDATE audit_events SET \(change) WHERE \(Self.event2)", on: "audit_events") {
                    let report = try await Self.report(stores)
                    let expected = "chain \(Self.chain.value): event 2, or the hash before it, is not what was sealed"
                    #expect(report.findings.map(\.description) == [expected], "\(change)")
                    #expect(report.erased == 2 && !report.description.contains("holds"), "\(change)")
                }
            }
            let intact = try await Self.report(stores)
            let first = "3 of 3 events were erased: their personal fields are gone, and the chain holds\nchains: 1;"
            #expect(intact.description.hasPrefix(first))
        }
    }

    /// An event moves from one table to the other while the erasure goes through both.
    @Test(.onOnePostgreSQL, .timeLimit(.minutes(5)))
    func `an erasure leaves nothing behind while others write and seal`() async throws {
        try await TestStores.with { stores in
            for round in 0..<6 {
                try await stores.writeMany(of: Self.user, 300)
                try await stores.writeMany(of: stores.identifiers.user(routing: Self.chain), 300)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            try await stores.database.withDatabase { database in
                                let other = TestStores(stores, database)
                                for _ in 0..<40 { _ = try await other.trail.seal(limit: 20) }
                            }
                        }
                    }
                    group.addTask {
                        for _ in 0..<40 { try await stores.write("bob@example.org", in: Int(Self.chain.value)) }
                    }
                    group.addTask {
                        var position = Int64?(0)
                        while let reached = position {
                            position = try await stores.erase(Self.user, ["ada@example.org"], after: reached, limit: 25).reached
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await Self.count("ada@example.org", stores) == "0", "round \(round)")
            }
            try await Self.sealAll(stores)
            #expect(try await Self.count("bob@example.org", stores) == "240")
            let report = try await Self.report(stores)
            #expect(report.findings == [] && report.pending.count == 0)
        }
    }

    @Test(.onOnePostgreSQL) func `while a chain is locked, an erasure gives up and changes nothing`() async throws {
        try await TestStores.with { stores in
            try await stores.write("ada@example.org", of: Self.user)
            try await stores.database.holding("SELECT FROM audit.chains WHERE routing = \(Self.chain.value) FOR UPDATE") {
                await #expect(throws: AuthError.self) { try await Self.erase(stores) }
            }
            #expect(try await Self.count("ada@example.org", stores) == "1")
            #expect(try await Self.erase(stores) == 1)
        }
    }

    @Test(.onOnePostgreSQL) func `the function runs with the rights of its owner, and not for everyone`() async throws {
        try await TestStores.with { stores in
            try await stores.write("ada@example.org", of: Self.user)
            try await Self.sealAll(stores)
            let rights = """
                SELECT has_function_privilege('public', p.oid, 'EXECUTE'), p.prosecdef, p.proconfig
                FROM pg_proc p WHERE p.oid = 'audit.erase'::regproc
                """
            let settings = #"{"search_path=pg_catalog, pg_temp",lock_timeout=1s}"#
            #expect(try await stores.database.query(rights) == [["f", "t", settings]])
        }
    }
}

extension TestStores {
    /// Writes an event of an account.
    fileprivate func write(_ email: String, of user: UserID) async throws {
        try await database.query(
            """
            INSERT INTO audit_pending (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
            VALUES ($1::integer, gen_random_uuid(), 'authn_login_success', 'success', $2::uuid, '192.0.2.7', 'curl/8', 'request-1',
                    jsonb_build_object('email', $3::text))
            """, ["\(user.routing.value)", user.text, email])
    }

    /// Writes an event without an account.
    fileprivate func write(details: String, in chain: RoutingKey) async throws {
        try await database.query(
            """
            INSERT INTO audit_pending (routing, id, type, outcome, request_id, details)
            VALUES ($1::integer, gen_random_uuid(), 'authn_login_fail', 'failure', 'request-1', $2::jsonb)
            """, ["\(chain.value)", details])
    }

    fileprivate func writeMany(of user: UserID, _ count: Int) async throws {
        let address = user == AuditErasureTests.user ? "ada@example.org" : "eve@example.org"
        try await database.query(
            """
            INSERT INTO audit_pending (routing, id, type, outcome, user_id, ip, request_id, details)
            SELECT \(user.routing.value), gen_random_uuid(), 'x', 'success', '\(user.text)', '192.0.2.7', 'x', '{"email": "\(address)"}'
            FROM generate_series(1, \(count))
            """)
    }

    fileprivate func erase(_ user: UserID, _ addresses: [String], after position: Int64, limit: Int) async throws -> ErasureStep {
        try await trail.erase(
            user, addresses: addresses.map { text in EmailAddress(text, rules: UnicodeTextRules())! }, in: user.routing, after: position,
            limit: limit, event: identifiers.event(routing: user.routing))
    }
}
