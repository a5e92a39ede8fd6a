import Foundation
import LibPQ
import ServerTestSupport
import Testing

/// The server under a role that owns nothing.
@Suite struct RoleTests {
    @Test(.timeLimit(.minutes(5)))
    func `sql/roles/server.sql gives all that serving takes, and neither DDL nor a hand on the audit trail`() async throws {
        try await Cluster.with { cluster in
            let limited = try await Self.limitedRole(on: cluster)
            let server = try await ServerProcess.start(database: limited, environment: ["MIGRATE_ON_START": "false"])
            defer { server.kill() }
            let (person, first) = try await Person.signedIn(on: server)
            #expect(try await person.login(password: "wrong").status == 401)
            #expect(try await person.http.get("/api/profile/", bearer: first.access).status == 200)
            let second = try #require(Person.Tokens(try await person.http.post("/api/auth/refresh/", bearer: first.refresh)))
            let third = try #require(Person.Tokens(try await person.http.post("/api/auth/refresh/", bearer: second.refresh)))
            #expect(try await person.http.get("/api/sessions/", bearer: third.access).status == 200)
            #expect(try await person.http.post("/api/sessions/revoke-others/", bearer: third.access).status == 204)
            #expect(try await person.http.post("/api/auth/refresh/", bearer: first.refresh).status == 401)
            #expect(try await person.http.get("/api/profile/", bearer: third.access).status == 401)
            #expect(try await person.http.post("/api/logout/", bearer: try await person.tokens().access).status == 204)
            #expect(try await person.http.post("/api/logoutall/", bearer: try await person.tokens().access).status == 204)
            for statement in [
                "UPDATE audit_events SET outcome = 'success'", "DELETE FROM audit_events", "TRUNCATE audit_events",
                "SELECT 1 FROM audit_events",
                "CREATE TABLE mine (id integer)", "ALTER TABLE users ADD mine integer", "DROP TABLE sessions", "DELETE FROM users",
                "INSERT INTO schema_migrations VALUES (99, 'x', 'x')", "DELETE FROM clients",
            ] {
                #expect(await Self.refusal(of: statement, limited) == "42501", "\(statement)")
            }
            #expect(await Self.refusal(of: "DELETE FROM sessions WHERE false", limited) == nil)
            #expect(await Self.refusal(of: "SELECT * FROM audit.remove_events('0', 0, gen_random_uuid(), 1)", limited) == nil)
        }
    }

    private static func limitedRole(on cluster: Cluster) async throws -> String {
        let environment = ["DATABASE_URL": cluster.conninfo, "SQL_DIRECTORY": "sql"]
        let migrated = try await Program.run(try Repository.server.path, ["migrate"], environment: environment)
        #expect(migrated.status == 0)
        try await Program.bash(
            #"""
            psql -Xqc "CREATE ROLE auth_api_server LOGIN PASSWORD 'limited'" "$DATABASE_URL"
            psql -Xq -v role=auth_api_server -f sql/roles/server.sql "$DATABASE_URL"
            """#, environment: environment)
        let administrator = try #require(PostgresConninfo(cluster.conninfo))
        let limited = try #require(PostgresConninfo(administrator.replacing("user", with: "auth_api_server")))
        return limited.replacing("password", with: "limited")
    }

    /// The SQLSTATE with which PostgreSQL refuses the statement.
    private static func refusal(of statement: String, _ conninfo: String) async -> String? {
        do {
            _ = try await PostgresScriptConnection.with(conninfo, applicationName: "test") { try $0.query(statement) }
            return nil
        } catch PostgresError.server(let error) {
            return error.sqlState
        } catch {
            return "\(error)"
        }
    }
}
