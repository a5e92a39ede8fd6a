import AuthTestSupport
import LibPQ
import Testing

@testable import LibPQ

@Suite struct SessionSettingTests {
    /// Runs the body while settings of the role hold for the database.
    private static func with(_ settings: [(String, String)], _ body: (TestDatabase) async throws -> Void) async throws {
        try await TestDatabase.withEmpty { database in
            for (setting, value) in settings { try await database.setForRole(setting, value) }
            try await body(database)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what the statements rely on holds whatever the role and the connection string say`() async throws {
        let settings = [
            ("default_transaction_isolation", "'serializable'"), ("search_path", "elsewhere"), ("idle_session_timeout", "'1min'"),
        ]
        try await Self.with(settings) { database in
            let conninfo = try #require(PostgresConninfo(database.conninfo)).replacing("options", with: "-c search_path=nowhere")
            let required = ["search_path": "public, pg_temp", "default_transaction_isolation": "read committed"]
            let read =
                "SELECT current_setting('search_path'), current_setting('transaction_isolation'), current_setting('idle_session_timeout')"
            try await Clients.with(conninfo, settings: required) { client in
                let row = try await client.one(read)
                #expect(try row.text(0) == "public, pg_temp" && row.text(1) == "read committed" && row.text(2) == "0")
            }
            let rows = try await PostgresScriptConnection.with(conninfo, applicationName: "test", settings: required) { try $0.query(read) }
            #expect(rows == [["public, pg_temp", "read committed", "0"]])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a script is not ended by a limit of the role`() async throws {
        try await Self.with([("statement_timeout", "'200ms'")]) { database in
            try await PostgresScriptConnection.with(database.conninfo, applicationName: "test", settings: [:]) {
                try $0.run("SELECT pg_sleep(0.5)")
            }
            await #expect(throws: PostgresError.self) {
                try await PostgresScriptConnection.with(database.conninfo, applicationName: "test") { try $0.run("SELECT pg_sleep(0.5)") }
            }
        }
    }

    @Test func `what does not hold is told by name`() {
        let settings = SessionSettings(values: ["search_path": "public"])
        let right = ["server_encoding": "UTF8", "client_encoding": "UTF8", "search_path": "public"]
        #expect(settings.objection(to: right) == nil)
        #expect(settings.objection(to: right.merging(["search_path": "x"]) { $1 })?.contains("search_path") == true)
        #expect(settings.objection(to: right.merging(["server_encoding": "WIN1252"]) { $1 })?.contains("WIN1252") == true)
        #expect(settings.objection(to: [:]) != nil)
    }

    @Test(arguments: [
        ("connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01", "28P01"),
        ("connection to server at \"::1\" failed: FATAL:  3D000\n", "3D000"), ("failed: SCHWERWIEGEND:  28000\n", "28000"),
        ("connection refused", nil), ("FATAL:  password", nil), ("", nil), ("is the server listening on port 54321", nil),
    ])
    func `PostgreSQL's code is found in libpq's words`(_ message: String, _ code: String?) {
        #expect(ConnectionRefusal.code(in: message) == code)
    }
}
