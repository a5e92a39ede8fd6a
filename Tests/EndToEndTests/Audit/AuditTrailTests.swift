import AuthCore
import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

@Suite struct AuditTrailTests {
    private static let userAgent = "audit-test/1.0"
    private static let password = "plum tree over the wall 7"

    @Test(.timeLimit(.minutes(5)))
    func `LG1: psql shows exactly what happened, from where, in which request`() async throws {
        try await ServerProcess.with { server, database in
            try await Self.story(on: server)
            let events = try await database.query(
                "SELECT type, outcome, email, ip, user_agent, request_id FROM audit.events ORDER BY occurred_at")
            let expected = [
                ("user_created", "success", "story-1"), ("authn_login_fail", "failure", "story-2"),
                ("authn_login_success", "success", "story-3"),
                ("session_renewed", "success", "story-4"), ("authn_token_revoked", "success", "story-5"),
            ].map { [$0.0, $0.1, "ada@example.org", "127.0.0.1", Self.userAgent, $0.2] as [String?] }
            #expect(events == expected)
            let session = try #require(try await database.value("SELECT session_id FROM audit.sessions"))
            let environment = ["DATABASE_URL": database.conninfo]
            let happened = try await Program.bash(
                #"psql -XAt "$DATABASE_URL" -f sql/audit/what-happened.sql | cut -d'|' -f2"#, environment: environment)
            #expect(happened.split(separator: "\n").reversed() == expected.map { Substring($0[0]!) })
            let life = try await Program.bash(
                #"psql -XAt "$DATABASE_URL" -v session=\#(session) -f sql/audit/session-life.sql | cut -d'|' -f2"#, environment: environment
            )
            #expect(life.split(separator: "\n") == ["ada@example.org", "authn_login_success", "session_renewed", "authn_token_revoked"])
            let failed = try await Program.bash(#"psql -XAt "$DATABASE_URL" -f sql/audit/failed-logins.sql"#, environment: environment)
            #expect(failed.hasPrefix("ada@example.org|127.0.0.1|1|"))
            let signedIn = try await Program.bash(#"psql -XAt "$DATABASE_URL" -f sql/audit/signed-in.sql"#, environment: environment)
            #expect(signedIn == "")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `SE2: a dump of the database holds neither the password nor a token, and no value of it lets anybody in`() async throws {
        try await ServerProcess.with { server, database in
            let secrets = try await Self.story(on: server)
            let (_, live) = try await Person.signedIn(on: server)
            let dump = try await Program.bash(
                #""${PG_BIN:+$PG_BIN/}pg_dump" "$DATABASE_URL""#, environment: ["DATABASE_URL": database.conninfo])
            #expect(dump.contains("ada@example.org"))
            for secret in secrets + [live.access, live.refresh, Person.password] + Self.octets(of: live) {
                #expect(!dump.contains(secret))
            }
            let log = try server.logText()
            for secret in secrets + [live.access, live.refresh, Person.password] { #expect(!log.contains(secret)) }

            let hash = try #require(try await database.value("SELECT password_hash FROM users LIMIT 1"))
            #expect(try await Person("ada@example.org", on: server).login(password: hash).status == 401)
            for token in try Self.tokens(madeOf: dump, like: live) {
                #expect(try await server.http.get("/api/profile/", bearer: token).status == 401)
                #expect(try await server.http.post("/api/auth/refresh/", bearer: token).status == 401)
            }
            #expect(try await server.http.get("/api/profile/", bearer: live.access).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `LG1: what is refused is in the trail as what succeeds is`() async throws {
        try await ServerProcess.with { server, database in
            let (person, first) = try await Person.signedIn(on: server)
            #expect(try await person.registration().status == 409)
            #expect(try await person.login(password: "wrong").status == 401)
            #expect(try await Person("nobody@example.org", on: server).login(password: "wrong").status == 401)
            let second = try #require(Person.Tokens(try await person.http.post("/api/auth/refresh/", bearer: first.refresh)))
            _ = try #require(Person.Tokens(try await person.http.post("/api/auth/refresh/", bearer: second.refresh)))
            #expect(try await person.http.post("/api/auth/refresh/", bearer: first.refresh).status == 401)
            let reply = try await server.http.send(
                "POST", "/api/auth/introspect/",
                headers: [
                    ("Authorization", "Basic \(Data("billing:wrong".utf8).base64EncodedString())"),
                    ("Content-Type", "application/x-www-form-urlencoded"),
                ], body: Array("token=x".utf8))
            #expect(reply.status == 401)
            let failures = try await database.query(
                """
                SELECT type, coalesce(details ->> 'email', details ->> 'client', 'of a session'), host(ip), user_id IS NOT NULL
                FROM audit.events WHERE outcome = 'failure' ORDER BY occurred_at
                """)
            #expect(
                failures == [
                    ["user_created", person.email, "127.0.0.1", "f"], ["authn_login_fail", person.email, "127.0.0.1", "t"],
                    ["authn_login_fail", "nobody@example.org", "127.0.0.1", "f"], ["authn_token_reuse", "of a session", "127.0.0.1", "t"],
                    ["client_authn_fail", "billing", "127.0.0.1", "f"],
                ])
        }
    }

    /// Register, a failed login, a login, a refresh, a logout.
    ///
    /// - Returns: every secret that was in it.
    @discardableResult
    private static func story(on server: ServerProcess) async throws -> [String] {
        var number = 0
        func post(_ path: String, bearer: String? = nil, _ json: String? = nil) async throws -> Loopback.Reply {
            number += 1
            var headers = [("Content-Type", "application/json"), ("User-Agent", userAgent), ("X-Request-Id", "story-\(number)")]
            if let bearer { headers.append(("Authorization", "Bearer \(bearer)")) }
            let reply = try await server.http.send("POST", path, headers: headers, body: json.map { Array($0.utf8) })
            #expect(reply["X-Request-Id"] == "story-\(number)")
            return reply
        }
        let registered = try await post(
            "/api/register/", #"{"email":"ada@example.org","password":"\#(password)","password2":"\#(password)"}"#)
        #expect(registered.status == 201)
        let failed = try await post("/api/auth/login/", #"{"email":"ada@example.org","password":"wrong \#(password)"}"#)
        #expect(failed.status == 401)
        let login = try #require(
            Person.Tokens(try await post("/api/auth/login/", #"{"email":"ADA@example.org","password":"\#(password)"}"#)))
        let renewed = try #require(Person.Tokens(try await post("/api/auth/refresh/", #"{"refresh_token":"\#(login.refresh)"}"#)))
        let loggedOut = try await post("/api/logout/", bearer: renewed.access)
        #expect(loggedOut.status == 204)
        return [password, login.access, login.refresh, renewed.access, renewed.refresh] + octets(of: login) + octets(of: renewed)
    }

    /// The secrets inside the tokens, as a database would print them.
    private static func octets(of tokens: Person.Tokens) -> [String] {
        [AccessToken(tokens.access)!.secret, RefreshToken(tokens.refresh)!.secret].flatMap { secret in
            [secret.array.map { String(format: "%02x", $0) }.joined(), Data(secret.array).base64EncodedString()]
        }
    }

    /// Token strings of the right form, for the live session, with each 32-byte value of the dump for a secret.
    private static func tokens(madeOf dump: String, like live: Person.Tokens) throws -> [String] {
        let access = try #require(AccessToken(live.access))
        let refresh = try #require(RefreshToken(live.refresh))
        let values = Set(dump.matches(of: /\\x([0-9a-f]{64})/).map { String($0.1) })
        #expect(values.count >= 6)
        return values.flatMap { value in
            let secret = Octets32(Array(Data(hexadecimal: value)))!
            return [
                AccessToken(sessionID: access.sessionID, generation: access.generation, secret: secret).reveal(),
                RefreshToken(sessionID: refresh.sessionID, generation: refresh.generation, secret: secret, tag: refresh.tag).reveal(),
            ]
        }
    }
}

extension Data {
    fileprivate init(hexadecimal text: String) {
        let digits = Array(text)
        self.init(stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! })
    }
}
