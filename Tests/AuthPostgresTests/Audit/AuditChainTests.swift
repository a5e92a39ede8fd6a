import AuthCore
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import LibPQ
import Testing

@Suite struct AuditChainTests {
    /// Fifteen events of chain 7, sealed five at a time, and some events of other chains. Event n is of user n.
    private static func withChain(_ body: (TestStores, SealHead) async throws -> Void) async throws {
        try await TestStores.with { stores in
            for number in 1...15 {
                try await stores.write("user\(number)@example.org", in: 7)
                if number.isMultiple(of: 5) { #expect(try await stores.trail.seal(limit: 100) == 5) }
            }
            for chain in [0, 7 + 1, 4095] { try await stores.write("other@example.org", in: chain) }
            #expect(try await stores.trail.seal(limit: 100) == 3)
            #expect(try await stores.trail.seal(limit: 100) == 0)
            try await body(stores, stores.trail.head())
        }
    }

    private static func findings(_ stores: TestStores, head: SealHead? = nil) async throws -> [String] {
        try await report(stores, head: head).findings.map(\.description)
    }

    private static func report(_ stores: TestStores, head: SealHead? = nil) async throws -> AuditVerification.Report {
        try await stores.domain.audit.verify(head: head)
    }

    private static func changed(_ positions: Int...) -> [String] {
        positions.map { "chain 7: event \($0), or the hash before it, is not what was sealed" }
    }

    @Test func `LG4: what nobody touched verifies, by the head of now and by that of before`() async throws {
        try await Self.withChain { stores, head in
            try await stores.write("later@example.org", in: 7)
            #expect(try await stores.trail.seal(limit: 5) == 1)
            try await stores.write("open@example.org", in: 7)
            for head in [head, try await stores.trail.head()] {
                let report = try await Self.report(stores, head: head)
                #expect(report.findings == [] && report.chains == 4 && report.events == 19 && report.pending.count == 1)
            }
            #expect(head.number == 18)
            let (first, second) = (try await stores.trail.head(), try await stores.trail.head())
            #expect(first == second)
        }
    }

    @Test func `LG4: positions have no gap, however many events are sealed in one step`() async throws {
        try await Self.withChain { stores, _ in
            let rows = try await stores.database.query(
                "SELECT position, details ->> 'email' FROM audit_events WHERE routing = 7 ORDER BY position")
            #expect(rows == (1...15).map { ["\($0)", "user\($0)@example.org"] })
        }
    }

    /// The hash covers every column.
    private static let changes = [
        "UPDATE audit_events SET id = gen_random_uuid() WHERE \(event7)",
        "UPDATE audit_events SET occurred_at = occurred_at + interval '1 microsecond' WHERE \(event7)",
        "UPDATE audit_events SET type = 'authn_login_success' WHERE \(event7)",
        "UPDATE audit_events SET outcome = 'failure' WHERE \(event7)",
        "UPDATE audit_events SET user_id = gen_random_uuid() WHERE \(event7)",
        "UPDATE audit_events SET session_id = gen_random_uuid() WHERE \(event7)",
        "UPDATE audit_events SET ip = NULL WHERE \(event7)",
        "UPDATE audit_events SET ip = '192.0.2.8' WHERE \(event7)",
        "UPDATE audit_events SET ip = '192.0.2.7/31' WHERE \(event7)",
        "UPDATE audit_events SET user_agent = NULL, request_id = user_agent WHERE \(event7)",
        "UPDATE audit_events SET user_agent = '' WHERE \(event7)",
        "UPDATE audit_events SET request_id = request_id || ' ' WHERE \(event7)",
        "UPDATE audit_events SET details = '{}' WHERE \(event7)",
        "UPDATE audit_events SET details = NULL WHERE \(event7)",
        "UPDATE audit_events SET details = details || '{\"a\": null}' WHERE \(event7)",
        "UPDATE audit_events SET salt = gen_random_uuid() WHERE \(event7)",
        "UPDATE audit_events SET salt = NULL WHERE \(event7)",
        "UPDATE audit_events SET personal_digest = sha256('x') WHERE \(event7)",
    ]
    private static let event7 = "routing = 7 AND position = 7"

    @Test(.onOnePostgreSQL, .timeLimit(.minutes(5)))
    func `LG4: a changed event is found and named`() async throws {
        try await Self.withChain { stores, _ in
            for change in Self.changes {
                try await stores.undoing(change, on: "audit_events") {
                    let findings = try await Self.findings(stores)
                    #expect(findings == Self.changed(7), "\(change)")
                }
            }
            #expect(try await Self.findings(stores) == [])
        }
    }

    private static let moves: [(String, [String])] = [
        ("UPDATE audit_events SET sealed_at = sealed_at + interval '1 microsecond' WHERE \(event7)", changed(7, 8)),
        ("UPDATE audit_events SET hash = sha256('x') WHERE \(event7)", changed(7, 8)),
        ("DELETE FROM audit_events WHERE \(event7)", ["chain 7: event 7 is missing"]),
        ("DELETE FROM audit_events WHERE routing = 7 AND position < 4", ["chain 7: the events 1 to 3 are missing"]),
        ("DELETE FROM audit_events WHERE routing = 7 AND position > 14", ["chain 7: event 15 is missing"]),
        ("DELETE FROM audit_events WHERE routing = 7", ["chain 7: the events 1 to 15 are missing"]),
        (
            "UPDATE audit_events SET routing = 9 WHERE routing = 7 AND position = 15",
            [
                "chain 9: the events 1 to 14 are missing", "chain 7: event 15 is missing",
                "chain 9: its end, event 0, is not what was sealed",
            ]
        ),
        // Two events exchange their positions.
        (
            """
            WITH pair AS (DELETE FROM audit_events e WHERE routing = 7 AND position IN (8, 9) RETURNING e)
            INSERT INTO audit_events SELECT (jsonb_populate_record(e, jsonb_build_object('position', 17 - (e).position))).* FROM pair ORDER BY (e).position
            """, changed(8, 9, 10)
        ),
        // One event is there twice.
        (
            """
            INSERT INTO audit_events SELECT (jsonb_populate_record(e, jsonb_build_object('volume', 2))).* FROM audit_events e WHERE \(event7)
            """, ["chain 7: event 7 was inserted"]
        ),
        (
            """
            INSERT INTO audit_events SELECT (jsonb_populate_record(e, jsonb_build_object('position', 16))).* FROM audit_events e WHERE routing = 7 AND position = 15
            """, changed(16) + ["chain 7: its end, event 15, is not what was sealed"]
        ),
        ("UPDATE audit.chains SET end_position = 14 WHERE routing = 7", ["chain 7: its end, event 14, is not what was sealed"]),
        ("UPDATE audit.chains SET end_hash = sha256('x') WHERE routing = 7", ["chain 7: its end, event 15, is not what was sealed"]),
        ("UPDATE audit.chains SET start_hash = sha256('x') WHERE routing = 7", changed(1)),
        ("UPDATE audit.chains SET start_sealed_at = start_sealed_at - interval '1 s' WHERE routing = 7", changed(1)),
        (
            "UPDATE audit.chains SET start_position = 2 WHERE routing = 7",
            ["chain 7: event 1 was inserted", "chain 7: the events up to 2 were removed, as if by age, before AUDIT_RETENTION was over"]
        ),
        (
            "DELETE FROM audit.chains WHERE routing = 7",
            [
                "chain 7: event 1, or the hash before it, is not what was sealed",
                "1 of the 4096 chains are missing",
            ]
        ),
        ("DELETE FROM audit.chains WHERE routing <> 7", ["chain 0: event 1, or the hash before it, is not what was sealed"]),
    ]

    @Test(.onOnePostgreSQL, .timeLimit(.minutes(5)))
    func `LG4: a removed, inserted or moved event is found, and a changed beginning or end of a chain`() async throws {
        try await Self.withChain { stores, _ in
            try await stores.database.query("CREATE TABLE audit_events_2 PARTITION OF audit_events FOR VALUES IN (2)")
            for (change, expected) in Self.moves {
                try await stores.undoing(change, on: change.contains("audit.chains") ? "audit.chains" : "audit_events") {
                    let findings = try await Self.findings(stores)
                    // With two events in one position, the event after them does not match either.
                    #expect(Array(findings.prefix(expected.count)) == expected, "\(change)\n\(findings)")
                    #expect(findings.count <= expected.count + 3, "\(change)\n\(findings)")
                }
            }
            #expect(try await Self.findings(stores) == [])
        }
    }

    @Test func `LG4: only a head that was kept shows that a chain's end was removed, or that a changed trail was sealed again`()
        async throws
    {
        try await Self.withChain { stores, head in
            let other = AuditFinding.otherTrail(head).description
            for cut in [
                "DELETE FROM audit_events WHERE routing = 7 AND position = 15",
                "UPDATE audit.chains c SET end_position = 14, end_hash = e.hash, end_sealed_at = e.sealed_at FROM audit_events e "
                    + "WHERE c.routing = 7 AND e.routing = 7 AND e.position = 14",
            ] { try await stores.database.query(cut) }
            #expect(try await Self.findings(stores) == [])
            #expect(try await Self.findings(stores, head: head) == [other])
            try await stores.write("another@example.org", in: 7)
            #expect(try await stores.trail.seal(limit: 5) == 1)
            #expect(try await Self.findings(stores) == [])
            #expect(try await Self.findings(stores, head: head) == [other])
            #expect(try await Self.findings(stores, head: stores.trail.head()) == [])
        }
    }

    /// If the chain has no event after the removed ones, nothing but the head contradicts the false age.
    @Test func `LG4: a head that was kept shows that a whole chain was removed as if by age`() async throws {
        try await Self.withChain { stores, head in
            for change in [
                "DELETE FROM audit_events WHERE routing = 7",
                """
                UPDATE audit.chains SET start_position = end_position, start_hash = end_hash, removed_at = now(),
                       start_sealed_at = now() - interval '500 days', end_sealed_at = now() - interval '500 days' WHERE routing = 7
                """,
            ] { try await stores.database.query(change) }
            #expect(try await Self.findings(stores, head: head) == [AuditFinding.otherTrail(head).description])
        }
    }

    @Test func `LG4: a head is refused if it was never taken, has another number, or its record was changed`() async throws {
        try await Self.withChain { stores, head in
            for wrong in [SealHead(number: head.number, hash: String(repeating: "a", count: 64)), SealHead(number: 17, hash: head.hash)] {
                #expect(try await Self.findings(stores, head: wrong) == [AuditFinding.otherTrail(wrong).description])
            }
            for change in [
                "SET positions = positions[2:]", "SET positions[8] = 14", "SET positions[8] = NULL", "SET positions = '{}'",
                "SET volumes[8] = 2",
            ] {
                try await stores.undoing("UPDATE audit.heads \(change)", on: "audit.heads") {
                    let findings = try await Self.findings(stores, head: head)
                    #expect(findings == [AuditFinding.otherTrail(head).description], "\(change)")
                }
            }
            try await stores.database.query("DELETE FROM audit.heads")
            #expect(try await Self.findings(stores, head: head) == [AuditFinding.otherTrail(head).description])
        }
    }

    @Test(.onOnePostgreSQL)
    func `LG4: erased personal data is counted and leaves the chain intact, and other changes do not pass for it`() async throws {
        try await Self.withChain { stores, head in
            try await stores.undoing(Self.erasure, on: "audit_events") {
                let report = try await Self.report(stores, head: head)
                #expect(report.findings == [] && report.erased == 1 && report.events == 18)
                #expect("\(report)".hasPrefix("1 of 18 events was erased: its personal fields are gone, and the chain holds\n"))
                for change in ["ip = '192.0.2.7'", "user_agent = 'x'", "details = '{}'", "personal_digest = sha256('x')", "type = 'x'"] {
                    try await stores.undoing("UPDATE audit_events SET \(change) WHERE \(Self.event7)", on: "audit_events", "saved2") {
                        let findings = try await Self.findings(stores)
                        #expect(findings == Self.changed(7), "\(change)")
                    }
                }
            }
        }
    }

    private static let erasure = """
        UPDATE audit_events SET ip = NULL, user_agent = NULL, details = NULL, salt = NULL,
               personal_digest = sha256(uuid_send(salt) || convert_to(jsonb_build_array(ip, user_agent, details)::text, 'UTF8'))
        WHERE \(event7)
        """

    @Test func `LG4: audit.seal limits the number of events that its caller asks for`() async throws {
        try await TestStores.with { stores in
            try await stores.database.query(
                """
                INSERT INTO audit_pending (routing, id, type, outcome, request_id)
                SELECT 1, gen_random_uuid(), 'user_created', 'success', 'x' FROM generate_series(1, 10100)
                """)
            #expect(try await stores.trail.seal(limit: Int(Int32.max)) == 10_000)
            #expect(try await stores.trail.seal(limit: -1) == 1)
            #expect(try await stores.trail.seal(limit: 1000) == 99)
            #expect(try await Self.findings(stores) == [])
        }
    }

    /// An idle transaction that has written an event delays neither earlier nor later events.
    @Test func `LG4: the event of a late commit is sealed after it, and no other event waits for it`() async throws {
        try await TestStores.with { stores in
            try await stores.write("before@example.org", in: 1)
            try await stores.database.holding(Self.insertion, ending: "COMMIT") {
                for number in 0..<5 { try await stores.write("user\(number)@example.org", in: 1) }
                #expect(try await stores.trail.seal(limit: 100) == 6)
                #expect(try await stores.trail.seal(limit: 100) == 0)
                #expect(try await stores.trail.pending().count == 0)
            }
            #expect(try await stores.trail.pending().count == 1)
            #expect(try await stores.trail.seal(limit: 100) == 1)
            let report = try await Self.report(stores)
            #expect(report.findings == [] && report.events == 7 && report.pending.count == 0)
        }
    }

    private static let insertion =
        "INSERT INTO audit_pending (routing, id, type, outcome, request_id) VALUES (1, gen_random_uuid(), 'user_created', 'success', 'late')"

    /// Writers run short and long transactions, and roll some back. Three sealers seal at the same time.
    @Test(.timeLimit(.minutes(5)))
    func `LG4: each event is sealed once while writers write`() async throws {
        try await TestStores.with { stores in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 { group.addTask { try await Self.write(number, stores) } }
                for _ in 0..<3 {
                    group.addTask {
                        try await stores.database.withDatabase { database in
                            let other = TestStores(stores, database)
                            for _ in 0..<60 { _ = try await other.trail.seal(limit: 7) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            while try await stores.trail.seal(limit: 100) != 0 {}
            let report = try await Self.report(stores)
            #expect(report.findings == [] && report.pending.count == 0)
            #expect(report.events == 18 * 20 + 3)
            #expect(try await stores.database.value("SELECT count(DISTINCT id) FROM audit_events") == "363")
        }
    }

    private static func write(_ number: Int, _ stores: TestStores) async throws {
        guard number.isMultiple(of: 4) else {
            for round in 0..<20 { try await stores.write("user\(number)-\(round)@example.org", in: number % 3) }
            return
        }
        try await stores.database.holding(insertion, ending: number.isMultiple(of: 8) ? "COMMIT" : "ROLLBACK") {
            try await Task.sleep(for: .milliseconds(10 * number))
        }
    }

    @Test(.onOnePostgreSQL)
    func `LG4: no other instance seals the chains that an instance is sealing, and others seal the rest`() async throws {
        try await TestStores.with { stores in
            try await stores.write("a@example.org", in: 1)
            try await stores.database.holding("SELECT audit.seal(100)") {
                #expect(try await stores.trail.seal(limit: 100) == 0)
                try await stores.write("b@example.org", in: 1)
                try await stores.write("c@example.org", in: 2)
                #expect(try await stores.trail.seal(limit: 100) == 1)
            }
            #expect(try await stores.trail.seal(limit: 100) == 2)
            #expect(try await Self.findings(stores) == [])
        }
    }

    @Test(.onOnePostgreSQL) func `LG4: an instance leaves chains to other instances when many events wait`() async throws {
        try await TestStores.with { stores in
            try await stores.database.query(
                """
                INSERT INTO audit_pending (routing, id, type, outcome, request_id)
                SELECT routing, gen_random_uuid(), 'x', 'success', 'x' FROM generate_series(0, 4095) AS routing, generate_series(1, 6)
                """)
            try await stores.database.holding("SELECT audit.seal(5000)") {
                let sealed = try await stores.trail.seal(limit: 5000)
                #expect(sealed > 0)
            }
            while try await stores.trail.seal(limit: 5000) > 0 {}
            #expect(try await stores.database.value("SELECT count(*) FROM audit_pending") == "0")
            #expect(try await Self.findings(stores) == [])
        }
    }

    @Test func `LG4: a clock that was ahead and is set back changes neither the order nor a later time`() async throws {
        try await Self.withChain { stores, _ in
            try await stores.database.query("UPDATE audit.chains SET end_sealed_at = now() + interval '1 year' WHERE routing = 9")
            for _ in 0..<2 {
                try await stores.write("after@example.org", in: 9)
                #expect(try await stores.trail.seal(limit: 100) == 1)
            }
            let times = try await stores.database.query(
                "SELECT position, sealed_at <= clock_timestamp() FROM audit_events WHERE routing = 9 ORDER BY position")
            #expect(times == [["1", "t"], ["2", "t"]])
        }
    }

    @Test(.onOnePostgreSQL)
    func `LG4: an event gets the time of its sealing, and not the time at which the transaction began`() async throws {
        try await TestStores.with { stores in
            try await stores.write("a@example.org", in: 9)
            try await stores.database.query("SELECT pg_sleep(0.2), audit.seal(1)")
            let delay = "SELECT sealed_at - occurred_at >= interval '0.2 s' FROM audit_events"
            #expect(try await stores.database.value(delay) == "t")
        }
    }

    /// A few numbers in jsonb can become a gigabyte of text.
    @Test func `LG4: the database refuses an event that could not be sealed`() async throws {
        try await TestStores.with { stores in
            let details = "('[' || repeat('1e131071,', 99) || '1e131071]')::jsonb"
            await #expect(throws: PostgresError.self) {
                try await stores.database.query(
                    "INSERT INTO audit_pending (routing, id, type, outcome, request_id, details) "
                        + "VALUES (9, gen_random_uuid(), 'x', 'success', 'x', \(details))")
            }
        }
    }

    @Test func `LG4: verification finds an event of a chain that does not exist`() async throws {
        try await Self.withChain { stores, _ in
            for routing in [-5, -1, 4096, Int32.max] {
                try await stores.undoing(
                    "INSERT INTO audit_events SELECT (jsonb_populate_record(e, jsonb_build_object('routing', \(routing)))).* "
                        + "FROM audit_events e WHERE routing = 7 AND position = 1", on: "audit_events"
                ) {
                    let findings = try await Self.findings(stores)
                    #expect(findings == ["chain \(routing): event 1, or the hash before it, is not what was sealed"])
                }
            }
        }
    }
}

extension TestStores {
    /// Writes an event as a statement of the server does.
    func write(_ email: String, in chain: Int) async throws {
        try await database.query(
            """
            INSERT INTO audit_pending (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
            VALUES (\(chain), gen_random_uuid(), 'user_created', 'success', gen_random_uuid(), '192.0.2.7', 'curl/8', 'request-1',
                    '{"email": "\(email)"}')
            """)
    }

    /// Runs the body after a change of a table that is undone then.
    func undoing(_ change: String, on table: String, _ saved: String = "saved", _ body: () async throws -> Void) async throws {
        try await database.query("CREATE TABLE \(saved) AS TABLE \(table)")
        try await database.query(change)
        try await body()
        try await database.query("DELETE FROM \(table)")
        try await database.query("INSERT INTO \(table) SELECT * FROM \(saved)")
        try await database.query("DROP TABLE \(saved)")
    }
}
