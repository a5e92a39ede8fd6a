import AuthCore
import AuthMiddleware
import AuthTestSupport
import HTTPEdge
import ServerTestSupport
import Testing

/// One connection, both ways: whatever the pieces in which requests come, each is answered once and in its turn.
@Suite struct OrderTests {
    @Test(.timeLimit(.minutes(5)))
    func `wherever the requests are cut, the answers are the same`() async throws {
        try await EdgeServer.with { server in
            let token = try await server.token()
            let bearer = "Authorization: Bearer \(token)"
            let requests =
                RawRequest.get("/api/auth/verify", bearer) + login("{}") + RawRequest.get("/api/profile/", bearer) + RawRequest.last
            let whole = try await server.answers(requests)
            #expect(whole.statuses == [200, 422, 200, 200])
            try await server.answersOfEachCut(requests) { cut, answers in #expect(answers == whole, "cut at \(cut)") }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: 0..<8)
    func `pipelined requests of both ways are answered in order`(seed: Int) async throws {
        try await EdgeServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let kinds: [(request: @Sendable (String) -> String, status: Int)] = [
                ({ RawRequest.get("/api/auth/verify/", bearer, $0) }, 200), ({ RawRequest.get("/api/profile", bearer, $0) }, 200),
                ({ RawRequest.get("/api/profile?", bearer, $0) }, 200), ({ RawRequest.get("/api/profile", $0) }, 401),
                ({ RawRequest.get("/livez", $0) }, 200), ({ RawRequest.get("/nowhere", $0) }, 404),
                ({ login("[1]", $0) }, 400), ({ login("{}", $0) }, 422),
                ({ RawRequest.get("/api/auth/verify/orders", bearer, $0) }, 200),
            ]
            var random = SeededGenerator(state: UInt64(seed))
            let chosen = (0..<24).map { _ in kinds.randomElement(using: &random)! }
            let requests = chosen.enumerated().map { $1.request("X-Request-Id: r\($0)") }.joined()
            let answers = try await server.answers(requests + RawRequest.last)
            #expect(answers.statuses == chosen.map(\.status) + [200])
            #expect(answers.matches(of: #/X-Request-Id: (r\d+)/#).map { String($0.1) } == chosen.indices.map { "r\($0)" })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `nothing after a malformed request is answered, and what came before it is`() async throws {
        try await EdgeServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let good = RawRequest.get("/api/profile", bearer)
            for bad in [
                "NONSENSE\r\n\r\n", RawRequest.get("/api/profile", bearer, "X-A : b"),
                RawRequest.get("/api/profile", bearer, "X-A: a\u{01}b"),
                "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                RawRequest.get("/api/profile", bearer, "Host: b"), "GET /api/profile HTTP/1.1\r\n\(bearer)\r\n\r\n",
            ] {
                let answers = try await server.answers(good + good + bad + good)
                #expect(answers.statuses == [200, 200, 400], "\(bad)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a folded field, and a bare line feed, are part of no token`() async throws {
        try await EdgeServer.with { server in
            let token = try await server.token()
            for request in [
                "GET /api/profile HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer\r\n \(token)\r\n\r\n",
                "GET /api/profile HTTP/1.1\nHost: a\nAuthorization: Bearer \(token)\n\n",
            ] {
                let fast = try await server.answers(request + RawRequest.last)
                let framework = try await server.answers(request.replacing("/api/profile ", with: "/api/profile? ") + RawRequest.last)
                #expect(fast == framework)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `who says that nothing more comes gets the answers that are due, and the end`() async throws {
        try await EdgeServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            for target in ["/api/profile", "/api/profile?"] {
                let one = RawRequest.get(target, bearer)
                for (request, statuses) in [(one, [200]), (one + one, [200, 200]), (one + "GET /api/pro", [200, 400]), ("", [])] {
                    let start = ContinuousClock.now
                    let answers = try await server.answers(request, halfCloses: true)
                    #expect(answers.statuses == statuses, "\(target): \(answers)")
                    #expect(ContinuousClock.now - start < .seconds(25))
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a body that comes late is waited for, and answers keep their order`() async throws {
        try await EdgeServer.with { server in
            let profile = RawRequest.get("/api/profile", "Authorization: Bearer \(try await server.token())")
            let request = login("{}")
            let answers = try await server.answers(
                [profile + request.dropLast(2), String(request.suffix(2)) + profile + RawRequest.last], pause: .milliseconds(200))
            #expect(answers.statuses == [200, 422, 200, 200])
        }
    }
}

private func login(_ body: String, _ fields: String...) -> String {
    "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
}

/// Knuth's generator of linear congruence, upper half: enough to shuffle.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        func half() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 32
        }
        return half() << 32 | half()
    }
}
