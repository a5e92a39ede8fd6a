import AuthCore
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

@Suite struct RetentionStoreTests {
    private static let day: Duration = .seconds(86_400)

    private static func sweep(_ stores: TestStores, createdBefore creation: Duration = day * 3, limit: Int = 4) async throws
        -> RetentionStep
    {
        var (key, sum): (RetentionStep.PrimaryKey?, RetentionStep) = (nil, RetentionStep(examined: 0, removed: 0, last: nil))
        repeat {
            let step = try await stores.retention.removeSessions(createdBefore: creation, deadFor: day, after: key, limit: limit)
            sum = RetentionStep(examined: sum.examined + step.examined, removed: sum.removed + step.removed, last: nil)
            key = step.last
        } while key != nil
        return sum
    }

    /// Makes sessions with these names, which began so many days ago.
    private static func open(_ names: [String], daysAgo: Int, _ stores: TestStores) async throws {
        for number in 0..<5 {
            let user = try #require(await stores.register("user\(number)-\(daysAgo)@example.org"))
            for name in names { _ = try await stores.open(for: user.id, name: name) }
        }
        // The id of a session begins with the time of its creation.
        try await stores.database.query(
            """
            UPDATE sessions SET id = (lpad(to_hex((extract(epoch FROM now() - interval '\(daysAgo) days') * 1000)::bigint), 12, '0')
                                      || substr(replace(id::text, '-', ''), 13))::uuid
            WHERE name IN ('\(names.joined(separator: "', '"))')
            """)
    }

    private static let ends = [
        "UPDATE sessions SET ended_at = now() - interval '25 hours', ended_by = 'logout' WHERE name LIKE 'ended%'",
        "UPDATE sessions SET idle_expires_at = now() - interval '25 hours' WHERE name = 'idle'",
        """
        UPDATE sessions SET access_expires_at = created_at - interval '25 hours', idle_expires_at = created_at - interval '25 hours',
                            expires_at = created_at - interval '25 hours' WHERE name = 'old'
        """,
        "UPDATE sessions SET ended_at = now() - interval '23 hours', ended_by = 'logout' WHERE name = 'just ended'",
    ]

    @Test(.onOnePostgreSQL) func `what has been dead long enough is removed, in steps, and the trail can tell how many`() async throws {
        try await TestStores.with { stores in
            try await Self.open(["live", "ended", "idle", "old", "just ended"], daysAgo: 4, stores)
            for end in Self.ends { try await stores.database.query(end) }
            #expect(try await Self.sweep(stores) == RetentionStep(examined: 25, removed: 15, last: nil))
            let left = try await stores.database.query("SELECT name, count(*) FROM sessions GROUP BY 1 ORDER BY 1")
            #expect(left == [["just ended", "5"], ["live", "5"]])
            try await stores.retention.record(removed: 15, event: stores.event(.sessionsRemoved, routing: .random()))
            let told = "SELECT sum((details ->> 'count')::int) FROM audit.events WHERE type = 'sessions_removed'"
            #expect(try await stores.database.value(told) == "15")
            #expect(try await Self.sweep(stores) == RetentionStep(examined: 10, removed: 0, last: nil))
        }
    }

    @Test(.onOnePostgreSQL) func `sessions are removed from the oldest on, and younger ones are not read`() async throws {
        try await TestStores.with { stores in
            try await Self.open(["ended a"], daysAgo: 4, stores)
            try await Self.open(["ended b"], daysAgo: 2, stores)
            for end in Self.ends { try await stores.database.query(end) }
            #expect(try await Self.sweep(stores) == RetentionStep(examined: 5, removed: 5, last: nil))
            #expect(try await Self.sweep(stores) == RetentionStep(examined: 0, removed: 0, last: nil))
            #expect(try await Self.sweep(stores, createdBefore: Self.day) == RetentionStep(examined: 5, removed: 5, last: nil))
        }
    }

    @Test(.onOnePostgreSQL) func `instances remove rows at the same time, and skip rows that another one is removing`() async throws {
        try await TestStores.with { stores in
            try await Self.open(["ended a", "ended b"], daysAgo: 4, stores)
            for end in Self.ends { try await stores.database.query(end) }
            try await stores.database.holding("SELECT FROM sessions WHERE name = 'ended a' FOR UPDATE") {
                let removed = try await Self.sweep(stores).removed
                #expect(removed == 5)
            }
            try await stores.database.withDatabase { database in
                let other = TestStores(stores, database)
                async let mine = Self.sweep(stores, limit: 1)
                async let others = Self.sweep(other, limit: 1)
                let removed = try await mine.removed + others.removed
                #expect(removed == 5)
            }
        }
    }

    /// Makes volumes with so many events each, the oldest first, as if each was opened and sealed the given number of days ago.
    private static func withVolumes(_ volumes: [(events: Int, daysAgo: Int)], _ body: (TestStores) async throws -> Void) async throws {
        try await TestStores.with { stores in
            for (index, volume) in volumes.enumerated() {
                if index > 0 {
                    try await stores.database.query(
                        "UPDATE audit.volumes SET opened_at = now() - interval '2 days' WHERE number = \(index)")
                    try await stores.retention.openVolume(longest: day)
                }
                for event in 0..<volume.events { try await stores.write("user\(event)@example.org", in: event % 3) }
                #expect(try await stores.trail.seal(limit: 100) == volume.events)
            }
            try await stores.age(volumes.map(\.daysAgo))
            try await body(stores)
        }
    }

    private static func removals(_ stores: TestStores, olderThan age: Duration) async throws -> [Int] {
        var removed: [Int] = []
        while true {
            let step = try await stores.retention.removeEvents(olderThan: age)
            guard step.last != nil else { return removed }
            removed.append(step.removed)
        }
    }

    @Test func `LG4: events are removed by age and by volume, and never before thirty days, whatever the caller asks`() async throws {
        try await Self.withVolumes([(5, 500), (4, 40), (3, 20), (2, 10)]) { stores in
            try await stores.write("pending@example.org", in: 1)
            #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [5])
            let report = try await stores.domain.audit.verify(head: stores.trail.head())
            #expect(report.findings == [] && report.removed == 5 && report.events == 9, "\(report.findings)")
            // A thief who pretends that it was retention.
            #expect(try await Self.removals(stores, olderThan: .zero) == [4])
            #expect(try await stores.database.value("SELECT count(*) FROM audit_events") == "5")
            let tooSoon = try await stores.domain.audit.verify().findings
            #expect(tooSoon.count == 3 && tooSoon.allSatisfy { "\($0)".hasSuffix("before AUDIT_RETENTION was over") }, "\(tooSoon)")
            #expect(try await stores.database.value("SELECT to_regclass('audit_events_2')") == nil)
        }
    }

    @Test(.onOnePostgreSQL) func `LG4: verification does not believe a false record of a removal by age`() async throws {
        try await Self.withVolumes([(5, 500), (4, 40)]) { stores in
            #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [5])
            for change in [
                "removed_at = now() + interval '1 year'", "removed_at = 'infinity'", "removed_at = '-infinity'", "removed_at = NULL",
                "start_sealed_at = start_sealed_at - interval '1 year'", "start_position = start_position - 1", "start_hash = sha256('x')",
            ] {
                try await stores.undoing("UPDATE audit.chains SET \(change) WHERE routing = 1", on: "audit.chains") {
                    let findings = try await stores.domain.audit.verify().findings
                    #expect(!findings.isEmpty && findings.allSatisfy { "\($0)".hasPrefix("chain 1: ") }, "\(change): \(findings)")
                }
            }
            #expect(try await stores.domain.audit.verify().findings == [])
        }
    }

    @Test func `a head that was taken before a removal holds until its own events are removed`() async throws {
        try await Self.withVolumes([(5, 500), (4, 40), (2, 10)]) { stores in
            let head = try await stores.trail.head()
            #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [5])
            #expect(try await stores.domain.audit.verify(head: head).findings == [])
            // It was taken so long ago that its events are gone.
            try await stores.database.query("UPDATE audit.heads SET taken_at = now() - interval '401 days'")
            try await stores.age([500, 450, 10])
            #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [4])
            #expect(try await stores.database.value("SELECT count(*) FROM audit.heads") == "0")
        }
    }

    @Test func `a volume is opened after a day if the last one is large, else after the longest time, but not after an empty one`()
        async throws
    {
        try await TestStores.with { stores in
            let newest = "SELECT max(number) FROM audit.volumes"
            func opened(_ age: String, longest: Duration) async throws -> String? {
                try await stores.database.query("UPDATE audit.volumes SET opened_at = now() - interval '\(age)'")
                try await stores.retention.openVolume(longest: longest)
                return try await stores.database.value(newest)
            }
            #expect(try await opened("1 year", longest: Self.day) == "1")
            try await stores.write("a@example.org", in: 1)
            #expect(try await stores.trail.seal(limit: 1) == 1)
            #expect(try await opened("23 hours", longest: .zero) == "1")
            #expect(try await opened("5 days", longest: Self.day * 6) == "1")
            #expect(try await opened("7 days", longest: Self.day * 6) == "2")
            #expect(try await opened("7 days", longest: Self.day * 6) == "2")
            try await stores.write("b@example.org", in: 1)
            try await stores.write("c@example.org", in: 2)
            #expect(try await stores.trail.seal(limit: 5) == 2)
            #expect(
                try await stores.database.value("SELECT string_agg(routing || ':' || position, ' ' ORDER BY routing) FROM audit_events_2")
                    == "1:2 2:1")
            #expect(try await stores.domain.audit.verify().findings == [])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a removal does not disturb a long query on the trail, and does not stop sealing while it waits`() async throws {
        try await Self.withVolumes([(5, 500), (4, 40)]) { stores in
            try await stores.database.holding("SELECT FROM audit_events") {
                #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [])
                try await stores.write("a@example.org", in: 1)
                #expect(try await stores.trail.seal(limit: 5) == 1)
            }
            #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [5])
        }
    }

    /// Otherwise a role that may only remove old events could lock everybody out of the trail.
    @Test(.onOnePostgreSQL) func `LG4: a removal that removes nothing holds no lock`() async throws {
        try await Self.withVolumes([(5, 40), (4, 10)]) { stores in
            try await stores.database.holding("SELECT audit.remove_volume('400 days')") {
                // Another test's database, copied from the same template, has the same OIDs.
                let locks = """
                    SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                    WHERE d.datname = current_database() AND l.relation = 'audit_events'::regclass AND l.mode = 'AccessExclusiveLock'
                    """
                let held = try await stores.database.value(locks)
                #expect(held == "0")
            }
        }
    }

    @Test func `one instance opens or removes volumes at a time`() async throws {
        try await Self.withVolumes([(5, 500), (4, 40)]) { stores in
            try await stores.database.holding("SELECT audit.remove_volume('400 days')") {
                try await stores.retention.openVolume(longest: .zero)
                #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [])
            }
            #expect(try await Self.removals(stores, olderThan: Self.day * 400) == [5])
        }
    }
}

extension TestStores {
    /// Makes the volumes so many days old, as if they were opened and sealed then, and keeps the chains correct.
    fileprivate func age(_ days: [Int]) async throws {
        for (index, days) in days.enumerated() {
            try await database.query(
                "UPDATE audit.volumes SET opened_at = now() - interval '\(days) days 2 hours' WHERE number = \(index + 1)")
            try await database.query(
                "UPDATE audit_events SET sealed_at = now() - interval '\(days) days 1 hour' WHERE volume = \(index + 1)")
        }
        try await database.query(
            """
            DO $$
            DECLARE
                e audit_events;
                last audit.chains;
            BEGIN
                UPDATE audit.chains SET start_sealed_at = least(start_sealed_at, now() - interval '1000 days') WHERE start_position = 0;
                UPDATE audit.chains SET end_hash = start_hash, end_position = start_position, end_sealed_at = start_sealed_at;
                FOR e IN SELECT * FROM audit_events ORDER BY routing, position LOOP
                    SELECT * INTO last FROM audit.chains WHERE routing = e.routing;
                    e.hash := sha256(last.end_hash || sha256(convert_to(jsonb_build_array(
                        e.routing, e.position, e.volume, e.id, extract(epoch FROM e.occurred_at), extract(epoch FROM e.sealed_at),
                        extract(epoch FROM last.end_sealed_at), e.type, e.outcome, e.user_id, e.session_id, e.request_id,
                        encode(sha256(uuid_send(e.salt) || convert_to(jsonb_build_array(e.ip, e.user_agent, e.details)::text, 'UTF8')), 'hex')
                    )::text, 'UTF8')));
                    UPDATE audit_events SET hash = e.hash WHERE routing = e.routing AND position = e.position;
                    UPDATE audit.chains SET end_hash = e.hash, end_position = e.position, end_sealed_at = e.sealed_at WHERE routing = e.routing;
                END LOOP;
            END $$
            """)
    }
}
