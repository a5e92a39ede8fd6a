import AuthTestSupport
import LibPQ
import Testing

/// What becomes of a transaction that PostgreSQL rolled back for another's sake.
@Suite struct ConflictTests {
    /// Fails with the SQLSTATE so many times: a sequence is not rolled back.
    private static func with(failures: Int, _ sqlState: String, _ body: (PostgresClient, PostgresStatement) async throws -> Void)
        async throws
    {
        try await Clients.with(connections: 1) { client in
            try await client.change("CREATE TABLE done (at timestamptz DEFAULT now())")
            try await client.change("CREATE SEQUENCE tries")
            try await client.change(
                """
                CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
                    IF nextval(''tries'') <= \(failures) THEN RAISE EXCEPTION ''conflict'' USING ERRCODE = ''\(sqlState)''; END IF;
                    RETURN NEW;
                END'
                """)
            try await client.change("CREATE TRIGGER conflict BEFORE INSERT ON done FOR EACH ROW EXECUTE FUNCTION conflict()")
            try await body(client, PostgresStatement("do", .writes, sql: "INSERT INTO done DEFAULT VALUES"))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["40001", "40P01"])
    func `a serialization failure and a deadlock are tried again, once`(_ sqlState: String) async throws {
        try await Self.with(failures: 1, sqlState) { client, statement async throws in
            _ = try await client.execute(statement)
            #expect(try await client.one("SELECT count(*) FROM done").int8(0) == 1)
            #expect(try await client.one("SELECT last_value FROM tries").int8(0) == 2)
        }
        try await Self.with(failures: 5, sqlState) { client, statement async throws in
            await #expect(throws: PostgresError.self) { _ = try await client.execute(statement) }
            #expect(try await client.one("SELECT last_value FROM tries").int8(0) == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["23505", "22003", "P0001"])
    func `what is refused for its own sake is not`(_ sqlState: String) async throws {
        try await Self.with(failures: 1, sqlState) { client, statement async throws in
            await #expect(throws: PostgresError.self) { _ = try await client.execute(statement) }
            #expect(try await client.one("SELECT last_value FROM tries").int8(0) == 1)
        }
    }
}
