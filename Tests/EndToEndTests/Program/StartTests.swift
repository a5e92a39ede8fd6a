import AuthTestSupport
import LibPQ
import ServerTestSupport
import Testing

/// What a database must be before anything is served from it. Each refusal says in one line what to do.
@Suite struct StartTests {
    private static func expectRefusal(
        _ commands: [String], _ word: String, of conninfo: String, migrating: Bool = true, _ comment: Comment? = nil
    ) async throws {
        for command in commands {
            let environment = ["DATABASE_URL": conninfo, "MIGRATE_ON_START": "\(migrating)"]
            let outcome = try await Program.authAPI(command, environment: environment)
            #expect(outcome.status != 0, comment)
            let reasons = outcome.errors.split(separator: "\n").filter { $0.contains("auth-api cannot start: ") }
            #expect(reasons.count == 1 && reasons[0].contains(word), "\(outcome.errors)")
            #expect(!outcome.errors.contains("listening"))
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            ("INSERT INTO schema_migrations VALUES (9999, 'future', 'x')", "newer"),
            ("DELETE FROM schema_migrations WHERE number = 1", "half"),
            ("UPDATE schema_migrations SET checksum = 'x' WHERE number = 1", "not the file"),
            ("DROP TABLE audit_events CASCADE", "the tables audit_events are missing"),
            ("DROP TABLE schema_migrations", "no schema_migrations"),
            ("ALTER TABLE schema_migrations RENAME COLUMN checksum TO version", "not ours"),
        ])
    func `F35: a newer, half-migrated or foreign schema is refused`(_ change: String, _ word: String) async throws {
        try await TestDatabase.with { database async throws in
            try await database.query(change)
            for migrating in [true, false] {
                try await Self.expectRefusal(["serve"], word, of: database.conninfo, migrating: migrating)
            }
            try await Self.expectRefusal(["migrate"], word, of: database.conninfo)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F35: another application's database is refused, and nothing is changed in it`() async throws {
        try await TestDatabase.withEmpty { database async throws in
            try await database.query("CREATE TABLE schema_migrations (version text)")
            try await Self.expectRefusal(["serve", "migrate"], "another application's", of: database.conninfo)
            #expect(try await database.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "1")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F35: a schema that lacks the newest migration is refused by who must not migrate, and completed by who may`() async throws {
        try await TestDatabase.withEmpty { database async throws in
            try await Self.expectRefusal(["serve"], "auth-api migrate", of: database.conninfo, migrating: false)
            #expect(try await Program.authAPI("migrate", environment: ["DATABASE_URL": database.conninfo]).status == 0)
            let server = try await ServerProcess.start(database: database.conninfo, environment: ["MIGRATE_ON_START": "false"])
            #expect(server.terminate() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [false, true])
    func `F35: a database that is read-only by default is refused immediately`(migrating: Bool) async throws {
        try await TestDatabase.with { database async throws in
            let change = "ALTER DATABASE %I SET default_transaction_read_only = on"
            try await database.query("DO $$ BEGIN EXECUTE format('\(change)', current_database()); END $$")
            try await Self.expectRefusal(["serve"], "read-only", of: database.conninfo, migrating: migrating)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F35: a standby is refused immediately`() async throws {
        try await Cluster.with { cluster async throws in
            #expect(try await Program.authAPI("migrate", environment: ["DATABASE_URL": cluster.conninfo]).status == 0)
            try await cluster.command("stop")
            try await cluster.standBy()
            try await cluster.command("start")
            try await Self.expectRefusal(["serve", "migrate"], "read-only", of: cluster.conninfo)
            try await Self.expectRefusal(["serve"], "read-only", of: cluster.conninfo, migrating: false)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a database, a role or a password that does not exist is told immediately, and no password is`() async throws {
        try await TestDatabase.with { database async throws in
            let conninfo = try #require(PostgresConninfo(database.conninfo))
            for (keyword, value) in [("dbname", "no_such_database"), ("user", "no_such_role"), ("password", "canary")] {
                let start = ContinuousClock.now
                try await Self.expectRefusal(
                    ["serve", "migrate"], keyword == "password" ? "password" : value, of: conninfo.replacing(keyword, with: value))
                #expect(ContinuousClock.now - start < .seconds(20), "\(keyword)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `CF1: a password that was not percent-encoded is refused, and no part of it is told`() async throws {
        for uri in ["postgresql://u:S3cr3t/Part@127.0.0.1/x", "postgresql://u:S3cr3t@Part@127.0.0.1/x"] {
            let outcome = try await Program.authAPI("serve", environment: ["DATABASE_URL": uri])
            #expect(outcome.status != 0 && outcome.errors.contains("percent-encoded"))
            #expect(!(outcome.errors + outcome.output).contains("S3cr3t") && !(outcome.errors + outcome.output).contains("Part"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a database of another encoding is refused by serve, migrate and the commands`() async throws {
        try await TestDatabase.withEncoding("WIN1252", "C") { database async throws in
            for command in [["serve"], ["migrate"], ["client", "list"], ["audit", "verify"]] {
                let outcome = try await Program.authAPI(command, environment: ["DATABASE_URL": database.conninfo])
                let reason = "the database has the encoding WIN1252"
                #expect(outcome.status != 0 && outcome.errors.contains(reason), "\(command): \(outcome.errors)")
            }
        }
    }
}
