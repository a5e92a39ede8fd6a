import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// What an operator reads, and what a script that runs a command learns from its exit status.
@Suite struct CommandTests {
    @Test func `--version says the release and the commit`() async throws {
        let outcome = try await Program.authAPI("--version", environment: [:])
        #expect(outcome.status == 0)
        #expect(
            outcome.output.wholeMatch(of: /auth-api [0-9]+\.[0-9]+\.[0-9]+ \(commit ([0-9a-f]{12}|unknown)\)\n/) != nil, "\(outcome.output)"
        )
    }

    @Test(arguments: [
        ([String](), "bogus", ["serve", "migrate", "client", "user", "sessions", "mail", "audit", "health", "settings", "routes"]),
        (["mail"], "bogus", ["list", "show", "cancel", "resend", "send-test", "bounce", "unbounce"]),
        (["user"], "bogus", ["show", "list", "invite", "unlock", "disable", "enable", "rename", "delete"]),
        (["audit"], "verfiy", ["head", "verify"]),
        (["client"], "remove", ["add", "list", "rotate", "revoke"]), (["help"], "bogus", ["serve", "user"]),
        (["help", "audit"], "verfiy", ["head", "verify"]), (["user"], "help", ["show", "unlock"]),
    ])
    func `a command that is none is told with those that there are`(_ path: [String], _ word: String, _ commands: [String]) async throws {
        let outcome = try await Program.run(try Repository.server.path, path + [word])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("'\(word)' is not a command"))
        for command in commands { #expect(outcome.errors.contains("\n  \(command) "), "\(outcome.errors)") }
        #expect(!outcome.errors.contains("Usage:"))
    }

    @Test(arguments: [(["settings"], "  DATABASE_URL  (required)\n"), (["routes"], "\nPOST    /api/auth/login  ")])
    func `settings and routes are printed without a database`(_ arguments: [String], _ line: String) async throws {
        let outcome = try await Program.authAPI(arguments, environment: [:])
        #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.contains(line), "\(outcome)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `a refusal ends with 1, in one line without a usage`() async throws {
        try await TestDatabase.with { database in
            for arguments in [
                ["user", "unlock", "nobody"], ["user", "unlock", "nobody@example.org"], ["user", "show", "nobody@example.org"],
                ["user", "disable", "nobody@example.org", "--reason", "x"], ["user", "delete", "nobody@example.org"],
                ["user", "disable", "nobody@example.org", "--reason", "x", "--for", "0s"], ["user", "list", "--limit", "0"],
                ["user", "list", "--after", "x"], ["user", "invite", "nobody"], ["user", "invite", "a@example.org", "--locale", "tlh"],
                ["mail", "list", "--state", "lost"], ["mail", "list", "--limit", "1001"], ["mail", "show", "x"],
                ["mail", "show", "01a21070-9a52-7d93-8816-32750071b3e1"], ["mail", "cancel", "01a21070-9a52-7d93-8816-32750071b3e1"],
                ["mail", "resend", "01a21070-9a52-7d93-8816-32750071b3e1"], ["mail", "send-test", "a@example.org"],
                ["mail", "bounce", "nobody"], ["mail", "unbounce", "a@example.org"],
                ["user", "rename", "a@example.org", "b@"], ["user", "disable", "nobody@example.org", "--reason", "a\nb"],
                ["client", "add", "a b"], ["client", "revoke", "nobody"], ["client", "rotate", "nobody"],
                ["client", "rotate", "nobody", "--overlap", "31d"], ["sessions", "revoke-all", "--before", "tomorrow"],
                ["sessions", "revoke-all", "--before", "9999-01-01T00:00:00Z"],
            ] {
                let outcome = try await Self.run(arguments, database.conninfo)
                let lines = outcome.errors.split(separator: "\n")
                #expect(outcome.status == 1 && lines.count == 1 && lines[0].hasPrefix("Error: "), "\(arguments): \(outcome)")
                #expect(outcome.output.isEmpty)
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `audit verify ends with 0 for an intact trail, 1 for findings, 2 where it could not look`() async throws {
        try await TestDatabase.with { database in
            try await database.query(
                "INSERT INTO audit_pending (routing, id, type, outcome, request_id) VALUES (1, gen_random_uuid(), 'x', 'success', 'x')")
            #expect(try await database.value("SELECT audit.seal(9)") == "1")
            #expect(try await Self.run(["audit", "verify"], database.conninfo).status == 0)
            try await database.query("DELETE FROM audit_events")
            let found = try await Self.run(["audit", "verify"], database.conninfo)
            #expect(found.status == 1 && found.output.contains("chain 1: event 1 is missing"), "\(found)")
            for (arguments, url) in [
                (["--head", "no head"], database.conninfo), ([], "postgresql://127.0.0.1:\(Listener.freePort())/x"), ([], ""),
            ] {
                let unknown = try await Self.run(["audit", "verify"] + arguments, url)
                #expect(unknown.status == 2 && unknown.output.isEmpty, "\(unknown)")
                #expect(unknown.errors.contains("Error: the trail was not verified: "), "\(unknown)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `user commands show and change an account`() async throws {
        try await ServerProcess.with { server, database in
            let (person, tokens) = try await Person.signedIn(on: server)
            let shown = try await Self.run(["user", "show", person.email], database.conninfo)
            #expect(shown.status == 0 && shown.output.contains("state     enabled\nsessions  1\n"), "\(shown)")
            func run(_ arguments: String...) async throws {
                let outcome = try await Self.run(["user"] + arguments, database.conninfo)
                #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
            }
            for hidden in ["", "a\nb", "\u{2800}", "a\u{202E}b", "a\u{200B}b"] {
                let refused = try await Self.run(["user", "disable", person.email, "--reason", hidden], database.conninfo)
                #expect(refused.status == 1 && refused.errors.contains("--reason"), "\(refused)")
            }
            try await run("disable", person.email, "--reason", "lost phone")
            #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 401)
            #expect(try await person.login().status == 401)
            try await run("enable", person.email, "--reason", "found")
            #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 401)
            #expect(try await server.http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 401)
            let renamed = Person("renamed@example.org", on: server)
            try await run("rename", person.email, renamed.email)
            #expect(try await person.login().status == 401)
            #expect(try await server.http.get("/api/profile/", bearer: try await renamed.tokens().access).status == 200)
            let before = try await Self.trail(of: renamed.email, database)
            for type in ["user_created", "user_disabled", "user_enabled", "user_updated", "authn_login_success"] {
                #expect(before.contains(type), "\(type): \(before)")
            }
            try await run("delete", renamed.email)
            // All that is left of them names nobody.
            #expect(try await Self.trail(of: renamed.email, database) == [])
            #expect(try await renamed.login().status == 401)
            #expect(try await database.value("SELECT request_id FROM audit.events WHERE type = 'user_deleted'") == "server:operator")
            #expect(try await Person.retrying { try await renamed.registration() }.status == 201)
        }
    }

    /// The kinds of the events about a person.
    private static func trail(of email: String, _ database: TestDatabase) async throws -> [String] {
        try await Program.bash(
            #"psql -XAt "$DATABASE_URL" -v email="$EMAIL" -f sql/audit/person.sql | cut -d'|' -f2"#,
            environment: ["DATABASE_URL": database.conninfo, "EMAIL": email]
        ).split(separator: "\n").map(String.init)
    }

    @Test(.timeLimit(.minutes(5)))
    func `IN1: client rotate prints a new secret, and the old one works for the overlap alone`() async throws {
        try await ServerProcess.with { server, database in
            func secret(_ arguments: String...) async throws -> String {
                let outcome = try await Self.run(["client"] + arguments, database.conninfo)
                return try #require(outcome.output.firstMatch(of: /client_secret=(acs_\S+)/).map { String($0.1) }, "\(outcome)")
            }
            func status(_ secret: String) async throws -> Int {
                try await server.http.send(
                    "POST", "/api/auth/introspect/",
                    headers: [
                        ("Authorization", "Basic \(Data("billing:\(secret)".utf8).base64EncodedString())"),
                        ("Content-Type", "application/x-www-form-urlencoded"),
                    ], body: Array("token=x".utf8)
                ).status
            }
            let first = try await secret("add", "billing")
            let second = try await secret("rotate", "billing", "--overlap", "1h")
            #expect(try await [status(first), status(second)] == [200, 200])
            let third = try await secret("rotate", "billing", "--overlap", "0s")
            #expect(try await [status(first), status(second), status(third)] == [401, 401, 200])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `health needs HOST and PORT alone, and says why not`() async throws {
        try await ServerProcess.with { server, database in
            var environment = ["PORT": "\(server.port)", "DATABASE_URL": "", "SQL_DIRECTORY": "/nowhere"]
            for host in ["127.0.0.1", "0.0.0.0", "localhost"] {
                environment["HOST"] = host
                #expect(try await Program.authAPI("health", environment: environment).status == 0, "\(host)")
            }
            try await database.query("DELETE FROM schema_migrations WHERE number > 0")
            let unready = try await Program.authAPI("health", environment: environment)
            #expect(unready.status == 1 && unready.errors.contains("not ready: it answered HTTP/1.1 503"), "\(unready.errors)")
            server.kill()
            let silent = try await Program.authAPI("health", environment: environment)
            #expect(silent.status == 1 && silent.errors.contains("port \(server.port): Connection refused"), "\(silent.errors)")
            #expect(try await Program.authAPI("health", environment: ["PORT": "x"]).errors.contains("PORT=x is not a whole number"))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a taken PORT and a HOST of another machine are told in the words of the settings`() async throws {
        try await ServerProcess.with { server, database in
            for (host, port, words) in [
                ("127.0.0.1", server.port, "PORT=\(server.port) is taken"),
                ("192.0.2.1", 0, "HOST=192.0.2.1 is not an address of this machine"),
                ("no.such.host.invalid", 0, "HOST=no.such.host.invalid is not an address"),
            ] {
                let outcome = try await Program.authAPI(
                    "serve", environment: ["DATABASE_URL": database.conninfo, "HOST": host, "PORT": "\(port)"])
                #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome.errors)")
                for foreign in ["bind(", "errno", "IOError", "SocketAddressError", "Usage:"] { #expect(!outcome.errors.contains(foreign)) }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `HOST=* and HOST=[::1] listen`() async throws {
        try await TestDatabase.with { database in
            let everywhere = try await ServerProcess.start(database: database.conninfo, environment: ["HOST": "*"])
            #expect(try await everywhere.http.get("/livez").status == 200)
            everywhere.kill()
            let outcome = try await Program.bash(
                #"""
                PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
                export PORT HOST='[::1]'
                "$SERVER" serve 2>/dev/null & trap 'kill $!' EXIT
                for _ in $(seq 100); do curl -sg -o /dev/null -w '%{http_code}' "http://[::1]:$PORT/livez" && break; sleep 0.1; done
                "$SERVER" health
                """#,
                environment: [
                    "SERVER": try Repository.server.path, "DATABASE_URL": database.conninfo, "SQL_DIRECTORY": TestDatabase.sqlDirectory,
                ])
            #expect(outcome.hasSuffix("200"), "\(outcome)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a misspelt setting is told once, and a missing one with what it may be called`() async throws {
        try await ServerProcess.with(environment: ["ACCESS_TOKEN_TLL": "5m"]) { server, _ in
            let log = try server.logText()
            #expect(log.components(separatedBy: "ACCESS_TOKEN_TLL is not a setting: did you mean ACCESS_TOKEN_TTL?").count == 2, "\(log)")
        }
        let outcome = try await Program.authAPI("migrate", environment: ["DATABSE_URL": "postgresql:///x"])
        #expect(outcome.status == 1 && outcome.errors.contains("DATABASE_URL is not set"))
        #expect(outcome.errors.contains("DATABSE_URL is not a setting: did you mean DATABASE_URL?"))
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [("session-life.sql", "-v session="), ("signed-in-at.sql", "-v at="), ("person.sql", "-v email=")])
    func `a ready query says what it needs`(_ file: String, _ option: String) async throws {
        try await TestDatabase.with { database in
            let outcome = try await Program.run(
                "/bin/bash", ["-c", #"psql -XAt "$DATABASE_URL" -f "sql/audit/$FILE""#],
                environment: ["DATABASE_URL": database.conninfo, "FILE": file])
            #expect(outcome.output.isEmpty && outcome.errors.contains(option) && !outcome.errors.contains("ERROR"), "\(outcome)")
        }
    }

    private static func run(_ arguments: [String], _ database: String) async throws -> Program.Outcome {
        try await Program.run(
            try Repository.server.path, arguments,
            environment: ["DATABASE_URL": database, "LOG_LEVEL": "error", "SQL_DIRECTORY": TestDatabase.sqlDirectory, "PORT": ""])
    }
}
