import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// A database that goes back in time.
@Suite struct RestoreTests {
    @Test(.timeLimit(.minutes(5)))
    func `F32: what a restore brought back to life is dead after revoke-all, on every path, and a new login works`() async throws {
        try await ServerProcess.with { server, database in
            let client = try await Self.addClient(to: database)
            let (leaver, ended) = try await Person.signedIn(on: server)
            let (stayer, kept) = try await Person.signedIn(on: server)
            let renewed = try #require(Person.Tokens(try await stayer.http.post("/api/auth/refresh/", bearer: kept.refresh)))
            let folder = try TemporaryFolder()
            let backup = folder.url.appending(path: "backup.sql").path
            try await Program.bash(
                #""${PG_BIN:+$PG_BIN/}pg_dump" -f "$BACKUP" "$DATABASE_URL""#,
                environment: ["DATABASE_URL": database.conninfo, "BACKUP": backup])
            #expect(try await leaver.http.post("/api/logoutall/", bearer: ended.access).status == 204)
            let unknown = try await leaver.tokens()
            try await TestDatabase.withEmpty { restored in
                try await Program.bash(
                    #"psql -Xq -v ON_ERROR_STOP=1 -f "$BACKUP" "$DATABASE_URL""#,
                    environment: ["DATABASE_URL": restored.conninfo, "BACKUP": backup])
                let server = try await ServerProcess.start(database: restored.conninfo)
                defer { server.kill() }
                #expect(try await server.http.get("/api/profile/", bearer: ended.access).status == 200, "nothing to be undone")
                let outcome = try await Self.auth("sessions", "revoke-all", "--before", "now", on: restored)
                #expect(outcome.status == 0, "\(outcome.errors)")
                for tokens in [ended, kept, renewed, unknown] { try await Self.expectDead(tokens, on: server, client) }
                let tokens = try await Person(leaver.email, on: server).tokens()
                #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 200)
                #expect(try await server.http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 200)
                let told = "SELECT count(*) FROM audit.events WHERE type = 'authn_tokens_revoked_before' AND outcome = 'success'"
                #expect(try await restored.value(told) == "1")
                let verified = try await Self.auth("audit", "verify", on: restored)
                #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F32: a moment in the future, or none at all, ends nothing`() async throws {
        try await ServerProcess.with { server, database in
            let (_, tokens) = try await Person.signedIn(on: server)
            for moment in ["2999-01-01T00:00:00Z", "yesterday", "2026-02-30T00:00:00Z", ""] {
                #expect(try await Self.auth("sessions", "revoke-all", "--before", moment, on: database).status != 0, "\(moment)")
            }
            #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 200)
        }
    }

    private static func expectDead(_ tokens: Person.Tokens, on server: ServerProcess, _ client: String) async throws {
        let http = server.http
        for path in ["/api/profile/", "/api/profile/?", "/api/auth/verify/", "/api/sessions/"] {
            #expect(try await http.get(path, bearer: tokens.access).status == 401, "\(path)")
        }
        for path in ["/api/logout/", "/api/logoutall/", "/api/sessions/revoke-others/", "/api/auth/verify/"] {
            #expect(try await http.post(path, bearer: tokens.access).status == 401, "\(path)")
        }
        #expect(try await http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 401)
        let introspected = try await http.send(
            "POST", "/api/auth/introspect/",
            headers: [("Authorization", "Basic \(client)"), ("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("token=\(tokens.access)".utf8))
        #expect(introspected.status == 200 && introspected.body == #"{"active":false}"#)
    }

    /// - Returns: its credential as Basic authentication has it.
    private static func addClient(to database: TestDatabase) async throws -> String {
        let added = try await auth("client", "add", "billing", on: database)
        let secret = try #require(added.output.firstMatch(of: /client_secret=(acs_\S+)\n/)).1
        return Data("billing:\(secret)".utf8).base64EncodedString()
    }

    private static func auth(_ arguments: String..., on database: TestDatabase) async throws -> Program.Outcome {
        try await Program.run(
            try Repository.server.path, arguments, environment: ["DATABASE_URL": database.conninfo, "LOG_LEVEL": "error"])
    }
}
