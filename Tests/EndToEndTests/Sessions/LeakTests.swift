import AuthCore
import Foundation
import ServerTestSupport
import Testing

/// Secrets that are like no others, put wherever a secret may go, right and wrong, and looked for wherever something is written.
@Suite struct LeakTests {
    @Test(.timeLimit(.minutes(5)))
    func `LG2: no password and no token is in any log, of PostgreSQL at its most talkative too, in a dump or in an error`() async throws {
        try await Cluster.with { cluster in
            try await cluster.set("log_statement", "all")
            try await cluster.set("log_min_duration_statement", "0")
            try await cluster.set("log_parameter_max_length_on_error", "-1")
            try await cluster.set("log_error_verbosity", "verbose")
            let server = try await ServerProcess.start(database: cluster.conninfo, environment: ["LOG_LEVEL": "trace"])
            defer { server.kill() }
            var canaries = Canaries(server: server)
            try await canaries.tell()
            try await cluster.query("ALTER TABLE sessions ADD CONSTRAINT sessions_refuses CHECK (false) NOT VALID")
            try await canaries.fail()
            try await cluster.query("ALTER TABLE sessions DROP CONSTRAINT sessions_refuses")
            let dump = try await Program.bash(
                #""${PG_BIN:+$PG_BIN/}pg_dump" "$DATABASE_URL""#, environment: ["DATABASE_URL": cluster.conninfo])
            try await cluster.command("stop")
            try await canaries.fail()

            let written = [
                "the server's log": try server.logText(), "PostgreSQL's log": try await cluster.logText(), "the dump": dump,
                "the errors": canaries.errors.joined(separator: "\n"),
            ]
            #expect(canaries.secrets.count > 40 && canaries.errors.count > 15)
            #expect(written["PostgreSQL's log"]?.contains(canaries.email) == true, "it tells parameters")
            #expect(written["the server's log"]?.contains("find_live_sessions") == true)
            for (place, text) in written {
                for secret in canaries.secrets { #expect(!text.contains(secret), "\(secret) is in \(place)") }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `LG3: each line of the log is one JSON object, whatever comes from outside`() async throws {
        try await ServerProcess.with(environment: ["LOG_LEVEL": "trace", "TRUSTED_PROXIES": "127.0.0.0/8"]) { server, _ in
            let hostile = [
                "\u{1B}[31m", "a\tb", "\u{2028}", "{\"level\":\"error\"}", "\"}\n{", String(repeating: "x", count: 7000), "\u{202E}",
                "%0a%0d",
            ]
            for text in hostile {
                for name in ["User-Agent", "X-Request-Id", "X-Forwarded-For", "Referer", "Cookie"] {
                    _ = try? await server.http.send("GET", "/api/profile/", headers: [(name, text)])
                }
                let path = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
                _ = try? await server.http.send("GET", "/\(path)?\(path)")
                let name = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
                _ = try await server.http.post("/api/auth/login/", json: #"{"email":\#(name),"password":\#(name),"name":\#(name)}"#)
                _ = try? await server.http.raw(Array("\(text) / HTTP/1.1\r\n\r\n".utf8))
            }
            _ = try? await server.http.raw([0x80, 0xFF, 0x00, 0x0A, 0x0D, 0x0A])
            let lines = try server.logText().split(separator: "\n")
            #expect(lines.count > hostile.count * 5)
            for line in lines {
                let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(object?["time"] != nil && object?["message"] != nil, "\(line)")
            }
        }
    }
}

/// What was put where, and what came back.
private struct Canaries {
    let server: ServerProcess
    let email = "leak.\(UUID().uuidString.lowercased())@example.org"
    private(set) var secrets: [String] = []
    private(set) var errors: [String] = []
    private var last: Person.Tokens?

    init(server: ServerProcess) {
        self.server = server
    }

    private mutating func secret(_ prefix: String = "") -> String {
        let secret = "\(prefix)canary\(UUID().uuidString.replacing("-", with: ""))"
        secrets.append(secret)
        return secret
    }

    /// All that can be said to the server with a secret in it.
    mutating func tell() async throws {
        let password = secret()
        try await post("/api/register/", #"{"email":"\#(email)","password":"\#(password)","password2":"\#(secret())"}"#)
        try await post("/api/register/", #"{"email":"nobody","password":"\#(secret())","password2":"\#(password)"}"#)
        try await post("/api/register/", #"{"email":"\#(email)","password":"\#(password)","password2":"\#(password)"}"#)
        try await post("/api/register/", #"{"email":"\#(email)","password":"\#(password)","password2":"\#(password)"}"#)
        for json in [
            #"{"email":"\#(email)","password":"\#(secret())"}"#, #"{"email":"x\#(email)","password":"\#(secret())"}"#,
            #"{"email":"\#(email)","password":"\#(secret())","other":"\#(secret())"}"#,
            #"{"email":"\#(email)","password":["\#(secret())"]}"#,
            #"{"email":"\#(email)","password":"\#(secret())\#(String(repeating: "x", count: 300))"}"#,
            #"{"email":"\#(email)","password":"\#(secret())","#, #"{"password":"\#(secret())","password":"\#(secret())"}"#,
        ] { try await post("/api/auth/login/", json) }
        let opened = try #require(try await logIn(password))
        keep(opened)
        let reply = try await post("/api/auth/refresh/", #"{"refresh_token":"\#(opened.refresh)"}"#)
        let renewed = try #require(Person.Tokens(reply))
        keep(renewed)
        try await present(unknownTokens() + [secret("aat_"), secret("art_"), secret()])
        try await presentElsewhere()
        try await post("/api/logout/", nil, bearer: renewed.access)
        last = try await logIn(password)
        if let last { keep(last) }
    }

    /// The same with a database that refuses, or is away.
    mutating func fail() async throws {
        try await post("/api/auth/login/", #"{"email":"\#(email)","password":"\#(secret())"}"#)
        let password = secret()
        try await post("/api/register/", #"{"email":"x\#(email)","password":"\#(password)","password2":"\#(password)"}"#)
        if let last {
            try await post("/api/auth/refresh/", #"{"refresh_token":"\#(last.refresh)"}"#)
            try await post("/api/logout/", nil, bearer: last.access)
        }
        try await present(unknownTokens())
    }

    private mutating func logIn(_ password: String) async throws -> Person.Tokens? {
        Person.Tokens(try await post("/api/auth/login/", #"{"email":"\#(email)","password":"\#(password)"}"#))
    }

    private mutating func present(_ tokens: [String]) async throws {
        for token in tokens {
            for path in ["/api/profile/", "/api/auth/verify/", "/api/sessions/"] {
                note(try await server.http.get(path, bearer: token))
            }
            try await post("/api/auth/refresh/", nil, bearer: token)
            try await post("/api/auth/refresh/", #"{"refresh_token":"\#(token)"}"#)
        }
    }

    private mutating func presentElsewhere() async throws {
        note(try await server.http.get("/api/profile/?access_token=\(secret("aat_"))"))
        note(try await server.http.get("/\(secret("aat_"))"))
        note(try await server.http.send("GET", "/api/profile/", headers: [("Cookie", "session=\(secret())")]))
        note(try await server.http.send("GET", "/api/profile/", headers: [("Authorization", "Basic \(secret())")]))
        let basic = Data("orders:\(secret("acs_"))".utf8).base64EncodedString()
        secrets.append(basic)
        for path in ["/api/auth/introspect/", "/api/auth/revoke/"] {
            note(
                try await server.http.send(
                    "POST", path, headers: [("Authorization", "Basic \(basic)"), ("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array("token=\(secret("aat_"))".utf8)))
        }
        let bad = try await server.http.raw(Array("GET /api/profile/ HTTP/1.1\r\nHost: x\r\nAuthorization Bearer \(secret())\r\n\r\n".utf8))
        errors.append(String(decoding: bad, as: UTF8.self))
    }

    /// Of the right form, for a session that is not there.
    private mutating func unknownTokens() -> [String] {
        let id = IdentifierGenerator(clock: FixedClock()).user(routing: .random())
        let session = IdentifierGenerator(clock: FixedClock()).session(of: id)
        let access = AccessToken(sessionID: session, generation: .first, secret: .random()).reveal()
        secrets.append(access)
        return [access]
    }

    private mutating func keep(_ tokens: Person.Tokens) {
        secrets += [tokens.access, tokens.refresh]
        for secret in [AccessToken(tokens.access)!.secret, RefreshToken(tokens.refresh)!.secret] {
            secrets += [secret.array.map { String(format: "%02x", $0) }.joined(), Data(secret.array).base64EncodedString()]
        }
    }

    @discardableResult
    private mutating func post(_ path: String, _ json: String?, bearer: String? = nil) async throws -> Loopback.Reply {
        let reply = try await Person.retrying(tries: 2) { try await server.http.post(path, bearer: bearer, json: json) }
        note(reply)
        return reply
    }

    private mutating func note(_ reply: Loopback.Reply) {
        guard reply.status >= 400 else { return }
        errors.append(reply.headers.map { "\($0.name): \($0.value)\n" }.joined() + reply.body)
    }
}

private struct FixedClock: WallClock {
    func now() -> Timestamp { Timestamp(microseconds: 1_767_225_600_000_000) }
}
