import AuthCore
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

@Suite struct AuditChainTests {
    /// Fifteen events in three seals of five; the events of `user(number)` have the positions in order.
    private static func withChain(_ body: (TestStores, SealHead) async throws -> Void) async throws {
        try await TestStores.with { stores in
            for number in 0..<15 { _ = try await stores.register("user\(number)@example.org") }
            for _ in 0..<3 { #expect(try await stores.sealed(5) == 5) }
            #expect(try await stores.sealed(5) == 0)
            try await body(stores, stores.trail.head())
        }
    }

    private static func findings(_ stores: TestStores, head: SealHead? = nil) async throws -> [AuditFinding] {
        try await report(stores, head: head).findings
    }

    private static func report(_ stores: TestStores, head: SealHead? = nil) async throws -> AuditVerification.Report {
        try await stores.domain.audit.verify(head: head)
    }

    private static func numbers(_ findings: [AuditFinding]) -> [String] {
        findings.map { finding in
            switch finding {
            case .noChain: "no chain"
            case .sealsMissing(let numbers): "missing \(numbers)"
            case .sealChanged(let range): "changed seal \(range.head.number)"
            case .eventsDiffer(let range): "differing \(range.head.number)"
            case .removedTooSoon(let range): "too soon \(range.head.number)"
            case .otherChain: "other chain"
            case .fromTheFuture(let count): "future \(count)"
            }
        }
    }

    @Test func `LG4: what nobody touched verifies, by the head of now and by that of before`() async throws {
        try await Self.withChain { stores, head in
            _ = try await stores.register("later@example.org")
            #expect(try await stores.sealed(5) == 1)
            _ = try await stores.register("open@example.org")
            for head in [head, try await stores.trail.head()] {
                let report = try await Self.report(stores, head: head)
                #expect(report.findings == [] && report.seals == 5 && report.events == 16 && report.unsealed.count == 1)
            }
        }
    }

    private static let user7 = "(SELECT id FROM users WHERE email = 'user7@example.org')"

    /// Every column counts, and the range is named; 7 is of the second five.
    private static let changes = [
        "UPDATE audit_events SET routing = routing # 1 WHERE user_id = \(user7)",
        "UPDATE audit_events SET id = gen_random_uuid() WHERE user_id = \(user7)",
        "UPDATE audit_events SET occurred_at = occurred_at + interval '1 microsecond' WHERE user_id = \(user7)",
        "UPDATE audit_events SET type = 'authn_login_success' WHERE user_id = \(user7)",
        "UPDATE audit_events SET outcome = 'failure' WHERE user_id = \(user7)",
        "UPDATE audit_events SET session_id = gen_random_uuid() WHERE user_id = \(user7)",
        "UPDATE audit_events SET ip = NULL WHERE user_id = \(user7)",
        "UPDATE audit_events SET ip = '192.0.2.8' WHERE user_id = \(user7)",
        "UPDATE audit_events SET ip = '192.0.2.7/31' WHERE user_id = \(user7)",
        "UPDATE audit_events SET user_agent = NULL, request_id = user_agent WHERE user_id = \(user7)",
        "UPDATE audit_events SET user_agent = '' WHERE user_id = \(user7)",
        "UPDATE audit_events SET request_id = request_id || ' ' WHERE user_id = \(user7)",
        "UPDATE audit_events SET details = '{}' WHERE user_id = \(user7)",
        "UPDATE audit_events SET details = details || '{\"a\": null}' WHERE user_id = \(user7)",
        "UPDATE audit_events SET user_id = NULL WHERE user_id = \(user7)",
        "DELETE FROM audit_events WHERE user_id = \(user7)",
        """
        INSERT INTO audit_events SELECT routing, gen_random_uuid(), occurred_at, type, outcome, user_id, session_id, ip, user_agent, request_id,
                                        details, position FROM audit_events WHERE user_id = \(user7)
        """,
        // Two change places.
        """
        WITH pair AS (SELECT routing, id, position, sum(position) OVER () AS total FROM audit_events
                      WHERE details ->> 'email' IN ('user7@example.org', 'user8@example.org'))
        UPDATE audit_events e SET position = pair.total - pair.position FROM pair WHERE e.routing = pair.routing AND e.id = pair.id
        """,
    ]

    @Test(.timeLimit(.minutes(5)))
    func `LG4: a changed, removed, inserted or moved event is found, and its range named`() async throws {
        try await Self.withChain { stores, _ in
            for change in Self.changes {
                try await stores.undoing(change, on: "audit_events") {
                    let findings = try await Self.numbers(Self.findings(stores))
                    #expect(findings == ["differing 2"], "\(change)")
                }
            }
            #expect(try await Self.findings(stores) == [])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `LG4: a changed seal is found`() async throws {
        try await Self.withChain { stores, _ in
            for change in [
                "from_position = from_position + 1", "until_position = until_position - 1", "xid_offset = 1", "events = 6",
                "last_at = last_at - interval '1 microsecond'", "digest = sha256('x')", "sealed_at = sealed_at - interval '1 microsecond'",
                "hash = sha256('x')",
            ] {
                try await stores.undoing("UPDATE audit.seals SET \(change) WHERE number = 2", on: "audit.seals") {
                    let findings = try await Self.numbers(Self.findings(stores))
                    #expect(findings.contains("changed seal 2"), "\(change)")
                }
            }
            #expect(try await Self.findings(stores) == [])
        }
    }

    @Test func `LG4: a removed seal is found, in the middle by its number, at the end by the head that was kept`() async throws {
        try await Self.withChain { stores, head in
            try await stores.database.query("DELETE FROM audit.seals WHERE number = 3")
            #expect(try await Self.findings(stores) == [])
            #expect(try await Self.numbers(Self.findings(stores, head: head)) == ["other chain"])
            // The server seals them again, and it is another seal.
            #expect(try await stores.sealed(5) == 5)
            #expect(try await Self.numbers(Self.findings(stores, head: head)) == ["other chain"])
            try await stores.database.query("DELETE FROM audit.seals WHERE number = 2")
            #expect(try await Self.numbers(Self.findings(stores)).first == "missing 2...2")
            try await stores.database.query("DELETE FROM audit.seals")
            #expect(try await Self.numbers(Self.findings(stores)) == ["no chain"])
        }
    }

    /// Whoever owns the database can make a chain that is right in itself, and not the one that was there.
    @Test func `LG4: a chain that was written anew over a changed trail is found by the head that was kept, and by it alone`() async throws
    {
        try await Self.withChain { stores, head in
            try await stores.database.query("DELETE FROM audit_events WHERE user_id = \(Self.user7)")
            try await stores.database.query("DELETE FROM audit.seals WHERE number > 0")
            for _ in 0..<3 { _ = try await stores.sealed(5) }
            #expect(try await Self.findings(stores) == [])
            #expect(try await Self.findings(stores, head: head) == [.otherChain(head)])
        }
    }

    @Test func `LG4: what retention removed is told as that, and neither what goes too soon nor what comes after it`() async throws {
        try await TestStores.with { stores in
            for days in [500, 450, 300] {
                _ = try await stores.register("user\(days)@example.org")
                try await stores.database.query(
                    "UPDATE audit_events SET occurred_at = now() - interval '\(days) days' WHERE occurred_at > now() - interval '1 day'")
                #expect(try await stores.sealed(5) == 1)
            }
            #expect(try await stores.retention.removeEvents(olderThan: .seconds(400 * 86_400))?.removed == 1)
            #expect(try await stores.retention.removeEvents(olderThan: .seconds(400 * 86_400))?.removed == 1)
            #expect(try await stores.retention.removeEvents(olderThan: .seconds(400 * 86_400))?.removed == 0)
            let report = try await Self.report(stores, head: stores.trail.head())
            #expect(report.findings == [] && report.removed == 2 && report.events == 1)
            // A thief who says that it was retention.
            #expect(try await stores.retention.removeEvents(olderThan: .seconds(1))?.removed == 1)
            #expect(try await Self.numbers(Self.findings(stores)) == ["too soon 3"])
            for time in ["now() + interval '1 year'", "'infinity'", "'-infinity'"] {
                try await stores.database.query("UPDATE audit.seals SET removed_at = \(time) WHERE number = 3")
                #expect(try await Self.numbers(Self.findings(stores)) == ["too soon 3"], "\(time)")
            }
            // One who takes back what was said, or puts something there.
            try await stores.database.query("UPDATE audit.seals SET removed_at = NULL WHERE number = 1")
            #expect(try await Self.numbers(Self.findings(stores)) == ["differing 1", "too soon 3"])
            try await stores.database.query(
                """
                INSERT INTO audit_events (routing, id, type, outcome, request_id, position)
                SELECT 1, gen_random_uuid(), 'user_created', 'success', 'x', until_position - 1 FROM audit.seals WHERE number = 2
                """)
            #expect(try await Self.numbers(Self.findings(stores)) == ["differing 1", "differing 2", "too soon 3"])
        }
    }

    @Test func `LG4: whoever may seal chooses no range that nobody could verify`() async throws {
        try await TestStores.with { stores in
            try await stores.database.query(
                """
                DO $$ BEGIN
                    FOR number IN 1..1100 LOOP
                        INSERT INTO audit_events (routing, id, type, outcome, request_id)
                        VALUES (1, gen_random_uuid(), 'user_created', 'success', 'x');
                        COMMIT;
                    END LOOP;
                END $$
                """)
            #expect(try await stores.sealed(Int(Int32.max)) == 1000)
            #expect(try await stores.sealed(Int(Int32.max)) == 100)
        }
    }

    @Test func `LG4: who commits late is sealed when he has committed, and holds up only what is after him`() async throws {
        try await TestStores.with { stores in
            _ = try await stores.register("before@example.org")
            try await stores.settle()
            try await stores.database.holding(Self.insertion, ending: "COMMIT") {
                for number in 0..<5 { _ = try await stores.register("user\(number)@example.org") }
                #expect(try await stores.trail.seal(limit: 100) == 1)
                #expect(try await stores.trail.seal(limit: 100) == 0)
                #expect(try await Self.report(stores).unsealed.count == 5)
            }
            #expect(try await stores.sealed(100) == 6)
            let report = try await Self.report(stores)
            #expect(report.findings == [] && report.events == 7 && report.unsealed.count == 0)
        }
    }

    private static let insertion =
        "INSERT INTO audit_events (routing, id, type, outcome, request_id) VALUES (1, gen_random_uuid(), 'user_created', 'success', 'late')"

    /// Writers of short and long transactions, some of which roll back, and two who seal all the while.
    @Test(.timeLimit(.minutes(5)))
    func `LG4: whatever writers do while it is sealed, each event is in one seal`() async throws {
        try await TestStores.with { stores in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 { group.addTask { try await Self.write(number, stores) } }
                group.addTask { for _ in 0..<60 { _ = try await stores.trail.seal(limit: 7) } }
                group.addTask {
                    try await stores.database.withDatabase { database in
                        let other = TestStores(stores, database)
                        for _ in 0..<60 { _ = try await other.trail.seal(limit: 7) }
                    }
                }
                try await group.waitForAll()
            }
            while try await stores.sealed(100) != 0 {}
            let report = try await Self.report(stores)
            #expect(report.findings == [] && report.unsealed.count == 0)
            #expect(report.events == 18 * 20 + 3)
            #expect(try await stores.database.value("SELECT sum(events) FROM audit.seals") == "363")
        }
    }

    private static func write(_ number: Int, _ stores: TestStores) async throws {
        guard number.isMultiple(of: 4) else {
            for round in 0..<20 { _ = try await stores.register("user\(number)-\(round)@example.org") }
            return
        }
        try await stores.database.holding(insertion, ending: number.isMultiple(of: 8) ? "COMMIT" : "ROLLBACK") {
            try await Task.sleep(for: .milliseconds(10 * number))
        }
    }

    @Test func `LG4: one instance seals, and the others go on`() async throws {
        try await TestStores.with { stores in
            _ = try await stores.register()
            try await stores.settle()
            try await stores.database.holding("SELECT audit.seal(100)") {
                let sealed = try await stores.trail.seal(limit: 100)
                #expect(sealed == nil)
            }
            #expect(try await stores.sealed(100) == 1)
        }
    }

    /// As after a dump that was restored into a cluster whose transactions have smaller numbers.
    @Test func `LG4: F32: in another cluster the chain goes on, beyond what came with it`() async throws {
        try await Self.withChain { stores, head in
            try await stores.database.query("ALTER TABLE audit_events ALTER COLUMN position SET DEFAULT 1000000000")
            _ = try await stores.register("unsealed@example.org")
            try await stores.database.query(
                """
                ALTER TABLE audit_events ALTER COLUMN position SET DEFAULT pg_current_xact_id()::text::bigint;
                """)
            try await stores.database.query("UPDATE audit.seals SET until_position = 900000000 WHERE number = 3")
            try await stores.database.query(
                "UPDATE audit.seals s SET hash = audit.seal_hash(s, p.hash) FROM audit.seals p WHERE s.number = 3 AND p.number = 2")
            #expect(try await stores.sealed(100) == 1)
            _ = try await stores.register("after@example.org")
            #expect(try await stores.sealed(100) == 1)
            let report = try await Self.report(stores)
            #expect(report.findings == [] && report.events == 17 && report.seals == 7)
            let offset = try await stores.database.value("SELECT xid_offset FROM audit.seals ORDER BY number DESC LIMIT 1")
            #expect(offset == "1000000001")
        }
    }

    @Test func `LG4: an event of a transaction that has not begun is found`() async throws {
        try await Self.withChain { stores, _ in
            try await stores.database.query(
                """
                INSERT INTO audit_events (routing, id, type, outcome, request_id, position)
                VALUES (1, gen_random_uuid(), 'user_created', 'success', 'x', 4000000000000)
                """)
            #expect(try await Self.numbers(Self.findings(stores)) == ["future 1"])
        }
    }
}

extension TestStores {
    /// Waits for the transactions of the other databases of this PostgreSQL, which hold sealing up as those of this one do.
    func settle() async throws {
        let isSettled = "SELECT coalesce(max(transaction) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint, true) FROM settling"
        try await database.query("DROP TABLE IF EXISTS settling")
        try await database.query("CREATE TABLE settling AS SELECT pg_current_xact_id()::text::bigint AS transaction")
        while try await database.value(isSettled) != "t" { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Runs the body after a change of a table that is undone then.
    func undoing(_ change: String, on table: String, _ body: () async throws -> Void) async throws {
        try await database.query("CREATE TABLE saved AS TABLE \(table)")
        try await database.query(change)
        try await body()
        try await database.query("DELETE FROM \(table)")
        try await database.query("INSERT INTO \(table) SELECT * FROM saved")
        try await database.query("DROP TABLE saved")
    }

    func sealed(_ limit: Int) async throws -> Int? {
        try await settle()
        return try await trail.seal(limit: limit)
    }
}
