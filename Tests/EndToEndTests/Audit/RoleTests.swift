import Foundation
import LibPQ
import ServerTestSupport
import Testing

/// The server and the auditor under roles that own nothing.
@Suite struct RoleTests {
    private static let refusedToServer = [
        "UPDATE audit_events SET outcome = 'success'", "DELETE FROM audit_events", "TRUNCATE audit_events",
        "SELECT 1 FROM audit_events", "ALTER TABLE audit_events DISABLE TRIGGER ALL", "DROP TABLE audit_events_1",
        "INSERT INTO audit_events SELECT * FROM audit_events", "INSERT INTO audit_events_1 SELECT * FROM audit_events_1",
        "UPDATE audit_pending SET outcome = 'success'", "DELETE FROM audit_pending", "TRUNCATE audit_pending",
        "SELECT type FROM audit_pending", "ALTER TABLE audit_pending DISABLE TRIGGER ALL",
        "INSERT INTO audit_pending (routing, id, type, outcome, request_id, occurred_at) VALUES (1, gen_random_uuid(), 'x', 'success', 'x', now())",
        "SELECT 1 FROM audit.chains", "DELETE FROM audit.chains", "UPDATE audit.chains SET removed_at = now()",
        "SELECT 1 FROM audit.heads", "DELETE FROM audit.heads", "UPDATE audit.volumes SET opened_at = now()",
        "SELECT audit.take_head()", "UPDATE audit_events SET ip = NULL", "UPDATE audit_pending SET details = '{}'",
        "CREATE OR REPLACE FUNCTION audit.erase(integer, uuid, text[], bigint, integer, uuid, OUT bigint, OUT bigint) LANGUAGE sql RETURN (0, 0)",
        "CREATE OR REPLACE FUNCTION audit.seal(step integer) RETURNS bigint LANGUAGE sql RETURN 0",
        "CREATE TABLE mine (id integer)", "CREATE TEMPORARY TABLE mine (id integer)", "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql RETURN 1", "ALTER TABLE users ADD mine integer",
        "CREATE INDEX ON users (email)", "DROP TABLE sessions", "TRUNCATE users", "TRUNCATE sessions",
        "INSERT INTO schema_migrations VALUES (99, 'x', 'x')", "DELETE FROM clients", "UPDATE clients SET revoked_at = now()",
        "INSERT INTO clients (id, secret_digest) VALUES ('x', '')", "SET ROLE auth_api_owner",
        "UPDATE session_cutoff SET began_at = '-infinity'", "CREATE ROLE mine",
    ]

    @Test(.timeLimit(.minutes(5)))
    func `CF3: sql/roles/server.sql gives all that serving takes, and neither DDL nor a hand on the audit trail`() async throws {
        try await Roles.with { roles in
            let server = try await ServerProcess.start(database: roles.server, environment: ["MIGRATE_ON_START": "false"])
            defer { server.kill() }
            let (person, first) = try await Person.signedIn(on: server)
            #expect(try await person.login(password: "wrong").status == 401)
            #expect(try await person.http.get("/api/profile/", bearer: first.access).status == 200)
            let second = try #require(Person.Tokens(try await person.http.post("/api/auth/refresh/", bearer: first.refresh)))
            let third = try #require(Person.Tokens(try await person.http.post("/api/auth/refresh/", bearer: second.refresh)))
            #expect(try await person.http.get("/api/sessions/", bearer: third.access).status == 200)
            #expect(try await person.http.get("/api/events/", bearer: third.access).status == 200)
            #expect(try await person.http.post("/api/sessions/revoke-others/", bearer: third.access).status == 204)
            #expect(try await person.http.post("/api/auth/refresh/", bearer: first.refresh).status == 401)
            #expect(try await person.http.get("/api/profile/", bearer: third.access).status == 401)
            #expect(try await person.http.post("/api/logout/", bearer: try await person.tokens().access).status == 204)
            #expect(try await person.http.post("/api/logoutall/", bearer: try await person.tokens().access).status == 204)
            for statement in Self.refusedToServer {
                #expect(await Self.refusal(of: statement, roles.server) == "42501", "\(statement)")
            }
            for statement in [
                "DELETE FROM sessions WHERE false", "SELECT count(routing), min(occurred_at) FROM audit_pending",
                "SELECT audit.seal(1)", "SELECT audit.open_volume('0')", "SELECT audit.remove_volume('0')",
                "SELECT audit.erase(1, gen_random_uuid(), '{}', 0, 1, gen_random_uuid())",
                "SELECT audit.history(1, gen_random_uuid(), NULL, NULL, NULL, 1, 1)",
            ] {
                #expect(await Self.refusal(of: statement, roles.server) == nil, "\(statement)")
            }
            for command in [["sessions", "revoke-all", "--before", "now"], ["client", "add", "mine"]] {
                let refused = try await Self.auth(command, as: roles.server)
                #expect(refused.status == 1 && refused.errors.contains("Run it as the role that owns the tables"), "\(refused)")
            }
            let unseen = try await Self.auth("audit", "verify", as: roles.server)
            #expect(unseen.status == 2 && unseen.errors.contains("Run it as the role that audits"), "\(unseen)")
            #expect(try await Self.auth("sessions", "revoke-all", "--before", "now", as: roles.owner).status == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `CF3: LG4: the auditor reads the trail and verifies it, sees no digest, and changes nothing`() async throws {
        try await Roles.with { roles in
            let server = try await ServerProcess.start(database: roles.server, environment: ["MIGRATE_ON_START": "false"])
            _ = try await Person.signedIn(on: server)
            server.kill()
            let events = try await Self.sealedEvents(roles)
            for file in ["signed-in", "what-happened", "failed-logins"] {
                let read = try await Program.bash(
                    #"psql -XAt "$DATABASE_URL" -f "sql/audit/$FILE.sql""#, environment: ["DATABASE_URL": roles.auditor, "FILE": file])
                #expect(read.contains("@example.org") || file == "failed-logins")
            }
            let head = try await Self.auth("audit", "head", as: roles.auditor)
            #expect(head.status == 0, "\(head.errors)")
            let value = head.output.trimmingCharacters(in: .whitespacesAndNewlines)
            let verified = try await Self.auth("audit", "verify", "--head", value, as: roles.auditor)
            #expect(
                verified.status == 0 && verified.output.contains("events as they were sealed: \(events);"),
                "\(verified.output)\(verified.errors)")
            for statement in [
                "SELECT 1 FROM users", "SELECT 1 FROM sessions", "SELECT 1 FROM clients", "DELETE FROM audit_events",
                "DELETE FROM audit_pending", "UPDATE audit.chains SET removed_at = now()", "DELETE FROM audit.heads",
                "SELECT audit.seal(1)", "SELECT audit.erase(1, gen_random_uuid(), '{}', 0, 1, gen_random_uuid())",
                "SELECT audit.open_volume('0')", "SELECT audit.remove_volume('0')", "CREATE TABLE mine (id integer)",
            ] {
                #expect(await Self.refusal(of: statement, roles.auditor) == "42501", "\(statement)")
            }
            #expect(await Self.refusal(of: "UPDATE audit_events SET outcome = 'failure'", roles.owner) == nil)
            let refused = try await Self.auth("audit", "verify", as: roles.auditor)
            #expect(refused.status == 1 && refused.output.contains("chain "), "\(refused.output)\(refused.errors)")
            #expect(try await Self.auth("audit", "verify", "--head", "1:abc", as: roles.auditor).status != 0)
        }
    }

    /// A server seals when it starts, and every few seconds.
    private static func sealedEvents(_ roles: Roles) async throws -> String {
        let server = try await ServerProcess.start(database: roles.server, environment: ["MIGRATE_ON_START": "false"])
        defer { server.kill() }
        for _ in 0..<1800 {
            let sealed = try await PostgresScriptConnection.with(roles.auditor, applicationName: "test") { connection in
                try connection.query("SELECT (SELECT count(*) FROM audit_events), count(*) FROM audit.events")[0]
            }
            if let events = sealed[0], events == sealed[1] { return events }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "the server does not seal")
    }

    private static func auth(_ arguments: String..., as database: String) async throws -> Program.Outcome {
        try await auth(arguments, as: database)
    }

    private static func auth(_ arguments: [String], as database: String) async throws -> Program.Outcome {
        try await Program.run(
            try Repository.server.path, arguments, environment: ["DATABASE_URL": database, "LOG_LEVEL": "error", "SQL_DIRECTORY": "sql"])
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

/// One database as each of its three roles reaches it, made as the documents say.
private struct Roles {
    let owner: String
    let server: String
    let auditor: String

    static func with(_ body: (Roles) async throws -> Void) async throws {
        try await Cluster.with { cluster in
            let administrator = try #require(PostgresConninfo(cluster.conninfo))
            func conninfo(_ user: String) throws -> String {
                let conninfo = try #require(PostgresConninfo(administrator.replacing("user", with: user)))
                return conninfo.replacing("password", with: user)
            }
            let roles = Roles(
                owner: try conninfo("auth_api_owner"), server: try conninfo("auth_api_server"), auditor: try conninfo("auth_api_auditor"))
            try await Program.bash(
                #"""
                OWNER_PASSWORD=auth_api_owner SERVER_PASSWORD=auth_api_server AUDITOR_PASSWORD=auth_api_auditor \
                  script/psql -Xq -f sql/roles/roles.sql
                """#, environment: ["DATABASE_URL": cluster.conninfo])
            let migrated = try await Program.run(
                try Repository.server.path, ["migrate"], environment: ["DATABASE_URL": roles.owner, "SQL_DIRECTORY": "sql"])
            #expect(migrated.status == 0, "\(migrated.errors)")
            try await Program.bash(
                #"""
                psql -Xq "$DATABASE_URL" -v role=auth_api_server -v auditor=auth_api_auditor -f sql/roles/server.sql -f sql/roles/auditor.sql
                """#, environment: ["DATABASE_URL": roles.owner])
            try await body(roles)
        }
    }
}
