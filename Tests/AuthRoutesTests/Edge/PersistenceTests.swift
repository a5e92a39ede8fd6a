import AuthMiddleware
import AuthTestSupport
import HTTPEdge
import ServerTestSupport
import Testing

/// What becomes of a connection after an answer, in HTTP/1.0 and 1.1 (RFC 9112 §9.3).
@Suite struct PersistenceTests {
    private static func get(_ version: String, _ fields: String..., target: String = "/livez") -> String {
        "GET \(target) HTTP/\(version)\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    private static let next = RawRequest.last

    /// What `ab`, `ab -k`, HAProxy's `option httpchk` and libwww-perl send.
    private static let last: [String] = [
        get("1.0"), get("1.0", target: "/readyz"), get("1.0", "Host: a", "User-Agent: ApacheBench/2.3", "Accept: */*"),
        get("1.0", "Connection: x"),
        get("1.0", "Connection: Keep-Alive, close"), get("1.1", "Host: a", "Connection: TE, close", "TE: deflate,gzip;q=0.3"),
        get("1.1", "Host: a", "Connection: TE", "Connection:  ,x ,\tCLOSE , ,"), get("1.1", "Host: a", "Connection: close, keep-alive"),
    ]

    @Test(.timeLimit(.minutes(5)), arguments: last)
    func `a last request is answered, told so, and no other after it`(_ request: String) async throws {
        try await EdgeServer.with { server in
            let answers = try await server.answers(request + Self.next)
            #expect(answers.statuses == [200] && answers.contains("Connection: close\r\n"), "\(answers)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HTTP 1_0 with keep-alive is answered on and on, and told so`() async throws {
        try await EdgeServer.with { server in
            for fields in ["Connection: Keep-Alive", "Connection: x\r\nConnection: TE , keep-alive", "Host: a\r\nConnection: keep-alive"] {
                let request = Self.get("1.0", fields)
                let answers = try await server.answers(request + request + Self.get("1.0"))
                #expect(answers.statuses == [200, 200, 200], "\(fields)")
                #expect(answers.matches(of: /Connection: keep-alive\r\n/).count == 2 && answers.contains("Connection: close\r\n"))
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HTTP 1_1 goes on without a word, whatever other options there are`() async throws {
        try await EdgeServer.with { server in
            for options in ["closer", "keep-alive", "a, b,,c", ""] {
                let answers = try await server.answers(Self.get("1.1", "Host: a", "Connection: \(options)") + Self.next)
                #expect(answers.statuses == [200, 200], "\(options)")
                #expect(answers.matches(of: #/Connection: /#).count == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a guarded read in HTTP 1_0 gets the answer of HTTP 1_1`() async throws {
        try await EdgeServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let old = try await server.answers(Self.get("1.0", bearer, target: "/api/profile/"))
            let new = try await server.answers(Self.get("1.1", "Host: a", "Connection: close", bearer, target: "/api/profile/"))
            #expect(old == new && old.statuses == [200])
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            get("1.1"), get("1.1", "Host: a", "Host: a"), get("1.1", "Host: a", "Connection: clos\u{65}\u{301}"),
            get("1.0", "Host: a", "Host: b"),
            "POST /api/auth/login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ])
    func `HT1: two hosts, none in HTTP 1_1, or options beyond ASCII are 400 and the end`(_ request: String) async throws {
        try await EdgeServer.with { server in
            let answers = try await server.answers(request + Self.next)
            #expect(answers.statuses == [400] && answers.contains("malformed_http") && answers.contains("Connection: close\r\n"))
        }
    }
}
