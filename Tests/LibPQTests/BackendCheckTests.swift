import AuthTestSupport
import Testing

@testable import LibPQ

/// The check at the beginning of a transaction through a pooler. A direct connection takes the place of the process that the pooler lends.
@Suite struct BackendCheckTests {
    private static let settings = SessionSettings(values: ["jit": "off", "search_path": "public, pg_temp"])
    private static let limits = ["lock_timeout": "7s", "statement_timeout": "9s"]

    /// The process that serves the client, and the start of its server.
    private static func process(_ client: PostgresClient) async throws -> (number: Int32, serverStart: Int64) {
        let row = try await client.one("SELECT pg_backend_pid(), pg_postmaster_start_time()")
        return (try row.int4(0), try row.timestamptz(1))
    }

    private static func with(_ body: (PostgresClient, Int32, Int64) async throws -> Void) async throws {
        try await TestDatabase.withEmpty { database in
            try await Clients.with(database.conninfo, connections: 1, settings: settings.values) { client in
                let (number, serverStart) = try await process(client)
                try await body(client, number, serverStart)
            }
        }
    }

    private static func refusal(of steps: [BoundStatement], _ client: PostgresClient) async -> PostgresServerError? {
        do throws(PostgresError) {
            _ = try await client.execute(steps)
            return nil
        } catch {
            guard case .server(let refusal) = error else { return nil }
            return refusal
        }
    }

    private static func pooling(_ process: Int32?) -> Pooling {
        process.map { .sessions(PooledProcesses.Process(number: $0, serverStart: nil)) } ?? .transactions
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `F21: the right process passes the check, and its transaction has the limits until its end`(_ holdsProcess: Bool) async throws {
        try await Self.with { client, process, serverStart in
            let check = BackendCheck(
                Self.pooling(holdsProcess ? process : nil), serverStart: serverStart, settings: Self.settings, limits: Self.limits)
            let read = PostgresStatement(
                "read_limits", .reads, sql: "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            let rows = try await client.execute([check.step, BoundStatement(read)])
            #expect(try rows[0].text(0) == "7s" && rows[0].text(1) == "9s")
            let later = try await client.execute(read)[0].text(0)
            #expect(later != "7s")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `F21: the limits hold for the statements after the check`() async throws {
        try await Self.with { client, _, serverStart in
            let check = BackendCheck(
                .transactions, serverStart: serverStart, settings: Self.settings, limits: ["statement_timeout": "100ms"])
            let sleep = PostgresStatement("sleep", .reads, sql: "SELECT pg_sleep(5)")
            #expect(await Self.refusal(of: [check.step, BoundStatement(sleep)], client)?.sqlState == "57014")
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["server", "process", "search_path"])
    func `F21: the check fails for another server, process or setting, says why, and nothing after it is executed`(_ what: String)
        async throws
    {
        try await Self.with { client, process, serverStart in
            let settings = what == "search_path" ? SessionSettings(values: ["search_path": "it's"]) : Self.settings
            let check = BackendCheck(
                Self.pooling(what == "process" ? process + 1 : process), serverStart: what == "server" ? serverStart - 1 : serverStart,
                settings: settings, limits: Self.limits)
            let make = PostgresStatement("make", .writes, sql: "CREATE TABLE made ()")
            let refusal = try #require(await Self.refusal(of: [check.step, BoundStatement(make)], client))
            #expect(refusal.messageForLog.contains(what), "\(refusal)")
            #expect(BackendCheck.tellsOfSharing(refusal) == (what == "process"))
            let isAbsent = try await client.one("SELECT to_regclass('made') IS NULL").bool(0)
            #expect(isAbsent)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `without a pooler PostgreSQL keeps the names of prepared statements, and no transaction is checked`() async throws {
        try await Self.with { client, _, _ in
            let count = "SELECT count(*) FROM pg_prepared_statements WHERE name = '\(BackendCheck.statementName)'"
            let prepared = try await client.one(count).int8(0)
            #expect(prepared == 0)
        }
    }
}
