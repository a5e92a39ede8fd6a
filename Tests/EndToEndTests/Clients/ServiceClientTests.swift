import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// A service with a credential of its own, as its operator and as it uses it.
@Suite struct ServiceClientTests {
    @Test(.timeLimit(.minutes(5)))
    func `a client is added, introspects and revokes, and is refused from its own revocation on`() async throws {
        try await ServerPair.with { servers in
            let added = try await Self.command("add", "billing", on: servers)
            let secret = String(try #require(added.output.firstMatch(of: /client_id=billing\nclient_secret=(acs_\S+)\n/)).1)
            #expect(try await Self.command("add", "billing", on: servers).status != 0)
            let listed = try await Self.command("list", on: servers).output
            #expect(listed.hasPrefix("billing\t") && !listed.contains(secret))

            let (person, tokens) = try await Person.signedIn(on: servers.first)
            let active = try await Self.ask("introspect", tokens.access, as: "billing:\(secret)", on: servers.second)
            #expect(active.status == 200 && active.json("username") == person.email && active.json("sid") == tokens.sessionID)
            for inactive in [tokens.refresh, "aat_none", tokens.access + "A"] {
                let reply = try await Self.ask("introspect", inactive, as: "billing:\(secret)", on: servers.second)
                #expect(reply.status == 200 && reply.body == #"{"active":false}"#)
            }

            #expect(try await Self.ask("revoke", tokens.refresh, as: "billing:\(secret)", on: servers.first).status == 200)
            #expect(try await servers.second.http.get("/api/profile/", bearer: tokens.access).status == 401)
            let ended = try await servers.database.query("SELECT ended_by FROM sessions")
            #expect(ended == [["client"]])

            #expect(try await Self.command("revoke", "billing", on: servers).status == 0)
            for credential in ["billing:\(secret)", "billing:acs_none", "nobody:\(secret)"] {
                let reply = try await Self.ask("introspect", tokens.access, as: credential, on: servers.second)
                #expect(reply.status == 401 && reply.json("code") == "invalid_client")
            }
            let events = "SELECT string_agg(type, ' ' ORDER BY event_id) FROM audit.events WHERE type LIKE 'client%'"
            #expect(
                try await servers.database.value(events)
                    == "client_created client_revoked client_authn_fail client_authn_fail client_authn_fail")
        }
    }

    private static func command(_ arguments: String..., on servers: ServerPair) async throws -> Program.Outcome {
        try await Program.run(
            try Repository.server.path, ["client"] + arguments,
            environment: ["DATABASE_URL": servers.database.conninfo, "LOG_LEVEL": "error"])
    }

    private static func ask(
        _ endpoint: String, _ token: String, as credential: String, on server: ServerProcess
    ) async throws -> Loopback.Reply {
        let basic = Data(credential.utf8).base64EncodedString()
        return try await server.http.send(
            "POST", "/api/auth/\(endpoint)/",
            headers: [("Authorization", "Basic \(basic)"), ("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("token=\(token)".utf8))
    }
}
