import AuthPostgres
import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// PgBouncer between the server and PostgreSQL: what works, and what is refused with its reason (docs/operations.md).
@Suite struct PoolerTests {
    private static let passesOptions = "ignore_startup_parameters = options,extra_float_digits"

    /// What serve says that is not ready within six seconds.
    private static func refusal(_ settings: [String], before database: TestDatabase) async throws -> String {
        try await Pooler.with(settings, before: database.conninfo) { pooler in
            let outcome = try await Program.run(
                "/usr/bin/timeout", ["-s", "TERM", "6", try Repository.server.path, "serve"],
                environment: [
                    "DATABASE_URL": pooler.conninfo, "PORT": "0", "LOG_FORMAT": "json", "SQL_DIRECTORY": TestDatabase.sqlDirectory,
                ])
            #expect(outcome.status != 0 || outcome.errors.contains("pool_mode"), "\(outcome.errors)")
            return outcome.errors
        }
    }

    /// Gives the role of the database what the server asks for.
    private static func prepare(_ database: TestDatabase) async throws {
        let settings = PostgresDatabase.sessionSettings.merging(["client_min_messages": "warning"]) { $1 }
        for (name, value) in settings { try await database.setForRole(name, name == "search_path" ? value : "'\(value)'") }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F21: PgBouncer as it comes is refused, with its own reason and ours`() async throws {
        try await TestDatabase.with { database in
            let words = try await Self.refusal([], before: database)
            #expect(words.contains("cannot start") && words.contains("options") && words.contains("Connection poolers"), "\(words)")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["session", "transaction", "statement"])
    func `F21: a pooler that swallows the settings is refused by the name of one`(_ mode: String) async throws {
        try await TestDatabase.with { database in
            let words = try await Self.refusal(["pool_mode = \(mode)", Self.passesOptions], before: database)
            #expect(words.contains("cannot start") && words.contains("the setting ") && words.contains("Connection poolers"), "\(words)")
            #expect(!words.contains("listening"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F21: a pooler that lends one process to several connections is refused although the role has the settings`() async throws {
        try await TestDatabase.with { database in
            try await Self.prepare(database)
            let words = try await Self.refusal(["pool_mode = transaction", Self.passesOptions, "default_pool_size = 2"], before: database)
            #expect(words.contains("pool_mode"), "\(words)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F21: a pooler of sessions serves where the role has the settings`() async throws {
        try await TestDatabase.with { database in
            try await Self.prepare(database)
            try await Pooler.with(["pool_mode = session", Self.passesOptions, "default_pool_size = 20"], before: database.conninfo) {
                pooler in
                let server = try await ServerProcess.start(database: pooler.conninfo)
                defer { server.kill() }
                let (person, tokens) = try await Person.signedIn(on: server)
                for _ in 0..<50 { #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 200) }
                #expect(try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 200)
            }
        }
    }
}
