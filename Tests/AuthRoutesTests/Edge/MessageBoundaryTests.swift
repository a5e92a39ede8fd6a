import AuthCore
import AuthMiddleware
import AuthTestSupport
import HTTPEdge
import ServerTestSupport
import Testing

/// Where one message ends and the next begins: what two readers might read in two ways is refused, and ends the connection.
@Suite struct MessageBoundaryTests {
    private static func post(_ fields: String..., body: String = "") -> String {
        "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
            + body
    }

    private static func get(_ field: String) -> String { "GET /livez HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n" }

    private static let chunked = "Transfer-Encoding: chunked"

    private static let lengths: [String] = [
        "Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2\r\nContent-Length: 0", "Content-Length: +2", "Content-Length: -0",
        "Content-Length: 0x2", "Content-Length: 2, 2", "Content-Length: 2\t2", "Content-Length:", "Content-Length: ２",
        "Content-Length: 2;a", "Content-Length: 99999999999999999999", "Content-Length : 2", "Content-Length: 2\r\n\(chunked)",
        "\(chunked)\r\nContent-Length: 2", "content-length: 2\r\nCONTENT-LENGTH: 3",
    ]

    private static let encodings: [String] = [
        "Transfer-Encoding: gzip", "Transfer-Encoding: identity", "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked\u{B}", "Transfer-Encoding: \u{B}chunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked;q=1", "Transfer-Encoding:", "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked",
        "\(chunked)\r\n\(chunked)", "Transfer-Encoding: chunked\r\n , identity", "Transfer-Encoding: ch\u{0}unked",
        " Transfer-Encoding: chunked",
        "X: a\nTransfer-Encoding: chunked", "X: a\rTransfer-Encoding: chunked",
    ]

    private static let chunks: [String] = [
        "2\n{}\r\n0\r\n\r\n", "2\r\n{}\n0\r\n\r\n", "2\r\n{}0\r\n\r\n", "2\r\n{}\r\r\n0\r\n\r\n", "+2\r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        " 2\r\n{}\r\n0\r\n\r\n", "2 \r\n{}\r\n0\r\n\r\n", "2 ;a\r\n{}\r\n0\r\n\r\n", "\r\n{}\r\n0\r\n\r\n", "g\r\n{}\r\n0\r\n\r\n",
        "10000000000000002\r\n{}\r\n0\r\n\r\n", "2;a\nb\r\n{}\r\n0\r\n\r\n", "2\r\n{}\r\n0\r\nContent-Length: 4\r\n\r\n",
        "2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", "2\r\n{}\r\n0\r\nX : a\r\n\r\n", "2\r\n{}\r\n0\n\n",
    ]

    private static let heads: [String] = [
        "GET /livez HTTP/1.1\nHost: a\n\n", "GET /livez HTTP/1.1\r\nHost: a\n\r\n", "GET /livez HTTP/1.1\r\nHost: a\r\n\n",
        "GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n", "GET /livez  HTTP/1.1\r\nHost: a\r\n\r\n", "GET /livez HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET\t/livez HTTP/1.1\r\nHost: a\r\n\r\n", " GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", "GET /li vez HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /livez http/1.1\r\nHost: a\r\n\r\n", "GET /livez HTTP/1.2\r\nHost: a\r\n\r\n", "GET /livez HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /livez\r\nHost: a\r\n\r\n", "G(T /livez HTTP/1.1\r\nHost: a\r\n\r\n", "GET /liv\u{0}ez HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /livéz HTTP/1.1\r\nHost: a\r\n\r\n", get("X : a"), get("X\t: a"), get(": a"), get("X"), get("X: a\r\n b"), get("X: a\r\n\tb"),
        get(" X: a"), get("X: a\u{0}b"), get("X: a\rb"), get("X(: a"), get("X\u{7F}: a"), get("X: \u{7F}"), get("X\r\n: a"),
        "POST /api/auth/login HTTP/1.0\r\nHost: a\r\n\(chunked)\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ]

    private static let refused: [String] =
        lengths.map { post($0, body: "{}") } + encodings.map { post($0, body: "2\r\n{}\r\n0\r\n\r\n") }
        + chunks.map { post(chunked, body: $0) } + heads

    @Test(.timeLimit(.minutes(5)))
    func `HT1: what has two readings is 400 and the end, and no request after it is answered`() async throws {
        try await EdgeServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let (fast, framework) = (RawRequest.get("/api/profile", bearer), RawRequest.get("/livez"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for request in Self.refused {
                    group.addTask {
                        let alone = try await server.answers(request + fast + framework)
                        #expect(alone.statuses == [400], "\(request.debugDescription)")
                        #expect(alone.contains("malformed_http") && alone.contains("Connection: close\r\n"), "\(request.debugDescription)")
                        let after = try await server.answers(framework + fast + request + fast)
                        #expect(after.statuses == [200, 200, 400], "\(request.debugDescription)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT1: what has one reading is read, and the next request too`() async throws {
        try await EdgeServer.with { server in
            for (request, status) in [
                (Self.post("Content-Length: 2", body: "{}"), 422), (Self.post("Content-Length:  02 ", body: "{}"), 422),
                (Self.post("transfer-encoding: CHUNKED", body: "2\r\n{}\r\n0\r\n\r\n"), 422),
                (Self.post(Self.chunked, body: "1;a=\"b\";c\r\n{\r\n01\r\n}\r\n000\r\nX: a\r\n\r\n"), 422),
                (Self.get("X:"), 200), (Self.get("X:\t a b \t"), 200), ("\r\n" + Self.get("X: ü"), 200),
                (Self.get("Connection: Upgrade\r\nUpgrade: h2c\r\nupgrade: websocket"), 200),
            ] {
                let answers = try await server.answers(request + RawRequest.last)
                #expect(answers.statuses == [status, 200], "\(request.debugDescription)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT1: wherever a chunked request is cut, its answer is the same`() async throws {
        try await EdgeServer.with { server in
            let request = Array((Self.post(Self.chunked, body: "1;a\r\n{\r\n1\r\n}\r\n0\r\nX: a\r\n\r\n") + RawRequest.last).utf8)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for cut in 1..<request.count {
                    group.addTask {
                        let parts = [request[..<cut], request[cut...]].map { String(decoding: $0, as: UTF8.self) }
                        let answers = try await server.answers(parts, pause: .milliseconds(3))
                        #expect(answers.statuses == [422, 200], "cut at \(cut)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT5: beyond each limit there is an answer of its own, and at it there is none`() async throws {
        let limits = HTTPLimits()
        @Sendable func fields(_ count: Int, _ length: Int) -> String {
            (0..<count).map { _ in "X: \(String(repeating: "a", count: length - 3))\r\n" }.joined()
        }
        @Sendable func target(_ length: Int) -> String { "/livez?" + String(repeating: "&", count: length - 7) }
        try await EdgeServer.with { server in
            let bearer = "Authorization: Bearer \(try await server.token())\r\n"
            for path in ["/livez", "/api/profile"] {
                for (head, status) in [
                    (fields(1, limits.headerFieldBytes), 200), (fields(1, limits.headerFieldBytes + 1), 431), (fields(98, 10), 200),
                    (fields(99, 10), 431), (fields(3, 8000) + fields(1, 8500), 431), (fields(5, 8000), 431), (fields(3, 8000), 200),
                ] {
                    let request = "GET \(path) HTTP/1.1\r\nHost: a\r\n\(bearer)\(head)\r\n"
                    let answers = try await server.answers(request + RawRequest.last)
                    #expect(answers.statuses == [status] + (status == 200 ? [200] : []))
                }
            }
            for (length, status) in [(limits.uriBytes, 200), (limits.uriBytes + 1, 414), (100_000, 414)] {
                let answers = try await server.answers(RawRequest.get(target(length)) + RawRequest.last)
                #expect(answers.statuses.first == status && answers.contains("uri_too_long") == (status == 414), "\(length)")
            }
            // As long as each line is, and as little as it brings.
            for (count, statuses) in [(3, [200, 200]), (5, [431])] {
                let chunk = "1;\(String(repeating: "a", count: 8000))\r\nx\r\n"
                let body = String(repeating: chunk, count: count) + "0\r\n\r\n"
                let answers = try await server.answers(
                    "GET /livez HTTP/1.1\r\nHost: a\r\n\(Self.chunked)\r\n\r\n\(body)" + RawRequest.last)
                #expect(answers.statuses == statuses)
            }
            // Neither ever ends.
            do {
                let statuses = try await server.answers("GET /" + String(repeating: "a", count: 9000)).statuses
                #expect(statuses == [414])
            }
            do {
                let statuses = try await server.answers("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 9000)).statuses
                #expect(statuses == [431])
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT6: a head or a body that does not come in time is 408 and the end, on either way`() async throws {
        var limits = HTTPLimits()
        (limits.headSeconds, limits.bodySeconds) = (1, 1)
        try await EdgeServer.with(limits: limits) { server in
            let bearer = "Authorization: Bearer \(try await server.token())"
            let whole = RawRequest.get("/api/profile", bearer)
            for (request, statuses) in [
                ("G", [408]), ("GET /api/profile HTTP/1.1\r\nHost: a\r\n", [408]), (whole + "GET /api/pro", [200, 408]),
                ("GET /livez?\u{7E} HTTP/1.1\r\nX:", [408]), (RawRequest.get("/livez", "Connection: x") + "GET /", [200, 408]),
                (Self.post("Content-Length: 2", body: "{"), [408]), (Self.post(Self.chunked, body: "2\r\n{"), [408]),
                (Self.post(Self.chunked, body: "2\r\n{}\r\n0\r\n"), [408]), (whole + Self.post("Content-Length: 2"), [200, 408]),
            ] {
                let answers = try await server.answers(request)
                #expect(answers.statuses == statuses, "\(request.debugDescription)")
                #expect(answers.contains("request_timeout") && answers.contains("Connection: close\r\n"))
            }
            // One octet after another does not prolong it, and nothing that comes later is answered.
            let drops = RawRequest.get("/api/profile", bearer).map(String.init)
            do {
                let statuses = try await server.answers(drops, pause: .milliseconds(50)).statuses
                #expect(statuses == [408])
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT6: each head has its whole time, also one that began with the end of another`() async throws {
        var limits = HTTPLimits()
        limits.headSeconds = 4
        try await EdgeServer.with(limits: limits) { server in
            let (first, second) = (RawRequest.get("/livez", "Connection: x"), RawRequest.last)
            let parts = ["\(first.prefix(9))", "\(first.dropFirst(9))\(second.prefix(9))", "\(second.dropFirst(9))"]
            let statuses = try await server.answers(parts, pause: .milliseconds(2500)).statuses
            #expect(statuses == [200, 200])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HT4: what never becomes a request is answered with the headers of every answer`() async throws {
        var limits = HTTPLimits()
        limits.headSeconds = 1
        try await EdgeServer.with(limits: limits) { server in
            let (long, head) = (String(repeating: "a", count: 9000), "GET /livez HTTP/1.1\r\nHost: a\r\n")
            for (request, status) in [
                ("NONSENSE\r\n\r\n", 400), (head, 408), ("GET /\(long)", 414), (head + "X: \(long)", 431),
                (Self.post("Content-Length: 20000"), 413), (Self.get("X : a"), 400),
            ] {
                let answers = try await server.answers(request)
                #expect(answers.statuses == [status], "\(request.prefix(40).debugDescription)")
                for field in [
                    "Content-Type: application/problem+json", "X-Content-Type-Options: nosniff", "Cache-Control: no-store",
                    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'", "X-Request-Id: random", "Connection: close",
                ] {
                    #expect(answers.contains(field + "\r\n"), "\(status): \(field)")
                }
            }
        }
    }
}
