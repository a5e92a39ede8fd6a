import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// Real proxies under the configurations of deploy/, in front of an app that believes every header it gets.
@Suite(.serialized) struct ProxyTests {
    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `the app learns who it is, and nothing with which to be them`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            let (reply, reached) = try await guarded.requests { try await guarded.send("GET", "/orders/7?page=2") }
            #expect(reply.status == 200 && reply.body == "the app's own")
            let request = try #require(reached.first)
            #expect(reached.count == 1 && request.line == "GET /orders/7?page=2 HTTP/1.1")
            Self.expectIdentity(of: guarded, in: request)
            #expect(request.values("Authorization").isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `an address beyond ASCII arrives as ASCII, percent-encoded`(kind: ProxyProcess.Kind) async throws {
        try await ServerProcess.with { server, _ in
            try await Guarded.with(kind, server) { guarded in
                let person = Person("jürgen.ß+東京@bücher.example", on: server)
                #expect(try await person.registration().status == 201)
                let token = try await person.tokens().access
                let (reply, reached) = try await guarded.requests { try await guarded.send(authorization: ["Bearer \(token)"]) }
                #expect(reply.status == 200)
                #expect(reached.map { $0.values("X-Auth-Email") } == [["j%C3%BCrgen.%C3%9F+%E6%9D%B1%E4%BA%AC@b%C3%BCcher.example"]])
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `FA1: no valid token is 401 with a challenge, and the app never hears of it`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            let access = guarded.tokens.access
            let revoked = try await guarded.person.tokens().access
            #expect(try await guarded.person.http.post("/api/logout/", bearer: revoked).status == 204)
            let refused: [[String]] = [
                [], ["Bearer"], ["Bearer "], ["Bearer garbage"], ["Bearer \(revoked)"], ["Bearer \(guarded.tokens.refresh)"],
                ["Basic \(access)"], [access], ["Bearer \(access)x"], ["Bearer \(access), Bearer \(access)"], ["Bearer \u{1}\(access)"],
                ["Bearer \u{7F}"], ["Bearer ü"], ["Bearer " + String(repeating: "A", count: 5000)],
            ]
            let (_, reached) = try await guarded.requests {
                for authorization in refused {
                    let reply = try await guarded.send(authorization: authorization)
                    #expect(reply.status == 401, "\(authorization)")
                    #expect(reply["WWW-Authenticate"]?.hasPrefix("Bearer") == true, "\(authorization)")
                    Self.expectProblem(reply, reply["WWW-Authenticate"] == "Bearer" ? "missing_token" : "invalid_token")
                }
                // nginx itself refuses two, as RFC 6750 §3.1 has it: 400.
                let two = try await guarded.send(authorization: ["Bearer \(access)", "Bearer \(access)"])
                #expect(two.status == (kind == .nginx ? 400 : 401))
                for path in ["/?access_token=\(access)", "/_verify", "/api/auth/verify/?access_token=\(access)"] {
                    let cookie = [("Cookie", "access_token=\(access)"), ("X-Auth-Token", access)]
                    #expect([401, 404].contains(try await guarded.send("GET", path, authorization: [], headers: cookie).status))
                }
            }
            #expect(reached.isEmpty)
        }
    }

    /// What a client may try in order to be taken for somebody else.
    private static let forgeries: [String] =
        ["User-Id", "Email", "Session-Id"].flatMap { name -> [String] in
            let (hyphens, underscores) = ("X-Auth-\(name)", "X_Auth_\(name.replacing("-", with: "_"))")
            return [
                "\(hyphens): forged", "\(hyphens.lowercased()): forged", "\(hyphens.uppercased()):forged", "\(underscores): forged",
                "\(underscores.uppercased()): forged", "X-Auth_\(name): forged", "x_auth-\(name.lowercased()): forged",
                "\(hyphens): forged\r\n\(hyphens): forged\r\n\(underscores): forged", "\(hyphens):", "\(underscores):",
                "\(hyphens): \t forged \t ", "\(hyphens) : forged", "\(hyphens)\t: forged", " \(hyphens): forged",
                "X-Harmless: 1\r\n \(hyphens): forged", "X-Harmless: 1\r\n\t\(hyphens): forged", "\(hyphens): forged\r\n again",
                "Connection: \(hyphens)", "Connection: close, \(hyphens.lowercased())", "Connection: \(hyphens)\r\n\(hyphens): forged",
                "Connection: keep-alive\r\nConnection: \(hyphens)", "X-Harmless: 1\n\(hyphens): forged",
                "X-Harmless: 1\r\(hyphens): forged",
                "\(hyphens): \u{FC}forged", "Trailer: \(hyphens)", "\(hyphens)\0: forged",
            ]
        }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `FA2: no spelling of an identity header survives`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            for forgery in Self.forgeries {
                let head = "GET / HTTP/1.1\r\nHost: app\r\n\(forgery)\r\nConnection: close\r\n"
                let anonymous = try await guarded.requests { try await guarded.http.exchange(Array("\(head)\r\n".utf8)) }
                #expect([400, 401].contains(anonymous.0.status) && anonymous.1.isEmpty, "\(forgery.debugDescription)")
                let bearer = "Authorization: Bearer \(guarded.tokens.access)\r\n\r\n"
                let (reply, reached) = try await guarded.requests { try await guarded.http.exchange(Array((head + bearer).utf8)) }
                #expect(
                    (reply.status == 200 && reached.count == 1) || (reply.status == 400 && reached.isEmpty), "\(forgery.debugDescription)")
                for request in reached { Self.expectIdentity(of: guarded, in: request, after: forgery) }
            }
            // Most are cleaned and let through, not refused: otherwise this would show little.
            #expect(guarded.app.requests.count > Self.forgeries.count / 2)
        }
    }

    /// Every character that a name may have (RFC 9110 §5.6.2), in the place of each hyphen, of all of them, and beside them.
    private static let forgedNames: [String] = "!#$%&'*+-.^_`|~09aZ".flatMap { character -> [String] in
        ["User-Id", "Email", "Session-Id"].flatMap { name in
            [
                "X-Auth\(character)\(name)", "X\(character)Auth-\(name)", "X-Auth-\(name.replacing("-", with: String(character)))",
                "X-Auth-\(name)".replacing("-", with: String(character)), "\(character)X-Auth-\(name)", "X-Auth-\(name)\(character)",
            ]
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `FA2: no name is left that CGI would make an identity header of`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            for name in Self.forgedNames + ["X~Auth!User|Id", "x.auth^user`id"] {
                let (reply, reached) = try await guarded.requests { try await guarded.send(headers: [(name, "forged")]) }
                #expect(reply.status == 200 && reached.count == 1, "\(name)")
                for request in reached { Self.expectIdentity(of: guarded, in: request, after: name) }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `FA2: no trailer reaches an app that reads it as a header`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            for field in ["X-Auth-User-Id: forged", "X_Auth_Email: forged", "X~Auth-Session.Id: forged", "Authorization: Bearer forged"] {
                let head = "POST / HTTP/1.1\r\nHost: app\r\nAuthorization: Bearer \(guarded.tokens.access)\r\nConnection: close\r\n"
                let body = "Transfer-Encoding: chunked\r\nTrailer: X-Auth-User-Id\r\n\r\n4\r\nbody\r\n0\r\n\(field)\r\n\r\n"
                let (reply, reached) = try await guarded.requests { try await guarded.http.exchange(Array((head + body).utf8)) }
                #expect(kind == .nginx ? reply.status == 200 && reached.count == 1 : reply.status == 411 && reached.isEmpty, "\(field)")
                for request in reached {
                    Self.expectIdentity(of: guarded, in: request, after: field)
                    #expect(request.values("Authorization").isEmpty && request.body == Array("body".utf8))
                }
            }
        }
    }

    /// HAProxy changes to HTTP/2 without negotiation unless it is told not to, and passes trailers of HTTP/2 on.
    @Test(.timeLimit(.minutes(2)), arguments: ProxyProcess.Kind.allCases)
    func `FA2: no trailer of HTTP 2 reaches an app that reads it as a header`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            let fields = [
                (":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "app"),
                ("authorization", "Bearer \(guarded.tokens.access)"),
            ]
            let message = HTTP2Message(fields: fields, body: "body", trailers: [("x-auth-user-id", "forged"), ("x~auth!email", "forged")])
            let proxy = Loopback(port: guarded.http.port, timeout: .seconds(2))
            let (_, reached) = try await guarded.requests { try? await proxy.raw(message.octets) }
            #expect(reached.isEmpty)
        }
    }

    /// The proxy's refusal is a problem document (RFC 9457).
    static func expectProblem(_ reply: Loopback.Reply, _ code: String) {
        #expect(reply["Content-Type"] == "application/problem+json", "\(reply)")
        #expect(reply.json("code") == code && reply.json("type") == "urn:auth-api:problem:\(code)", "\(reply)")
        #expect(reply["X-Request-Id"] != nil && reply.json("request_id") == reply["X-Request-Id"], "\(reply)")
        #expect(reply.headers.count { $0.name.lowercased() == "www-authenticate" } == (reply.status == 401 ? 1 : 0), "\(reply)")
        #expect(reply["Cache-Control"] == "no-store", "\(reply)")
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `a refusal says what auth-api itself would say`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            for authorization in [[], ["Bearer x"]] {
                let (told, own) = (
                    try await guarded.send(authorization: authorization),
                    try await guarded.person.http.get("/api/auth/verify/", bearer: authorization.isEmpty ? nil : "x")
                )
                #expect(told["WWW-Authenticate"] == own["WWW-Authenticate"])
                for name in ["code", "detail", "title", "type"] { #expect(told.json(name) != nil && told.json(name) == own.json(name)) }
                #expect(told.body.contains("\"status\":401") && own.body.contains("\"status\":401"))
            }
        }
    }

    private static let preflight = [("Origin", "https://app.example.org"), ("Access-Control-Request-Method", "PUT")]

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `FA1, FA2: a preflight reaches the app as nobody, and nothing else does without a token`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            let forged = [("X-Auth-User-Id", "forged"), ("X_Auth_Email", "forged")]
            for authorization in [[], ["Bearer \(guarded.tokens.access)"], ["Bearer x"]] {
                let (reply, reached) = try await guarded.requests {
                    try await guarded.send("OPTIONS", "/orders", authorization: authorization, headers: Self.preflight + forged)
                }
                #expect(reply.status == 200 && reached.map(\.line) == ["OPTIONS /orders HTTP/1.1"])
                let identity = reached.flatMap(\.headers).filter { EchoApp.Request.folded($0.name).contains("auth") }
                #expect(identity.isEmpty, "\(identity)")
                #expect(reached.flatMap { $0.values("Access-Control-Request-Method") } == ["PUT"])
            }
            let (_, reached) = try await guarded.requests {
                for (method, fields) in [
                    ("OPTIONS", [Self.preflight[0]]), ("OPTIONS", [Self.preflight[1]]), ("OPTIONS", []), ("GET", Self.preflight),
                    ("PUT", Self.preflight),
                ] {
                    let reply = try await guarded.send(method, "/", authorization: [], headers: fields)
                    #expect(reply.status == 401, "\(method) \(fields)")
                }
            }
            #expect(reached.isEmpty)
        }
    }

    private static func expectIdentity(of guarded: Guarded, in request: EchoApp.Request, after forgery: String = "") {
        let comment: Comment = "\(forgery.debugDescription): \(request.headers)"
        #expect(request.values("X-Auth-Session-Id") == [guarded.tokens.sessionID], comment)
        #expect(request.values("X-Auth-Email") == [guarded.person.email], comment)
        #expect(request.values("X-Auth-User-Id").compactMap(UUID.init).count == 1, comment)
        let names = ["x-auth-user-id", "x-auth-email", "x-auth-session-id"]
        #expect(request.headers.map { EchoApp.Request.folded($0.name) }.filter(names.contains).sorted() == names.sorted(), comment)
        #expect(!request.values("Connection").contains { $0.lowercased().contains("auth") }, comment)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `FA3: neither method, path, headers nor body have a say, and we get none of them`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            let body = Array(repeating: UInt8(ascii: "b"), count: 1_048_576)
            let headers = [
                ("User-Agent", "ELB-HealthChecker/2.0"), ("User-Agent", "kube-probe/1.31"), ("User-Agent", "GoogleHC/1.0"),
                ("X-Original-URI", "/livez"), ("X-Original-URL", "/livez"), ("X-Rewrite-URL", "/livez"), ("X-Original-Method", "OPTIONS"),
                ("X-Forwarded-Uri", "/livez"), ("X-Forwarded-Method", "OPTIONS"), ("X-Forwarded-Host", "trusted"),
                ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "https"), ("X-HTTP-Method-Override", "OPTIONS"),
                ("Forwarded", "for=127.0.0.1"), ("Upgrade", "websocket"), ("Expect", "nothing"),
                ("Cookie", "session=\(guarded.tokens.access)"),
            ]
            let methods = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"]
            let tries: [(method: String, path: String, header: (String, String)?, body: [UInt8]?)] =
                methods.map { ($0, "/secret-path", nil, nil) } + headers.map { ("GET", "/secret-path", $0, nil) } + [
                    ("POST", "/", nil, body), ("PUT", "/", nil, body), ("GET", "/livez", nil, nil), ("GET", "//", nil, nil),
                    ("GET", "/../api/auth/verify/", nil, nil), ("GET", "/%2e%2e/livez?x=/api/auth/verify", nil, nil),
                ]
            for attempt in tries {
                let headers = attempt.header.map { [$0] } ?? []
                func send(_ authorization: [String]?) async throws -> (Loopback.Reply, [EchoApp.Request]) {
                    try await guarded.requests {
                        try await guarded.send(
                            attempt.method, attempt.path, authorization: authorization, headers: headers, body: attempt.body)
                    }
                }
                let comment: Comment = "\(attempt.method) \(attempt.path) \(headers)"
                let refused = try await send([])
                #expect([400, 401, 417].contains(refused.0.status) && refused.1.isEmpty, comment)
                let (reply, reached) = try await send(nil)
                guard ![400, 417].contains(reply.status) else { continue }
                #expect(reply.status == 200 && reached.map(\.line) == ["\(attempt.method) \(attempt.path) HTTP/1.1"], comment)
                #expect(reached.first?.body.count == attempt.body?.count ?? 0, comment)
            }
            #expect(guarded.app.requests.count > tries.count - 3)
            let heard = Set(
                guarded.wiretap.sent.split(separator: "\r\n").filter { !$0.isEmpty }.map { $0.split(separator: " ")[0].lowercased() })
            #expect(heard.isSubset(of: ["get", "head", "host:", "authorization:", "x-request-id:", "user-agent:", "accept:"]))
            for secret in ["secret-path", "kube-probe", "livez", "session=", "bbbbbbbb"] { #expect(!guarded.wiretap.sent.contains(secret)) }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `what the app answers is its own, errors too`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            for status in [200, 401, 403, 404, 500, 503] {
                let reply = try await guarded.send("GET", "/answer/\(status)")
                #expect(reply.status == status && reply["X-App"] == "yes" && reply.body == "the app's own")
                #expect(reply["Retry-After"] == nil && reply["WWW-Authenticate"] == nil)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `a token is refused from its logout on`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            for _ in 0..<10 {
                let token = try await guarded.person.tokens().access
                #expect(try await guarded.send(authorization: ["Bearer \(token)"]).status == 200)
                #expect(try await guarded.person.http.post("/api/logout/", bearer: token).status == 204)
                #expect(try await guarded.send(authorization: ["Bearer \(token)"]).status == 401)
            }
            #expect(guarded.app.requests.count == 10)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `connections to us are kept, whatever we answer`(kind: ProxyProcess.Kind) async throws {
        try await Guarded.with(kind) { guarded in
            for number in 0..<200 {
                let isValid = number.isMultiple(of: 2)
                let reply = try await guarded.send(authorization: isValid ? nil : ["Bearer x"])
                #expect(reply.status == (isValid ? 200 : 401))
            }
            #expect((1...4).contains(guarded.wiretap.connections), "one for each worker or thread, and one more for a race of two")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ProxyProcess.Kind.allCases)
    func `FA1: doubt is 503 with Retry-After, soon, and the app never hears of it`(kind: ProxyProcess.Kind) async throws {
        try await Cluster.with { cluster in
            let server = try await ServerProcess.start(database: cluster.conninfo)
            defer { server.kill() }
            try await Guarded.with(kind, server) { guarded in
                #expect(try await guarded.send().status == 200)
                try await cluster.command("stop")
                try await guarded.expectDoubt("no database")
                #expect(try await guarded.send(authorization: []).status == 401)
                try await cluster.command("start")
                #expect(try await Person.retrying { try await guarded.send() }.status == 200)
                server.freeze()
                try await guarded.expectDoubt("a frozen server")
                server.thaw()
                #expect(try await Person.retrying { try await guarded.send() }.status == 200)
                server.kill()
                try await guarded.expectDoubt("a killed server")
                try await guarded.expectDoubt("no server")
            }
        }
    }
}
