import AuthMiddleware
import AuthTestSupport
import HTTPEdge
import ServerTestSupport
import Testing

/// Clients that ask before they send a body (RFC 9110 §10.1.1), and bodies that never come.
@Suite struct ExpectationTests {
    private static let go = "HTTP/1.1 100 Continue\r\n\r\n"

    private static func post(
        _ fields: String..., to target: String = "/api/auth/login", version: String = "1.1", length: Int = 2
    ) -> String {
        "POST \(target) HTTP/\(version)\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n"
            + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    @Test(.timeLimit(.minutes(5)))
    func `a client that waits is told to go on, in the order of the answers`() async throws {
        try await EdgeServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            for before in ["", RawRequest.get("/livez"), RawRequest.get("/livez", "TE: x"), RawRequest.get("/api/profile", bearer)] {
                let count = before.isEmpty ? 0 : 1
                let expected = Array(repeating: 200, count: count) + [100, 422, 200]
                let asked = before + Self.post("expect: 100-Continue")
                let statuses = try await server.answers([asked, "{}" + RawRequest.last], awaiting: Self.go).statuses
                #expect(statuses == expected)
            }
            let chunked = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
            let statuses = try await server.answers([chunked, "0\r\n\r\n" + RawRequest.last], awaiting: Self.go).statuses
            #expect(statuses == [100, 415, 200])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a client that did not ask, or need not, is not told to go on`() async throws {
        try await EdgeServer.with { server in
            for (parts, statuses) in [
                ([Self.post(), "{}" + RawRequest.last], [422, 200]),
                ([Self.post("Expect: 100-continue") + "{}" + RawRequest.last], [422, 200]),
                ([Self.post("Expect: 100-continue", version: "1.0"), "{}"], [422]),
                ([Self.post("Expect: x", version: "1.0") + "{}"], [422]),
                ([RawRequest.get("/livez", "Expect: 100-continue") + RawRequest.last], [200, 200]),
                ([Self.post("Expect: 100-continue", length: 20_000), "{}"], [413]),
            ] {
                let answers = try await server.answers(parts, pause: .milliseconds(300))
                #expect(answers.statuses == statuses, "\(parts)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `another expectation is 417 and the end`() async throws {
        try await EdgeServer.with { server in
            for expectation in ["200-ok", "100-continue, x", "100-continue;a", "\u{E9}"] {
                let answers = try await server.answers(Self.post("Expect: \(expectation)") + "{}" + RawRequest.last)
                #expect(answers.statuses == [417] && answers.contains("expectation_failed"), "\(expectation)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `FA3: verification answers immediately, without the body, and then ends`() async throws {
        var limits = HTTPLimits()
        limits.bodySeconds = 60
        try await EdgeServer.with(limits: limits) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            for target in ["/api/auth/verify", "/api/auth/verify/", "/api/auth/verify/orders/7?a=b"] {
                for fields in [[bearer], [bearer, "Expect: 100-continue"]] {
                    for (length, status) in [(5, 200), (1_000_000_000, 200)] {
                        let head = Self.post(fields.joined(separator: "\r\n"), to: target, length: length)
                        let answers = try await server.answers(head + "{")
                        #expect(answers.statuses == [status] && answers.contains("Connection: close\r\n"), "\(target)")
                    }
                }
            }
            let refused = try await server.answers(Self.post(to: "/api/auth/verify", length: 5))
            #expect(refused.statuses == [401])
            // Nothing of what then comes is a request.
            let chunked = "POST /api/auth/verify HTTP/1.1\r\nHost: a\r\n\(bearer)\r\nTransfer-Encoding: chunked\r\n\r\nFF\r\nGET /"
            let statuses = try await server.answers([chunked, RawRequest.get("/livez")], pause: .milliseconds(50)).statuses
            #expect(statuses == [200])
            // A body that is here is read over.
            let whole = Self.post(bearer, to: "/api/auth/verify", length: 5) + "12345" + RawRequest.last
            #expect(try await server.answers(whole).statuses == [200, 200])
        }
    }
}
