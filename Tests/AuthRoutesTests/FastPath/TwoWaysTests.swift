import AuthCore
import AuthMiddleware
import AuthTestSupport
import FoundationEssentials
import HTTPEdge
import ServerTestSupport
import Testing

/// The fast path and the framework, asked the same over sockets. An empty query, or a field that says nothing, sends a request to the
/// framework.
@Suite struct TwoWaysTests {
    private static let paths = ["/api/auth/verify", "/api/auth/verify/", "/api/profile", "/api/profile/"]

    private func compare(_ server: EdgeServer, _ fields: String...) async throws -> Set<String> {
        try await compare(server, fields)
    }

    private func compare(_ server: EdgeServer, _ fields: [String]) async throws -> Set<String> {
        var seen: Set<String> = []
        let head = "Host: a\r\n" + fields.map { $0 + "\r\n" }.joined()
        for path in Self.paths {
            for method in ["GET", "HEAD"] {
                let fast = try await server.answers("\(method) \(path) HTTP/1.1\r\n\(head)\r\n" + RawRequest.last)
                let framework = try await server.answers("\(method) \(path)? HTTP/1.1\r\n\(head)\r\n" + RawRequest.last)
                let forGood = try await server.answers("\(method) \(path) HTTP/1.1\r\nTE: trailers\r\n\(head)\r\n" + RawRequest.last)
                #expect(fast == framework && fast == forGood, "\(method) \(path) \(fields): \(fast)\n\(framework)\n\(forGood)")
                seen.insert(fast)
            }
        }
        return seen
    }

    @Test(.timeLimit(.minutes(5)))
    func `a live token gets the same answer, to the octet`() async throws {
        try await EdgeServer.with { server in
            let token = try await server.token()
            for scheme in ["Bearer", "bearer", "BEARER"] {
                for answer in try await compare(server, "Authorization: \(scheme) \(token)") { #expect(answer.statuses == [200, 200]) }
            }
            let named = try await compare(server, "Authorization: Bearer \(token)", "X-Request-Id: order-7")
            #expect(named.allSatisfy { $0.contains("X-Request-Id: order-7\r\n") })
            for value in ["order-7 ", "order-7\t", "\torder-7"] {
                let trimmed = try await compare(server, "Authorization: Bearer \(token)", "X-Request-Id: \(value)")
                #expect(trimmed.allSatisfy { $0.contains("X-Request-Id: order-7\r\n") })
            }
            let renamed = try await compare(server, "Authorization: Bearer \(token)", "X-Request-Id: a b")
            #expect(renamed.allSatisfy { $0.contains("X-Request-Id: random\r\n") })
            _ = try await compare(server, "Cookie: a=b; c=\u{E9}", "Authorization: Bearer \(token)", "Connection: Keep-Alive")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `where pages may read answers, both say that these depend on the page`() async throws {
        try await EdgeServer.with(origins: try #require(AllowedOrigins("https://app.example"))) { server in
            let token = try await server.token()
            for credential in [
                token, token + "x", AccessToken(sessionID: SessionID(UUID()), generation: .first, secret: .random()).reveal(),
            ] {
                for origin in [[], ["Origin: https://app.example"], ["Origin: https://other.example"]] {
                    for answer in try await compare(server, ["Authorization: Bearer \(credential)"] + origin) {
                        #expect(answer.contains("Vary: Origin\r\n"))
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT2: a stored address with ends of lines breaks neither's head`() async throws {
        try await EdgeServer.with { server in
            let token = try await server.token()
            let user = try await server.world.authentication.authenticate(token).user.id
            for end in ["\r\n", "\r\n\r\n", "\n", "\r"] {
                for email in ["ada@example.org\(end)X-Injected: 1", "\(end)X-Injected: 1", "é\(end)X-Injected: 1\(end)"] {
                    server.world.database.replaceEmail(of: user, with: email)
                    for answer in try await compare(server, "Authorization: Bearer \(token)") {
                        let lines = answer.utf8.split { $0 == 0x0D || $0 == 0x0A }
                        #expect(!lines.contains { $0.starts(with: "X-Injected".utf8) })
                        #expect(answer.statuses == [200, 200])
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `every other credential gets the same refusal`() async throws {
        try await EdgeServer.with { server in
            let token = try await server.token()
            let tokens = try await server.world.logIn()
            let forged = AccessToken(sessionID: tokens.sessionID, generation: .first, secret: .random()).reveal()
            let unknown = AccessToken(sessionID: SessionID(UUID()), generation: .first, secret: .random()).reveal()
            for credential in [
                "Bearer \(forged)", "Bearer \(unknown)", "Bearer \(tokens.pair.refresh.reveal())", "Bearer \(token)x", "Bearer", "Bearer ",
                "Basic YTpi", "Bearer  \(token)", "Bearer\t\(token)", "Bearer \(token) ", " Bearer \(token)",
            ] {
                _ = try await compare(server, "Authorization: \(credential)")
            }
            _ = try await compare(server)
            _ = try await compare(server, "Authorization: Bearer \(token)", "Authorization: Bearer \(token)")
            _ = try await compare(server, "Authorization: Bearer \(token)", "X-Request-Id: a", "X-Request-Id: b")
            _ = try await compare(server, "Authorization: Bearer \(token)", "Content-Length: 0")
            _ = try await compare(server, "Authorization: Bearer \(token)", "Host: b")
            try await server.world.signOut.signOut(
                server.world.authentication.authenticate(token), origin: World.origin)
            for answer in try await compare(server, "Authorization: Bearer \(token)") { #expect(answer.statuses == [401, 200]) }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `without the database both say 503 and when to come back`() async throws {
        try await EdgeServer.with { server in
            let token = try await server.token()
            server.world.database.goAway()
            for answer in try await compare(server, "Authorization: Bearer \(token)") {
                #expect(answer.statuses == [503, 200] && answer.contains("Retry-After: soon"))
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `heads that are long or have many fields end alike`() async throws {
        try await EdgeServer.with { server in
            let token = try await server.token()
            for (length, status) in [(4000, 200), (8100, 200), (9000, 431), (40_000, 431)] {
                let answer = try await server.answers(
                    RawRequest.get("/api/profile", "Authorization: Bearer \(token)", "X-A: \(String(repeating: "a", count: length))")
                        + RawRequest.last)
                #expect(answer.statuses.first == status, "\(length)")
            }
            for (count, status) in [(60, 200), (90, 200), (200, 431)] {
                let fields = (0..<count).map { "X-\($0): 1\r\n" }.joined()
                let answer = try await server.answers(
                    "GET /api/profile HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\(fields)\r\n" + RawRequest.last)
                #expect(answer.statuses.first == status, "\(count)")
            }
        }
    }
}
