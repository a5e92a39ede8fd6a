import AuthTestSupport
import LibPQ
import Testing

@Suite struct TransactionTests {
    private static func insert(_ number: Int32) -> BoundStatement {
        let insert = PostgresStatement(
            "insert", .writes, parameters: ["number": .int4], sql: "INSERT INTO numbers VALUES (:number)")
        return BoundStatement(insert, ["number": .int4(number)])
    }

    private static let count = PostgresStatement("count", .reads, sql: "SELECT count(*) FROM numbers")

    private static func with(_ body: (PostgresClient) async throws -> Void) async throws {
        try await Clients.with(connections: 1) { client in
            try await client.change("CREATE TABLE numbers (number int PRIMARY KEY)")
            try await body(client)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `statements run in their order, and the rows are the last one's`() async throws {
        try await Self.with { client in
            let rows = try await client.execute([Self.insert(1), Self.insert(2), BoundStatement(Self.count)])
            #expect(try rows[0].int8(0) == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `CC1: where one fails none has happened, and its neighbours in the pipeline are left alone`() async throws {
        try await Self.with { client in
            async let before = client.execute([Self.insert(10)])
            async let failing = client.execute([Self.insert(1), Self.insert(1), BoundStatement(Self.count)])
            async let after = client.execute([Self.insert(11)])
            do {
                _ = try await failing
                Issue.record("a number was inserted twice")
            } catch PostgresError.server(let error) {
                #expect(error.sqlState == "23505")
            }
            _ = try await (before, after)
            #expect(try await client.execute(Self.count)[0].int8(0) == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `statements that a failure kept from being prepared are prepared the next time`() async throws {
        try await Self.with { client in
            let steps = [Self.insert(1), BoundStatement(Self.count)]
            try await client.change("INSERT INTO numbers VALUES (1)")
            for _ in 0..<2 { await #expect(throws: PostgresError.self) { try await client.execute(steps) } }
            try await client.change("DELETE FROM numbers")
            #expect(try await client.execute(steps)[0].int8(0) == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a statement after a lock sees what its last holder did`() async throws {
        try await Clients.with(connections: 4) { client in
            try await client.change("CREATE TABLE numbers (number int)")
            try await client.change("CREATE TABLE lock (id int)")
            try await client.change("INSERT INTO lock VALUES (1)")
            let lock = PostgresStatement("lock", .reads, sql: "SELECT FROM lock FOR UPDATE")
            let next = PostgresStatement("next", .writes, sql: "INSERT INTO numbers SELECT count(*) FROM numbers")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { _ = try await client.execute([BoundStatement(lock), BoundStatement(next)]) } }
                try await group.waitForAll()
            }
            #expect(try await client.one("SELECT count(DISTINCT number) FROM numbers").int8(0) == 100)
        }
    }
}
