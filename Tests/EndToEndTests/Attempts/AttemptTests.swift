import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// Guessing, over HTTP. The server trusts this machine for a proxy, so that a test can come from anywhere.
@Suite struct AttemptTests {
    private static func with(
        _ environment: [String: String] = [:], _ body: (ServerProcess, TestDatabase) async throws -> Void
    ) async throws {
        let settings = ["TRUSTED_PROXIES": "127.0.0.0/8", "ATTEMPTS_PER_NETWORK": "300"].merging(environment) { $1 }
        try await ServerProcess.with(environment: settings, body)
    }

    private static func login(
        _ server: ServerProcess, _ email: String, _ password: String = "wrong", from ip: String, bearer: String? = nil
    ) async throws -> Loopback.Reply {
        try await Person.retrying { try await loginOnce(server, email, password, from: ip, bearer: bearer) }
    }

    private static func loginOnce(
        _ server: ServerProcess, _ email: String, _ password: String = "wrong", from ip: String, bearer: String? = nil
    ) async throws -> Loopback.Reply {
        try await server.http.send(
            "POST", "/api/auth/login/",
            headers: [("Content-Type", "application/json"), ("X-Forwarded-For", ip)]
                + (bearer.map { [("Authorization", "Bearer \($0)")] } ?? []),
            body: Array(#"{"email":"\#(email)","password":"\#(password)"}"#.utf8))
    }

    private static func expectRefusal(_ reply: Loopback.Reply, atMost seconds: Int) {
        #expect(reply.status == 429 && reply.json("code") == "too_many_attempts", "\(reply.status) \(reply.body)")
        let wait = reply["Retry-After"].flatMap(Int.init) ?? 0
        #expect((1...seconds).contains(wait))
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL2, RL5: two hundred parallel guesses from everywhere are refused, and the owner gets in from a network of before`() async throws
    {
        try await Self.with { server, database in
            let person = Person(on: server)
            #expect(try await person.registration().status == 201)
            let home = "203.0.113.5"
            let tokens = try #require(Person.Tokens(try await Self.login(server, person.email, Person.password, from: home)))
            let start = ContinuousClock.now
            let statuses = try await concurrently(200) { number in
                try await Self.login(server, person.email, from: "198.51.\(number).1").status
            }
            // Five, and one more at the end of each wait: of one second, of two, of four.
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let evaluated = statuses.filter { $0 == 401 }.count
            #expect(evaluated >= 5 && Double(evaluated) <= 5 + log2(seconds + 1))
            #expect(statuses.filter { $0 == 429 }.count == 200 - evaluated)
            let audited = try await database.value("SELECT count(*) FROM audit.events WHERE type = 'authn_login_fail'")
            #expect(audited == "\(evaluated)")
            // The attacker goes on until somebody has to wait long enough for what follows.
            while try await database.value("SELECT max(failures) < 10 FROM login_failures") == "t" {
                _ = try await Self.login(server, person.email, from: "198.51.1.2")
                try await database.query("UPDATE login_failures SET blocked_until = now() WHERE failures < 10")
            }
            Self.expectRefusal(try await Self.login(server, person.email, Person.password, from: "198.51.100.1"), atMost: 32)
            #expect(try await Self.login(server, person.email, Person.password, from: home).status == 200)
            #expect(try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL6: a count survives kill -9, and RL3: it is one for all spellings of an address`() async throws {
        try await TestDatabase.with { database in
            let spellings = ["ada@example.org", "ADA@example.org", "Ada@EXAMPLE.ORG", "ada@Example.org"]
            let first = try await ServerProcess.start(database: database.conninfo)
            for email in spellings { #expect(try await Person(email, on: first).login(password: "wrong").status == 401) }
            first.kill()
            let second = try await ServerProcess.start(database: database.conninfo)
            defer { second.kill() }
            let person = Person("aDa@example.org", on: second)
            #expect(try await person.login(password: "wrong").status == 401)
            Self.expectRefusal(try await person.login(password: "wrong"), atMost: 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL8: fifty right logins in parallel all succeed`() async throws {
        try await Self.with { server, _ in
            let person = Person(on: server)
            #expect(try await person.registration().status == 201)
            let statuses = try await concurrently(50) { _ in try await Person.retrying { try await person.login() }.status }
            #expect(statuses == Array(repeating: 200, count: 50))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `EN1, EN5: an account and none are told the same, byte for byte, before the limit and beyond it`() async throws {
        try await Self.with { server, _ in
            let person = Person("a.person@example.org", on: server)
            #expect(try await person.registration().status == 201)
            var answers: [String: [String]] = [:]
            for email in [person.email, "no.person@example.org"] {
                for _ in 0..<8 {
                    let reply = try await Self.login(server, email, from: "198.51.100.\(email.utf8.count)")
                    let masked = reply.body.replacing(try #require(reply.json("request_id")), with: "-")
                    answers[email, default: []].append("\(reply.status) \(reply["Retry-After"] ?? "") \(masked)")
                }
            }
            #expect(answers[person.email] == answers["no.person@example.org"])
            #expect(answers[person.email]?.last?.hasPrefix("429 1 ") == true)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL1: after a hundred failures there is one attempt in an hour, or an operator unlocks the account`() async throws {
        try await Self.with { server, database in
            let person = Person(on: server)
            #expect(try await person.registration().status == 201)
            _ = try await Self.login(server, person.email, from: "198.51.100.1")
            let hundredth = try await Person.retrying {
                // A busy machine may answer 503, after which the attempt may be counted.
                try await database.query(
                    "UPDATE login_failures SET failures = 99, blocked_until = '-infinity', forgotten_at = now() + interval '99 days'")
                return try await Self.loginOnce(server, person.email, from: "198.51.100.2")
            }
            #expect(hundredth.status == 401)
            Self.expectRefusal(try await Self.login(server, person.email, Person.password, from: "198.51.100.3"), atMost: 3600)
            let blocked = try await database.query(
                "SELECT email, network, failures, blocked_until <= now() + interval '1 hour' FROM audit.blocked_logins")
            #expect(blocked == [[person.email, nil, "100", "t"]])
            let types = "SELECT type FROM audit.events WHERE type LIKE 'authn_login%' ORDER BY occurred_at, type"
            #expect(try await database.query(types) == [["authn_login_fail"], ["authn_login_fail"], ["authn_login_lock"]])
            let environment = ["DATABASE_URL": database.conninfo, "SQL_DIRECTORY": TestDatabase.sqlDirectory]
            let unlocked = try await Program.run(
                try Repository.server.path, ["user", "unlock", person.email.uppercased()], environment: environment)
            #expect(unlocked.status == 0 && unlocked.output.contains("unlocked \(person.email)"))
            #expect(try await Self.login(server, person.email, Person.password, from: "198.51.100.3").status == 200)
        }
    }

    /// The neighbours are behind the same address and guess without pause.
    @Test(.timeLimit(.minutes(5)))
    func `RL5: four neighbours who guess keep no device out that has a live session`() async throws {
        try await Self.with { server, _ in
            let person = Person(on: server)
            #expect(try await person.registration().status == 201)
            let home = "203.0.113.5"
            let tokens = try #require(Person.Tokens(try await Self.login(server, person.email, Person.password, from: home)))
            let attack = Task {
                try await concurrently(4) { _ in
                    while !Task.isCancelled { _ = try await Self.login(server, person.email, from: home) }
                }
            }
            try await Task.sleep(for: .seconds(2))
            var statuses: [Int] = []
            for _ in 0..<15 {
                statuses.append(try await Self.login(server, person.email, Person.password, from: home, bearer: tokens.access).status)
            }
            attack.cancel()
            _ = try? await attack.value
            #expect(statuses == Array(repeating: 200, count: 15))
            #expect(try await Self.login(server, person.email, Person.password, from: home, bearer: "aat_none").status == 429)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL5: what was tried at an address before it was registered does not keep its owner out`() async throws {
        try await Self.with { server, database in
            let person = Person(on: server)
            for number in 0..<5 { _ = try await Self.login(server, person.email, from: "198.51.\(number).1") }
            try await database.query(
                "UPDATE login_failures SET failures = 100, blocked_until = now() + interval '1 hour', forgotten_at = now() + interval '100 days'"
            )
            #expect(try await person.registration().status == 201)
            #expect(try await Self.login(server, person.email, Person.password, from: "203.0.113.77").status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RL7, IN1: registrations, bad refresh tokens and bad client secrets of one address are few, and each says when to come again`()
        async throws
    {
        try await Self.with(["ATTEMPTS_PER_NETWORK": "20"]) { server, _ in
            for number in 0..<3 {
                let registered = try await Person(on: server).registration()
                let refreshed = try await server.http.post("/api/auth/refresh/", bearer: "art_guess")
                let asked = try await server.http.send(
                    "POST", "/api/auth/introspect/",
                    headers: [("Authorization", "Basic bWU6Z3Vlc3M="), ("Content-Type", "application/x-www-form-urlencoded")],
                    body: Array("token=x".utf8))
                guard number == 2 else {
                    #expect([registered, refreshed, asked].map(\.status) == [Int](arrayLiteral: 201, 401, 401))
                    continue
                }
                for reply in [registered, refreshed, asked] { Self.expectRefusal(reply, atMost: 180) }
            }
        }
    }
}
