import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

@Suite struct MalformedInputTests {
    @Test(.timeLimit(.minutes(5)))
    func `JS2, JS3: every bad request gets its documented answer and changes nothing`() async throws {
        try await ServerProcess.with { server, database in
            let (_, tokens) = try await Person.signedIn(on: server)
            let before = try await database.fingerprint()
            #expect(BadRequest.all.count > 150)
            for request in BadRequest.all {
                let reply = try await server.http.send(request.method, request.path, headers: request.headers, body: request.body)
                #expect(reply.status == request.status, "\(request): \(reply.body)")
                try Self.check(reply, request)
            }
            #expect(try await database.fingerprint() == before)
            #expect(try await server.http.get("/api/profile", bearer: tokens.access).status == 200)
        }
    }

    private static func check(_ reply: Loopback.Reply, _ request: BadRequest) throws {
        #expect(reply["Content-Type"] == "application/problem+json", "\(request)")
        #expect(reply.json("code") == request.code, "\(request): \(reply.body)")
        #expect(reply.json("request_id") == reply["X-Request-Id"], "\(request)")
        #expect(reply["Cache-Control"] == "no-store", "\(request)")
        if reply.status == 401 { #expect(reply["WWW-Authenticate"]?.hasPrefix("Bearer") == true, "\(request)") }
        if reply.status == 405 { #expect(reply["Allow"] != nil, "\(request)") }
        guard let field = request.field else { return }
        let problem = try JSONSerialization.jsonObject(with: Data(reply.body.utf8)) as? [String: Any]
        let errors = problem?["errors"] as? [[String: String]] ?? []
        #expect(errors.contains { $0["field"] == field.name && $0["code"] == field.code }, "\(request): \(reply.body)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `SE3: every mutation of a token's characters and length is refused, and its session lives on`() async throws {
        try await ServerProcess.with { server, database in
            let (_, tokens) = try await Person.signedIn(on: server)
            let before = try await database.fingerprint()
            for mutant in Self.mutants(of: tokens.access) {
                let reply = try await server.http.get("/api/profile/", bearer: mutant)
                #expect(reply.status == 401 && reply.json("code") == "invalid_token", "\(mutant)")
            }
            for mutant in Self.mutants(of: tokens.refresh) {
                let reply = try await server.http.post("/api/auth/refresh/", json: #"{"refresh_token":"\#(mutant)"}"#)
                #expect(reply.status == 401 && reply.json("code") == "invalid_token", "\(mutant)")
            }
            #expect(try await server.http.get("/api/profile/", bearer: tokens.refresh).status == 401)
            #expect(try await server.http.post("/api/auth/refresh/", bearer: tokens.access).status == 401)
            #expect(try await database.fingerprint() == before)
            #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 200)
        }
    }

    /// Each character changed in two ways, each length there is but the right one, and what might be trimmed away.
    private static func mutants(of token: String) -> [String] {
        let characters = Array(token)
        let changed = characters.indices.flatMap { index in
            ["A", "B", "_"].filter { $0 != String(characters[index]) }.prefix(2).map { character in
                var copy = characters
                copy[index] = Character(character)
                return String(copy)
            }
        }
        let shorter = characters.indices.dropFirst().map { String(characters[..<$0]) }
        return changed + shorter + [token + "A", token + "=", token + token, "x" + token, token.uppercased(), token.lowercased()]
    }
}

extension TestDatabase {
    /// It changes when any row changes, except in `network_attempts`, which counts bad refresh tokens. Sealing moves the events of the
    /// trail, so they are read through their view.
    func fingerprint() async throws -> [String] {
        // The server sends the mail of the registration meanwhile.
        for _ in 0..<500 where try await value("SELECT count(*) FROM mails WHERE finished_at IS NULL") != "0" {
            try await Task.sleep(for: .milliseconds(20))
        }
        var result: [String] = []
        let tables = try await query(
            """
            SELECT table_name FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'network_attempts' AND table_name NOT LIKE 'audit%'
            UNION ALL SELECT '(SELECT event_id FROM audit.events)' ORDER BY 1
            """)
        #expect(tables.count > 7)
        for table in tables.compactMap({ $0[0] }) {
            result.append(
                try await value("SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \(table) t")
                    ?? "")
        }
        return result
    }
}
