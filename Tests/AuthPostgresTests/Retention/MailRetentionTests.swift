import AuthCore
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

/// Mails, one-time tokens, budgets and held addresses, which are kept for a time after their end.
@Suite struct MailRetentionTests {
    private static let day: Duration = .seconds(86_400)

    /// Goes through a table once.
    private static func sweep(_ step: (RetentionStep.PrimaryKey?) async throws -> RetentionStep) async throws -> RetentionStep {
        var (key, sum) = (RetentionStep.PrimaryKey?.none, RetentionStep(examined: 0, removed: 0, last: nil))
        for _ in 0..<1000 {
            let step = try await step(key)
            sum = RetentionStep(examined: sum.examined + step.examined, removed: sum.removed + step.removed, last: nil)
            key = step.last
            if key == nil { return sum }
        }
        Issue.record("the sweep does not end")
        return sum
    }

    /// SQL for the id of a row that was made so many days ago.
    private static func id(_ daysAgo: Int, _ number: Int) -> String {
        "(lpad(to_hex((extract(epoch FROM now() - interval '\(daysAgo) days') * 1000)::bigint), 12, '0') || lpad('\(number)', 20, '0'))::uuid"
    }

    @Test(.onOnePostgreSQL) func `mails are removed a while after their end, whenever they were queued, and unfinished ones never`()
        async throws
    {
        try await TestStores.with { stores in
            var number = 0
            for (queued, finished) in [(40, 35), (40, 31), (40, 2), (40, nil), (31, 31), (2, 1), (2, nil)] {
                for _ in 0..<3 {
                    number += 1
                    try await stores.database.query(
                        """
                        INSERT INTO mails (routing, id, kind, email, address, request_id, state, finished_at)
                        VALUES (\(number), \(Self.id(queued, number)), 'invitation', 'a@example.org', 'a@example.org', 'r',
                                '\(finished == nil ? "queued" : "sent")', \(finished.map { "now() - interval '\($0) days'" } ?? "NULL"))
                        """)
                }
            }
            let sum = try await Self.sweep { key in
                try await stores.retention.removeMails(finishedFor: Self.day * 30, after: key, limit: 2)
            }
            #expect(sum == RetentionStep(examined: 15, removed: 9, last: nil))
            let left = "SELECT count(*) FILTER (WHERE finished_at IS NULL), count(*) FROM mails"
            #expect(try await stores.database.query(left) == [["6", "12"]])
        }
    }

    @Test(.onOnePostgreSQL) func `one-time tokens are removed a while after they stopped to work`() async throws {
        try await TestStores.with { stores in
            var number = 0
            for (made, expires, ended) in [(60, 40, nil), (60, 20, 35), (60, 40, 29), (60, 20, nil), (40, 39, 31), (3, 2, 2)]
                as [(Int, Int, Int?)]
            {
                number += 1
                let end = ended.map { days in "now() - interval '\(days) days', 'redeemed'" } ?? "NULL, NULL"
                try await stores.database.query(
                    """
                    INSERT INTO one_time_tokens (routing, id, purpose, email, address, mail_id, digest, expires_at, ended_at, ended_by)
                    VALUES (\(number), \(Self.id(made, number)), 'accept_invitation', 'a@example.org', 'a@example.org', gen_random_uuid(),
                            sha256('x'), now() - interval '\(expires) days', \(end))
                    """)
            }
            let sum = try await Self.sweep { key in
                try await stores.retention.removeTokens(deadFor: Self.day * 30, after: key, limit: 2)
            }
            #expect(sum == RetentionStep(examined: 5, removed: 3, last: nil))
            #expect(try await stores.database.query("SELECT routing FROM one_time_tokens ORDER BY routing") == [["3"], ["4"], ["6"]])
        }
    }

    @Test(.onOnePostgreSQL) func `budgets of mails are removed when they have no effect any more`() async throws {
        try await TestStores.with { stores in
            for (name, hours) in [("a", -1), ("b", 0), ("c", 1)] {
                try await stores.database.query(
                    """
                    INSERT INTO mail_budgets (routing, address, requested_at, forgotten_at)
                    VALUES (address_routing($1), $1, ARRAY[now()], now() + interval '\(hours) hours')
                    """, ["\(name)@example.org"])
            }
            let sum = try await Self.sweep { _ in try await stores.retention.removeAttempts(limit: 1) }
            #expect(sum.removed == 2)
            #expect(try await stores.database.query("SELECT address FROM mail_budgets") == [["c@example.org"]])
        }
    }

    @Test(.onOnePostgreSQL) func `an address that was held is removed a while after others may take it`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            for (name, days) in [("a", -31), ("b", -30), ("c", -29), ("d", 1)] {
                try await stores.database.query(
                    """
                    INSERT INTO user_emails (routing, address, user_id, account_routing, held_until)
                    VALUES (address_routing($1), $1, '\(user.id.text)', \(user.id.routing.value), now() + interval '\(days) days')
                    """, ["\(name)@example.org"])
            }
            let sum = try await Self.sweep { _ in try await stores.retention.removeHeldAddresses(freeFor: Self.day * 30, limit: 1) }
            #expect(sum.removed == 2)
            let left = try await stores.database.query("SELECT address FROM user_emails ORDER BY 1")
            #expect(left == [["ada@example.org"], ["c@example.org"], ["d@example.org"]])
        }
    }
}
