import Foundation
import LibPQ
import ServerTestSupport
import Testing

@Suite struct OutageTests {
    @Test(.timeLimit(.minutes(5)))
    func `while the database is away the log says so when it begins and when it ends, and does not fill`() async throws {
        try await Cluster.with { cluster async throws in
            let server = try await ServerProcess.start(database: cluster.conninfo)
            defer { server.kill() }
            try await cluster.command("stop")
            try await Task.sleep(for: .seconds(6))
            try await cluster.command("start")
            try await server.waitUntilLogged("connected to PostgreSQL again")
            let lines = try server.logText().split(separator: "\n").filter { $0.contains("PostgreSQL") }
            #expect(lines.count(where: { $0.contains(#""message":"no connection to PostgreSQL""#) }) == 1, "\(lines)")
            #expect(lines.count <= 3, "\(lines)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `where PostgreSQL has fewer connections for the role than are wanted, the log does not fill either`() async throws {
        try await Cluster.with { cluster async throws in
            #expect(try await Program.authAPI("migrate", environment: ["DATABASE_URL": cluster.conninfo]).status == 0)
            try await cluster.query("CREATE ROLE few LOGIN PASSWORD 'few' CONNECTION LIMIT 3")
            try await cluster.query("GRANT SELECT ON ALL TABLES IN SCHEMA public TO few")
            let few = try #require(PostgresConninfo(cluster.conninfo)?.replacing("user", with: "few"))
            let conninfo = try #require(PostgresConninfo(few)?.replacing("password", with: "few"))
            let outcome = try await Program.run(
                "/usr/bin/timeout", ["-s", "TERM", "6", try Repository.server.path, "serve"],
                environment: ["DATABASE_URL": conninfo, "MIGRATE_ON_START": "false", "PORT": "0", "LOG_FORMAT": "json"])
            #expect(outcome.errors.contains("too many connections"), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count < 25, "\(outcome.errors)")
        }
    }
}
