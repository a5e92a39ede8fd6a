import AuthCore
import AuthMiddleware
import AuthTestSupport
import HTTPEdge
import ServerTestSupport
import Testing

/// Bodies as clients and proxies send them.
@Suite struct BodyTests {
    private static func refresh(_ fields: String..., body: String = "") -> String {
        "POST /api/auth/refresh/ HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    /// nginx sends it so of a client that speaks HTTP/2, and so do httpx and Node.
    @Test(.timeLimit(.minutes(5)))
    func `a chunked body of no octets is no body`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let bearer = "Authorization: Bearer \(try await server.world.logIn().pair.refresh.reveal())"
            for fields in [bearer, "\(bearer)\r\nContent-Type: text/plain", "\(bearer)\r\nContent-Encoding: gzip"] {
                let request = Self.refresh(fields, "Transfer-Encoding: chunked", body: "0\r\n\r\n")
                #expect(try await server.answers(request + RawRequest.last).statuses == [200, 200], "\(fields)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the type is read as RFC 9110 has it, and a compressed body is refused`() async throws {
        try await EdgeServer.with { server in
            try await server.world.register()
            let token = try await server.world.logIn().pair.refresh.reveal()
            let body = "{\"refresh_token\":\"\(token)\"}"
            let json = "Content-Type: application/json"
            for (fields, status) in [
                ("\(json);", 200), ("\(json) ; charset=UTF-8; a=b;", 200), ("\(json); boundary=\"x\"", 200), ("\(json)\r\n\(json)", 200),
                ("\(json)\r\n\(json);", 415), ("\(json); charset=latin-1", 415), ("Content-Type: application/jsonp", 415),
                ("Content-Type: application/jso\u{6E}\u{301}", 415), ("\(json)\r\nContent-Encoding: gzip", 415),
                ("\(json)\r\nContent-Encoding: identity", 200), ("\(json)\r\nContent-Encoding: identity, br", 415),
                ("\(json)\r\nContent-Encoding: Identity\r\nContent-Encoding: deflate", 415), ("\(json)\r\nContent-Encoding:", 200),
            ] {
                let request = Self.refresh(fields, "Content-Length: \(body.utf8.count)", body: body) + RawRequest.last
                let answers = try await server.answers(request)
                #expect(answers.statuses == [status, 200], "\(fields)")
                if status == 415 { #expect(answers.contains("unsupported_media_type")) }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `pages read what the edge refuses`() async throws {
        let page = "https://app.example.org"
        var limits = HTTPLimits()
        limits.headSeconds = 1
        try await EdgeServer.with(limits: limits, origins: try #require(AllowedOrigins("https://b.example,\(page)"))) { server in
            let long = String(repeating: "a", count: 9000)
            for (head, status) in [
                ("GET /\(long) HTTP/1.1\r\nHost: a\r\nORIGIN: \(page) \r\n\r\n", 414),
                ("GET / HTTP/1.1\r\nX: \(long)\r\norigin:\(page)\r\n\r\n", 431),
                ("GET / HTTP/1.1\r\nOrigin: \(page)\r\nX: \(long)\r\n\r\n", 431),
                ("GET / HTTP/1.1\r\nX : a\r\nOrigin: \(page)\r\n\r\n", 400),
                ("GET / HTTP/1.1\r\nOrigin: \(page)\r\nHos", 408), ("GET / HTTP/1.1\r\nOrigin: \(page)\r\n\r\n", 400),
                ("POST / HTTP/1.1\r\nHost: a\r\nOrigin: \(page)\r\nExpect: x\r\n\r\n", 417),
            ] {
                let answers = try await server.answers(head)
                #expect(answers.statuses == [status] && answers.contains("Vary: Origin\r\n"), "\(head.suffix(90))")
                #expect(answers.contains("Access-Control-Allow-Origin: \(page)\r\n"), "\(head.suffix(90))")
                #expect(answers.contains("Access-Control-Expose-Headers: Date, Retry-After"), "\(head.suffix(90))")
                let other = try await server.answers(head.replacing(page, with: "https://evil.example"))
                #expect(other.statuses == [status] && !other.contains("Access-Control"), "\(head.suffix(90))")
            }
        }
    }
}
