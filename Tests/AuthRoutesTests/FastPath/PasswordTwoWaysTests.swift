import AuthCore
import AuthMiddleware
import AuthTestSupport
import HTTPEdge
import ServerTestSupport
import Testing

/// Requests with a password on the fast path and in the framework, asked the same over sockets.
@Suite struct PasswordTwoWaysTests {
    private static func post(_ target: String, _ body: String, _ fields: String...) -> String {
        "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
            + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    private static let logIn = "{\"email\":\"\(World.email)\",\"password\":\"\(World.password)\"}"

    @Test(.timeLimit(.minutes(5)))
    func `RL9: where there is no room both refuse alike, after a while, and nothing else is done`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let counts = server.world.hasher.counts
            server.world.hasher.fill()
            for path in ["/api/auth/login", "/api/auth/login/", "/api/register", "/api/register/"] {
                for body in [Self.logIn, "{}", "", "{"] {
                    let start = ContinuousClock.now
                    let fast = try await server.answers(Self.post(path, body) + RawRequest.last)
                    #expect(ContinuousClock.now - start >= .milliseconds(50))
                    #expect(fast.statuses == [503, 200] && fast.contains("Retry-After: soon") && fast.contains("\"unavailable\""))
                    let framework = try await server.answers(Self.post(path + "?", body) + RawRequest.last)
                    let forGood = try await server.answers(Self.post(path, body, "TE: trailers") + RawRequest.last)
                    #expect(fast == framework && fast == forGood, "\(path) \(body): \(fast)\n\(framework)\n\(forGood)")
                }
            }
            #expect(server.world.hasher.counts == counts && server.world.eventKinds == [.userCreated])
            let named = try await server.answers(Self.post("/api/auth/login", Self.logIn, "X-Request-Id: order-7") + RawRequest.last)
            #expect(named.contains("X-Request-Id: order-7\r\n") && named.contains("\"request_id\":\"order-7\""))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `who was let in and finds no room hears of it after a while too`() async throws {
        try await EdgeServer.with { server in
            server.world.hasher.refuseHashing()
            let body = "{\"email\":\"\(World.email)\",\"password\":\"\(World.password)\",\"password2\":\"\(World.password)\"}"
            let start = ContinuousClock.now
            let answer = try await server.answers(Self.post("/api/register", body) + RawRequest.last)
            #expect(answer.statuses == [503, 200] && ContinuousClock.now - start >= .milliseconds(50))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [0, 10, 20, 30, 40])
    func `a stop executes nothing whose answer it does not let out`(milliseconds: Int) async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let token = try await server.world.logIn().pair.refresh.reveal()
            server.world.hasher.fill()
            let refresh = "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\r\n"
            async let answers = server.answers(Self.post("/api/auth/login?", Self.logIn) + refresh)
            try await Task.sleep(for: .milliseconds(milliseconds))
            await server.stop()
            var statuses: [Int] = []
            // The stop may come before the connection.
            do { statuses = try await answers.statuses } catch Loopback.Failure.refused {}
            #expect(statuses.contains(200) == server.world.eventKinds.contains(.sessionRenewed), "\(statuses)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what is refused keeps its turn among other requests`() async throws {
        try await EdgeServer.with { server in
            let profile = RawRequest.get("/api/profile", "Authorization: Bearer \(try await server.token())")
            let requests = profile + Self.post("/api/auth/login", Self.logIn) + profile + RawRequest.last
            let statuses = try await server.answers(requests).statuses
            #expect(statuses == [200, 200, 200, 200])
            server.world.hasher.fill()
            let refused = try await server.answers(requests).statuses
            #expect(refused == [200, 503, 200, 200])
        }
    }
}
