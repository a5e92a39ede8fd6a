import AuthTestSupport
import LibPQ
import Testing

@Suite struct SharedExecutionTests {
    /// What every key is, doubled, and when its execution began; the key -1 takes its time, and odd ones are nowhere.
    private static let double = PostgresStatement(
        "double", .readsTogether, parameters: ["keys": .int4Array],
        sql: """
            SELECT k.number, k.key * 2, statement_timestamp(), CASE WHEN k.key = -1 THEN pg_sleep(2)::text END
            FROM unnest(:keys) WITH ORDINALITY AS k (key, number)
            WHERE k.key = -1 OR k.key % 2 = 0
            ORDER BY random()
            """)

    private static func doubled(_ matches: PostgresMatches) throws -> [Int32?] { try matches.map { try $0?.int4(1) } }

    @Test func `each caller gets the rows of its own keys, in their order, and twice if it asks twice`() async throws {
        try await Clients.with { client in
            let matches = try await client.executeTogether(Self.double, items: [.int4Array([8, 3, 2, 8])])
            #expect(try Self.doubled(matches) == [16, nil, 4, 16])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in Int32(0)..<400 {
                    group.addTask {
                        let matches = try await client.executeTogether(Self.double, items: [.int4Array([key, key &+ 1, key])])
                        let own = key % 2 == 0 ? key * 2 : nil
                        #expect(try Self.doubled(matches) == [own, key % 2 == 0 ? nil : (key + 1) * 2, own])
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private static let first = PostgresStatement(
        "first", .reads, parameters: ["number": .int4], sql: "SELECT 1 / (:number - CASE WHEN random() < 0.1 THEN :number ELSE 0 END)")

    /// If the first statement fails, the execution after it fails too, and no caller gets the rows of another.
    @Test func `callers who share an execution share the statement before it`() async throws {
        try await Clients.with { client in
            let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                for key in Int32(0)..<400 {
                    group.addTask {
                        let first = BoundStatement(Self.first, ["number": .int4(1)])
                        do {
                            let matches = try await client.executeTogether(Self.double, items: [.int4Array([key])], after: first)
                            #expect(try Self.doubled(matches) == [key % 2 == 0 ? key * 2 : nil])
                            return true
                        } catch PostgresError.server(let refusal) {
                            #expect(refusal.sqlState == "22012")
                            return false
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.contains(true))
            // With this number the first statement always fails.
            await #expect(throws: PostgresError.self) {
                _ = try await client.executeTogether(
                    Self.double, items: [.int4Array([2])], after: BoundStatement(Self.first, ["number": .int4(0)]))
            }
            #expect(try await Self.doubled(client.executeTogether(Self.double, items: [.int4Array([2])])) == [4])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `callers that wait share one execution, which begins after they came`() async throws {
        try await Clients.with(connections: 1) { client in
            _ = try await client.executeTogether(Self.double, items: [.int4Array([2])])
            // On a busy machine some callers come only after the slow execution is over.
            while try await !Self.shareOne(client) {}
        }
    }

    /// - Returns: whether all callers came during the slow execution. Then they shared the next one.
    private static func shareOne(_ client: PostgresClient) async throws -> Bool {
        async let slow = {
            let moment = try await client.executeTogether(double, items: [.int4Array([-1])])[0]!.timestamptz(2)
            return (moment: moment, end: ContinuousClock.now)
        }()
        try await Task.sleep(for: .milliseconds(500))
        let calls = try await withThrowingTaskGroup(of: (start: ContinuousClock.Instant, moment: Int64).self) { group in
            for key in Int32(0)..<50 {
                group.addTask {
                    let start = ContinuousClock.now
                    return (start, try await client.executeTogether(double, items: [.int4Array([key * 2])])[0]!.timestamptz(2))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let first = try await slow
        guard calls.allSatisfy({ $0.start < first.end - .milliseconds(500) }) else { return false }
        #expect(Set(calls.map(\.moment)).count == 1 && calls[0].moment >= first.moment + 2_000_000)
        return true
    }

    @Test func `each caller is answered by its own deadline, whichever others share its execution`() async throws {
        try await Clients.with(connections: 1) { client in
            _ = try await client.executeTogether(Self.double, items: [.int4Array([2])])
            async let slow = {
                let rows = try await client.executeTogether(Self.double, items: [.int4Array([-1])])
                return (rows: rows.count, end: ContinuousClock.now)
            }()
            try await Task.sleep(for: .milliseconds(500))
            let start = ContinuousClock.now
            let hasty = Task {
                try await client.executeTogether(Self.double, items: [.int4Array([2])], deadline: start + .milliseconds(100))
            }
            async let undisturbed = client.executeTogether(Self.double, items: [.int4Array([2])])
            await #expect(throws: PostgresError.self) { _ = try await hasty.value }
            let end = ContinuousClock.now
            #expect(try await undisturbed[0]?.int4(1) == 4)
            let execution = try await slow
            #expect(execution.rows == 1)
            #expect(end >= start + .milliseconds(90) && end < execution.end)
        }
    }

    @Test func `what is not shared, or has no items, is refused`() async throws {
        try await Clients.with { client in
            let plain = PostgresStatement("plain", .reads, parameters: ["keys": .int4Array], sql: "SELECT 1::bigint, :keys")
            let unnumbered = PostgresStatement(
                "unnumbered", .readsTogether, parameters: ["keys": .int4Array], sql: "SELECT 7::bigint FROM unnest(:keys)")
            await #expect(throws: PostgresError.self) { _ = try await client.executeTogether(plain, items: [.int4Array([1])]) }
            await #expect(throws: PostgresError.self) { _ = try await client.executeTogether(Self.double, items: [.int4Array([])]) }
            await #expect(throws: PostgresError.self) { _ = try await client.executeTogether(unnumbered, items: [.int4Array([1])]) }
        }
    }

    /// Divides by each key; the key -1 takes its time first.
    private static let divide = PostgresStatement(
        "divide", .readsTogether, parameters: ["keys": .int4Array],
        sql: """
            SELECT k.number, 12 / k.key, CASE WHEN k.key = -1 THEN pg_sleep(1)::text END
            FROM unnest(:keys) WITH ORDINALITY AS k (key, number)
            """)

    @Test(.timeLimit(.minutes(5)))
    func `one item that fails does not fail those that share its execution`() async throws {
        try await Clients.with(connections: 1) { client in
            _ = try await client.executeTogether(Self.divide, items: [.int4Array([1])])
            async let slow = client.executeTogether(Self.divide, items: [.int4Array([-1])])
            try await Task.sleep(for: .milliseconds(300))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in [Int32(0), 1, 2, 3, 4, 6] {
                    group.addTask {
                        do {
                            let quotient = try await client.executeTogether(Self.divide, items: [.int4Array([key])])[0]?.int4(1)
                            #expect(key != 0 && quotient == 12 / key)
                        } catch PostgresError.server(let error) {
                            #expect(key == 0 && error.sqlState == "22012")
                        }
                    }
                }
                try await group.waitForAll()
            }
            _ = try await slow
        }
    }
}
