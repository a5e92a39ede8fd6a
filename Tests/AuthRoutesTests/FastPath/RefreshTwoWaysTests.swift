import AuthCore
import AuthTestSupport
import FoundationEssentials
import HTTPEdge
import ServerTestSupport
import Testing

/// Refreshes on the fast path and in the framework, asked the same over sockets.
@Suite struct RefreshTwoWaysTests {
    private static let json = "Content-Type: application/json"

    private static func post(_ target: String, _ body: String, _ fields: [String]) -> String {
        "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n"
            + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    private static func body(_ token: String) -> String { "{\"refresh_token\":\"\(token)\"}" }

    /// The answer of the fast path. The framework must give the same.
    private func compare(_ server: EdgeServer, _ body: String, _ fields: [String] = [Self.json]) async throws -> String {
        let fast = try await server.answers(Self.post("/api/auth/refresh/", body, fields) + RawRequest.last)
        for (target, more) in [("/api/auth/refresh", []), ("/api/auth/refresh/?", []), ("/api/auth/refresh/", ["TE: trailers"])] {
            let other = try await server.answers(Self.post(target, body, more + fields) + RawRequest.last)
            #expect(fast == other, "\(target) \(more) \(body) \(fields): \(fast)\n\(other)")
        }
        return fast
    }

    @Test(.timeLimit(.minutes(5)))
    func `one token has one successor on both ways, to the octet`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            for fields in [
                [Self.json], ["content-type: Application/JSON", "User-Agent: curl/8.0 (a b)"], [Self.json, "X-Request-Id: order-7"],
                [Self.json, "X-Request-Id: a b"], [Self.json, "X-Request-Id: a "], [Self.json, "X-Request-Id: \ta"],
                [Self.json, "User-Agent: \u{E9}"], [Self.json, "User-Agent: a ", "Cookie: c=d"],
                [Self.json, "X-Forwarded-For: 192.0.2.9"], ["\(Self.json); charset=utf-8"], [Self.json, "Connection: keep-alive"],
            ] {
                let tokens = try await server.world.logIn()
                let answer = try await compare(server, Self.body(tokens.pair.refresh.reveal()), fields)
                #expect(answer.statuses == [200, 200], "\(fields)")
                #expect(answer.contains("\"session_id\":\"") && answer.contains("Content-Type: application/json\r\n"))
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `every other token gets the same refusal`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let old = try await server.world.logIn().pair.refresh
            let forged = RefreshToken(sessionID: old.sessionID, generation: old.generation, secret: .random(), tag: old.tag)
            for token in ["", "a", "art_", forged.reveal(), try await server.world.logIn().pair.access.reveal(), old.reveal() + "x"] {
                let answer = try await compare(server, Self.body(token))
                #expect(answer.statuses == [401, 200] && answer.contains("\"invalid_token\""), "\(token)")
            }
            _ = try await server.world.refresh.refresh(old.reveal(), origin: World.origin)
            server.world.clock.advance(by: .seconds(3600))
            let reused = try await server.answers(Self.post("/api/auth/refresh", Self.body(old.reveal()), [Self.json]) + RawRequest.last)
            #expect(reused.statuses == [401, 200] && reused.contains("refresh_token_reused"))
            #expect(server.world.eventKinds.last == .tokenReused)
            #expect(try await compare(server, Self.body(old.reveal())).statuses == [401, 200])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a token as bearer gets the same answer`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let token = try await server.world.logIn().pair.refresh.reveal()
            for credential in ["Bearer \(token)", "BEARER \(token)", "Bearer  \(token)", "Bearer\t\(token)", "Bearer \(token) "] {
                for fields in [[], [Self.json], ["X-Request-Id: r1"]] {
                    let answer = try await compare(server, "", ["Authorization: \(credential)"] + fields)
                    #expect(answer.statuses == [200, 200], "\(credential)")
                }
            }
            for credential in ["Bearer \(token)x", "Bearer \(token) x", "Bearer \u{E9}", "Bearer", "Bearer ", "Basic YTpi", "Bearer aat_"] {
                #expect(try await compare(server, "", ["Authorization: \(credential)"]).statuses == [401, 200], "\(credential)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what is not the usual body or head gets the same answer`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let token = try await server.world.logIn().pair.refresh.reveal()
            let whole = Self.body(token)
            for (body, status) in [
                (whole + " ", 200), (" { \"refresh_token\"\t: \r\n\"\(token)\"\n}", 200), ("", 401), ("{}", 422), ("[]", 400), ("{", 400),
                (whole + "}", 400), (String(whole.dropLast()), 400), ("{\"refresh_token\":\"\(token) \"}", 401),
                ("{\"refresh_token\":\" \(token)\"}", 401), ("{\"refresh_token\":\"\\u0061\(token.dropFirst())\"}", 200),
                ("{\"refresh_token\":\"a\u{1}\"}", 400), ("{\"refresh_token\":\"é\"}", 401), ("{\"refresh_token\":null}", 422),
                ("{\"refresh_token\":\"\(token)\",\"refresh_token\":\"\(token)\"}", 400), ("{\"refresh_token\":\"a\",\"b\":1}", 422),
                ("{\"refresh_token\"\u{B}:\"a\"}", 400), ("\u{FEFF}" + whole, 400),
            ] {
                #expect(try await compare(server, body).statuses == [status, 200], "\(body)")
            }
            for (fields, status) in [
                ([], 415), (["Content-Type: text/plain"], 415), ([Self.json, Self.json], 200),
                ([Self.json, "Content-Encoding: gzip"], 415), (["\(Self.json) "], 200),
                ([Self.json, "Authorization: Bearer \(token)"], 400), ([Self.json, "Authorization: Basic YTpi"], 200),
                ([Self.json, "X-Request-Id: a", "X-Request-Id: b"], 200),
                ([Self.json, "User-Agent: a", "User-Agent: b"], 200), ([Self.json, "Origin: https://a.example"], 200),
            ] {
                #expect(try await compare(server, whole, fields).statuses == [status, 200], "\(fields)")
            }
            #expect(try await compare(server, whole, [Self.json, "Host: b"]).statuses == [400])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `both tell the audit trail the same of who asked`() async throws {
        try await EdgeServer.with(proxies: try #require(TrustedProxies("127.0.0.1"))) { server in
            try await server.world.register()
            for fields in [
                ["User-Agent: curl/8.0 (a b)"], ["User-Agent: \(String(repeating: "a", count: 600))"], ["X-Forwarded-For: 192.0.2.9"],
                ["X-Forwarded-For: 192.0.2.9, 127.0.0.1"], ["X-Forwarded-For: nonsense"], ["X-Forwarded-For: 192.0.2.8 "],
                ["X-Forwarded-For: 192.0.2.8", "X-Forwarded-For: 192.0.2.9"], ["User-Agent:"], [],
            ] {
                for target in ["/api/auth/refresh", "/api/auth/refresh?"] {
                    let body = Self.body(try await server.world.logIn().pair.refresh.reveal())
                    let request = Self.post(target, body, [Self.json, "X-Request-Id: r1"] + fields)
                    #expect(try await server.answers(request + RawRequest.last).statuses == [200, 200])
                }
                let renewals = server.world.database.events.filter { $0.kind == .sessionRenewed }.suffix(2)
                #expect(Set(renewals.map(\.origin)).count == 1 && renewals.first?.origin.requestID == "r1", "\(fields): \(renewals)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `without the database both say 503 and when to come back`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let token = try await server.world.logIn().pair.refresh.reveal()
            server.world.database.goAway()
            let answer = try await compare(server, Self.body(token))
            #expect(answer.statuses == [503, 200] && answer.contains("Retry-After: soon"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `wherever a refresh is cut, its answer is the same`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let tokens = try await server.world.logIn().pair
            let requests =
                RawRequest.get("/api/profile", "Authorization: Bearer \(tokens.access.reveal())")
                + Self.post("/api/auth/refresh", Self.body(tokens.refresh.reveal()), [Self.json]) + RawRequest.last
            let whole = try await server.answers(requests)
            #expect(whole.statuses == [200, 200, 200])
            try await server.answersOfEachCut(requests) { cut, answers in
                #expect(answers.statuses == [200, 200, 200], "cut at \(cut)")
                // The first tells when the session was last seen.
                #expect(answers.split(separator: "HTTP/1.1").dropFirst() == whole.split(separator: "HTTP/1.1").dropFirst())
            }
        }
    }
}
