import AuthCore
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

@Suite struct RetentionStoreTests {
    private static let age: Duration = .seconds(86_400)

    private static func sweep(_ stores: TestStores, limit: Int = 4) async throws -> RetentionStep? {
        var (key, sum): (RetentionStep.PrimaryKey?, RetentionStep) = (nil, RetentionStep(examined: 0, removed: 0, last: nil))
        repeat {
            guard let step = try await stores.retention.removeSessions(deadFor: age, after: key, limit: limit) else { return nil }
            sum = RetentionStep(examined: sum.examined + step.examined, removed: sum.removed + step.removed, last: nil)
            key = step.last
        } while key != nil
        return sum
    }

    @Test func `what has been dead long enough is removed, in steps, and the trail can tell how many`() async throws {
        try await TestStores.with { stores in
            for number in 0..<5 {
                let user = try #require(await stores.register("user\(number)@example.org"))
                for name in ["live", "ended", "idle", "old", "just ended"] { _ = try await stores.open(for: user.id, name: name) }
            }
            let changes = [
                "UPDATE sessions SET ended_at = now() - interval '25 hours', ended_by = 'logout' WHERE name = 'ended'",
                "UPDATE sessions SET idle_expires_at = now() - interval '25 hours' WHERE name = 'idle'",
                """
                UPDATE sessions SET access_expires_at = created_at - interval '25 hours', idle_expires_at = created_at - interval '25 hours',
                                    expires_at = created_at - interval '25 hours' WHERE name = 'old'
                """,
                "UPDATE sessions SET ended_at = now() - interval '23 hours', ended_by = 'logout' WHERE name = 'just ended'",
            ]
            for change in changes { try await stores.database.query(change) }
            #expect(try await Self.sweep(stores) == RetentionStep(examined: 25, removed: 15, last: nil))
            let left = try await stores.database.query("SELECT name, count(*) FROM sessions GROUP BY 1 ORDER BY 1")
            #expect(left == [["just ended", "5"], ["live", "5"]])
            try await stores.retention.record(removed: 15, event: stores.event(.sessionsRemoved, routing: .random()))
            let told = "SELECT sum((details ->> 'count')::int) FROM audit_events WHERE type = 'sessions_removed'"
            #expect(try await stores.database.value(told) == "15")
            #expect(try await Self.sweep(stores) == RetentionStep(examined: 10, removed: 0, last: nil))
        }
    }

    @Test func `one instance works, and another takes its place when it is gone`() async throws {
        try await TestStores.with { stores in
            #expect(try await Self.sweep(stores) != nil)
            try await stores.database.withDatabase { database in
                let other = TestStores(stores, database)
                #expect(try await Self.sweep(other) == nil)
                #expect(try await Self.sweep(stores) != nil)
                try await stores.database.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_locks
                    WHERE locktype = 'advisory' AND granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    """)
                var isTaken = false
                for _ in 0..<100 where !isTaken { isTaken = try await Self.sweep(other) != nil }
                #expect(isTaken)
                #expect(try await Self.sweep(stores) == nil)
            }
        }
    }

    @Test func `audit rows go by their age, seal by seal, and none younger than thirty days whatever is asked`() async throws {
        try await TestStores.with { stores in
            for days in [31, 31, 29, 31] {
                _ = try await stores.register("user\(days)\(UUID())@example.org")
                try await stores.database.query(
                    "UPDATE audit_events SET occurred_at = now() - interval '\(days) days' WHERE occurred_at > now() - interval '1 day'")
            }
            // The first two, then the young one with one that is old enough.
            #expect(try await stores.sealed(2) == 2)
            #expect(try await stores.sealed(2) == 2)
            _ = try await stores.register("unsealed@example.org")
            try await stores.database.query(
                "UPDATE audit_events SET occurred_at = now() - interval '31 days' WHERE details ->> 'email' = 'unsealed@example.org'")
            var removed: [Int] = []
            repeat {
                removed.append(try #require(await stores.retention.removeEvents(olderThan: .seconds(1))).removed)
            } while removed.last != 0
            #expect(removed == [2, 0])
            #expect(try await stores.database.value("SELECT count(*) FROM audit_events") == "3")
            #expect(try await stores.database.query("SELECT number FROM audit.seals WHERE removed_at IS NOT NULL") == [["1"]])
        }
    }
}
