import AuthTestSupport
import Foundation
import NIOConcurrencyHelpers
import ServerTestSupport
import Testing

/// The server as its operator meets it: how it starts, what it refuses, how it ends.
@Suite struct ProcessTests {
    @Test func `CF1: a wrong configuration ends the process with every problem in words, and no secret`() async throws {
        let outcome = try await Program.authAPI("serve", environment: ["PORT": "x", "ARGON2_SLOTS": "x", "DATABASE_URL": "canary"])
        #expect(outcome.status != 0)
        for word in ["PORT", "ARGON2_SLOTS", "DATABASE_URL"] { #expect(outcome.errors.contains(word)) }
        #expect(!outcome.errors.contains("canary"))
    }

    @Test func `migrate may be run again and again`() async throws {
        try await TestDatabase.withEmpty { database async throws in
            for _ in 1...2 {
                #expect(try await Program.authAPI("migrate", environment: ["DATABASE_URL": database.conninfo]).status == 0)
            }
        }
    }

    @Test func `a schema that goes back under a running server makes it unready, one that goes on does not`() async throws {
        try await ServerProcess.with { server, database async throws in
            try await database.query("INSERT INTO schema_migrations VALUES (9999, 'future', 'x')")
            #expect(try await server.http.get("/readyz").status == 200)
            try await database.query("DELETE FROM schema_migrations WHERE number > 0")
            let reply = try await server.http.get("/readyz")
            #expect(reply.status == 503)
            #expect(reply["Retry-After"] != nil)
            #expect(try await server.http.get("/livez").status == 200)
        }
    }

    @Test func `health tells by its exit status whether the server is ready`() async throws {
        try await ServerProcess.with { server, database async throws in
            let environment = ["DATABASE_URL": database.conninfo, "PORT": "\(server.port)"]
            #expect(try await Program.authAPI("health", environment: environment).status == 0)
            server.kill()
            #expect(try await Program.authAPI("health", environment: environment).status != 0)
        }
    }

    @Test func `F2: SIGTERM lets requests finish and ends with 0`() async throws {
        try await TestDatabase.with { database async throws in
            let server = try await ServerProcess.start(database: database.conninfo)
            let person = Person("ada@example.org", on: server)
            #expect(try await person.registration().status == 201)
            let answered = NIOLockedValueBox(0)
            // Whoever has not reached the server when it stops may be refused; whoever has is answered.
            let logins = Task {
                try await concurrently(6) { _ in
                    let reply = try? await person.login()
                    if reply != nil { answered.withLockedValue { $0 += 1 } }
                    return reply
                }
            }
            while answered.withLockedValue({ $0 == 0 }) { try await Task.sleep(for: .milliseconds(1)) }
            let status = await Task.detached { server.terminate() }.value
            #expect(status == 0)
            let replies = try await logins.value.compactMap { $0 }
            #expect(replies.count > 1)
            #expect(replies.allSatisfy { [200, 503].contains($0.status) })
            let sessions = try await database.value("SELECT count(*) FROM sessions")
            #expect(sessions == "\(replies.filter { $0.status == 200 }.count)")
            let backends = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'auth-api'"
            #expect(try await database.value(backends) == "0")
        }
    }

    @Test func `LG2: no password and no token is in the log, at any level`() async throws {
        try await ServerProcess.with(environment: ["LOG_LEVEL": "trace"]) { server, _ async throws in
            let (person, tokens) = try await Person.signedIn(on: server)
            _ = try await person.http.get("/api/profile/?access_token=\(tokens.access)", bearer: tokens.access)
            _ = try await person.http.get("/api/profile/", bearer: tokens.access)
            _ = try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh)
            _ = try await person.http.post("/api/auth/login/", json: "{\"email\": \"x\", \"password\": \"\(Person.password)\", ")
            _ = try await person.login(password: "another-canary")
            let log = try server.logText()
            #expect(log.contains("request"))
            for secret in [tokens.access, tokens.refresh, Person.password, "another-canary"] { #expect(!log.contains(secret)) }
        }
    }
}
