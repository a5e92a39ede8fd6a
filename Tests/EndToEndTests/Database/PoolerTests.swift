import AuthPostgres
import AuthTestSupport
import Foundation
import LibPQ
import ServerTestSupport
import Testing

/// PgBouncer between the server and PostgreSQL: what works, and what is refused with its reason (docs/operations.md).
@Suite(.serialized) struct PoolerTests {
    private static let passesOptions = "ignore_startup_parameters = options"

    /// A set-up that docs/operations.md describes.
    enum Setup: CaseIterable, Sendable {
        case sessions, newerSessions, newerTransactions

        static let testable: [Setup] = {
            guard PoolerProgram.newerPath == nil else { return allCases }
            print("PGBOUNCER_NEW is not set: the tests of PgBouncer 1.21 and newer are left out")
            return [.sessions]
        }()

        var program: PoolerProgram { self == .sessions ? .system : .newer }

        var settings: [String] {
            let common = [Self.passesOptions, "query_wait_timeout = 1", "server_login_retry = 1"]
            switch self {
            case .sessions, .newerSessions: return common + ["pool_mode = session", "server_fast_close = 1", "default_pool_size = 20"]
            case .newerTransactions: return common + ["pool_mode = transaction", "max_prepared_statements = 200", "default_pool_size = 5"]
            }
        }

        fileprivate static let passesOptions = PoolerTests.passesOptions

        /// Runs the body with such a pooler in front of a database whose role has the settings.
        fileprivate func with(_ body: (Pooler, TestDatabase) async throws -> Void) async throws {
            try await TestDatabase.with { database in
                try await PoolerTests.prepare(database)
                try await Pooler.with(settings, program, before: database.conninfo) { pooler in try await body(pooler, database) }
            }
        }
    }

    /// What serve says that is not ready within six seconds.
    private static func refusal(_ settings: [String], _ program: PoolerProgram = .system, before database: TestDatabase) async throws
        -> String
    {
        try await Pooler.with(settings, program, before: database.conninfo) { pooler in
            let outcome = try await Program.run(
                "/usr/bin/timeout", ["-s", "TERM", "6", try Repository.server.path, "serve"],
                environment: [
                    "DATABASE_URL": pooler.conninfo, "PORT": "0", "LOG_FORMAT": "json", "SQL_DIRECTORY": TestDatabase.sqlDirectory,
                ])
            #expect(outcome.status != 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("cannot start") && outcome.errors.contains("Connection poolers"), "\(outcome.errors)")
            #expect(!outcome.errors.contains("listening"), "\(outcome.errors)")
            return outcome.errors
        }
    }

    /// Gives the role of the database what the server asks for.
    private static func prepare(_ database: TestDatabase) async throws {
        try await Program.bash(
            #"psql -Xq -v role="$(psql -XAtqc 'SELECT current_user' "$DATABASE_URL")" -f sql/roles/settings.sql "$DATABASE_URL""#,
            environment: ["DATABASE_URL": database.conninfo])
    }

    @Test(.timeLimit(.minutes(5)))
    func `F21: PgBouncer as it comes is refused, with its own reason and ours`() async throws {
        try await TestDatabase.with { database in
            let words = try await Self.refusal([], before: database)
            #expect(words.contains("options"), "\(words)")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["session", "transaction", "statement"])
    func `F21: a pooler that drops the settings is refused, with the name of a setting and what to do`(_ mode: String) async throws {
        try await TestDatabase.with { database in
            let words = try await Self.refusal(["pool_mode = \(mode)", Self.passesOptions], before: database)
            #expect(words.contains("the setting ") && words.contains("sql/roles/settings.sql"), "\(words)")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [2, 20])
    func `F21: a pooler of transactions that does not track prepared statements is refused at the start`(_ size: Int) async throws {
        try await TestDatabase.with { database in
            try await Self.prepare(database)
            let settings = ["pool_mode = transaction", Self.passesOptions, "default_pool_size = \(size)"]
            #expect(try await Self.refusal(settings, before: database).contains("pool_mode"))
            #expect(try await Self.refusal(settings + ["server_round_robin = 1"], before: database).contains("pool_mode"))
            guard PoolerProgram.newerPath != nil else { return }
            let without = settings + ["max_prepared_statements = 0"]
            #expect(try await Self.refusal(without, .newer, before: database).contains("max_prepared_statements"))
        }
    }

    /// The pooler gets another mode while the server runs.
    @Test(.timeLimit(.minutes(5)))
    func `F21: a pooler that begins to pool transactions is refused while the server runs`() async throws {
        try await Setup.sessions.with { pooler, _ in
            let server = try await ServerProcess.start(database: pooler.conninfo)
            defer { server.kill() }
            let (person, tokens) = try await Person.signedIn(on: server)
            try await pooler.reload(["pool_mode = transaction"])
            var statuses: Set<Int> = []
            for _ in 0..<40 {
                let replies = try await concurrently(8) { number in
                    try await person.http.get(number == 0 ? "/api/profile/" : "/api/sessions/", bearer: tokens.access).status
                }
                statuses.formUnion(replies)
                if try server.logText().contains("pool_mode") { break }
            }
            #expect(try server.logText().contains("pool_mode"))
            #expect(statuses.isSubset(of: [200, 503]), "\(statuses)")
            #expect(try await server.http.get("/readyz").status == 503)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Setup.testable)
    func `F21: people register, log in, refresh and log out at the same time through a pooler`(_ setup: Setup) async throws {
        try await setup.with { pooler, _ in
            let server = try await ServerProcess.start(database: pooler.conninfo)
            defer { server.kill() }
            _ = try await concurrently(16) { _ in
                let person = Person(on: server)
                // The first try may have succeeded, and only its answer was lost.
                let registered = try await Person.retrying { try await person.registration() }
                #expect([201, 409].contains(registered.status))
                var tokens = try await person.tokens()
                for _ in 0..<15 {
                    #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 200)
                    let refreshed = try await Person.retrying { try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh) }
                    #expect(refreshed.status == 200)
                    tokens = try #require(Person.Tokens(refreshed))
                }
                #expect(try await Person.retrying { try await person.http.post("/api/logout/", bearer: tokens.access) }.status == 204)
                #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 401)
            }
            let log = try server.logText()
            for word in ["42P05", "26000", "not fit"] { #expect(!log.contains(word), "\(log)") }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Setup.testable)
    func `F21: a refresh at a locked table gets 503 in time, and does nothing later`(_ setup: Setup) async throws {
        try await setup.with { pooler, database in
            // The limits are not those of the role.
            let server = try await ServerProcess.start(database: pooler.conninfo, environment: ["DATABASE_TIMEOUT": "1s"])
            defer { server.kill() }
            let (person, tokens) = try await Person.signedIn(on: server)
            let generation = "SELECT generation FROM sessions"
            let before = try await database.value(generation)
            try await database.holding("LOCK TABLE sessions IN SHARE MODE") {
                let reply = try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh)
                #expect(reply.status == 503 && reply.elapsed < .milliseconds(950), "\(reply)")
            }
            try await Task.sleep(for: .seconds(1))
            #expect(try await database.value(generation) == before)
            #expect(try server.logText().contains("55P03"))
            #expect(try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Setup.testable)
    func `F21: migrations work through a pooler, and leave neither a lock nor a setting`(_ setup: Setup) async throws {
        try await TestDatabase.withEmpty { database in
            let settings = setup.settings + ["server_reset_query =", "default_pool_size = 1"]
            try await Pooler.with(settings, setup.program, before: database.conninfo) { pooler in
                for _ in 0..<2 {
                    let outcome = try await Program.authAPI("migrate", environment: ["DATABASE_URL": pooler.conninfo])
                    #expect(outcome.status == 0, "\(outcome.errors)")
                }
                let locks = """
                    SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                    WHERE l.locktype = 'advisory' AND d.datname = current_database()
                    """
                #expect(try await database.value(locks) == "0")
                let left = try await TestDatabase(conninfo: pooler.conninfo).query("SELECT name FROM pg_settings WHERE source = 'session'")
                #expect(left.allSatisfy { ["application_name", "client_encoding", "TimeZone", "DateStyle"].contains($0[0]) }, "\(left)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), .enabled(if: PoolerProgram.newerPath != nil, "PGBOUNCER_NEW is not set"))
    func `F21: a process whose settings were changed is not used, and no wrong answer is given`() async throws {
        try await Setup.newerTransactions.with { pooler, database in
            let server = try await ServerProcess.start(database: pooler.conninfo)
            defer { server.kill() }
            let (person, tokens) = try await Person.signedIn(on: server)
            let stranger = TestDatabase(conninfo: pooler.conninfo)
            for _ in 0..<8 { try await stranger.query("SET search_path = pg_catalog") }
            let statuses = try await concurrently(20) { _ in try await person.http.get("/api/profile/", bearer: tokens.access).status }
            #expect(Set(statuses).isSubset(of: [200, 503]), "\(statuses)")
            #expect(try server.logText().contains("search_path"))
            try await database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            let reply = try await Person.retrying { try await person.http.get("/api/profile/", bearer: tokens.access) }
            #expect(reply.status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Setup.testable)
    func `F21, F9: after a fail-over behind a pooler no answer comes from the old primary`(_ setup: Setup) async throws {
        try await Cluster.with { primary in
            try await primary.withStandby("standby") { standby in
                try await primary.set("synchronous_standby_names", "standby")
                _ = try await Program.authAPI("migrate", environment: ["DATABASE_URL": primary.conninfo])
                try await Self.prepare(TestDatabase(conninfo: primary.conninfo))
                try await Pooler.with(setup.settings, setup.program, before: primary.conninfo) { pooler in
                    let server = try await ServerProcess.start(database: pooler.conninfo)
                    defer { server.kill() }
                    let (person, tokens) = try await Person.signedIn(on: server)
                    let other = try await person.tokens()
                    // It is not fenced off: it still answers statements that only read.
                    try await standby.command("promote")
                    try await pooler.reload(before: standby.conninfo)
                    let out = try await Person.retrying { try await person.http.post("/api/logout/", bearer: tokens.access) }
                    #expect(out.status == 204)
                    // The pooler leads to the old primary again, where the session is alive.
                    try await pooler.reload(before: primary.conninfo)
                    for _ in 0..<4 {
                        let statuses = try await concurrently(8) { _ in
                            try await person.http.get("/api/profile/", bearer: tokens.access).status
                        }
                        #expect(Set(statuses).isSubset(of: [401, 503]), "\(statuses)")
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    try await pooler.reload(before: standby.conninfo)
                    #expect(try await Person.retrying { try await person.http.get("/api/profile/", bearer: other.access) }.status == 200)
                    #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 401)
                }
            }
        }
    }
}
