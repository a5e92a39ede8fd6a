import AuthCore
import AuthCrypto
import AuthTestSupport
import Configuration
import FoundationEssentials
import Testing

@testable import AuthServer

@Suite struct ConfigurationTests {
    private static let url = ["DATABASE_URL": "postgresql:///auth_api?host=/run/postgresql"]

    private func load(_ variables: [String: String]) throws -> ServerConfiguration {
        let variables = ["SQL_DIRECTORY": TestDatabase.sqlDirectory].merging(variables) { $1 }
        return try .load(from: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
    }

    private func problems(_ variables: [String: String]) -> [String] {
        do {
            _ = try load(variables)
            return []
        } catch {
            return (error as? ConfigurationError)?.problems ?? ["\(error)"]
        }
    }

    @Test func `the database's address is all that must be set`() throws {
        let configuration = try load(Self.url)
        #expect(configuration.environment == .development)
        #expect(configuration.database.connections == 8)
        #expect(configuration.database.timeout == .milliseconds(1500))
        #expect(configuration.database.migrateOnStart)
        #expect(configuration.listening.host == "127.0.0.1")
        #expect(configuration.listening.port == 8000)
        #expect(configuration.sessions.accessTokenLifetime == .seconds(3600))
        #expect(configuration.sessions.idleLifetime == .seconds(14 * 86_400))
        #expect(configuration.sessions.absoluteLifetime == .seconds(30 * 86_400))
        #expect(configuration.passwords.policy.minimumLength == 8)
        #expect(configuration.passwords.policy.minimumStrength == 0)
        #expect(configuration.passwords.slots >= 1)
        #expect(problems([:]).count == 1)
    }

    @Test func `an empty variable counts as unset`() throws {
        #expect(try load(Self.url.merging(["PORT": "", "DATABASE_URL_FILE": ""]) { $1 }).listening.port == 8000)
    }

    @Test func `every problem is reported, by name`() {
        let wrong = [
            "AUTH_ENVIRONMENT": "prod", "DATABASE_CONNECTIONS": "1", "DATABASE_TIMEOUT": "1.5s", "MIGRATE_ON_START": "yes",
            "PORT": "65536", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "ACCESS_TOKEN_TTL": "0s", "SESSION_IDLE_TTL": "soon",
            "PASSWORD_MIN_LENGTH": "7", "PASSWORD_MIN_STRENGTH": "5", "ARGON2_MEMORY_KIB": "19455", "ARGON2_ITERATIONS": "1",
            "ARGON2_SLOTS": "-1", "REFRESH_GRACE": "11m", "REFRESH_RETRY_WINDOW": "25h", "SESSIONS_PER_USER": "0",
            "SESSION_RETENTION": "0s", "AUDIT_RETENTION": "29d", "MAX_CONNECTIONS": "15", "CORS_ALLOWED_ORIGINS": "*",
            "TRUSTED_PROXIES": "10.0.0.1/8", "ISSUER": "auth.example.org",
            "TLS_CERTIFICATE_FILE": "x", "PASSWORD_BLOCKLIST_FILE": "/nowhere", "SQL_DIRECTORY": "/nowhere", "HOST": "no such host",
        ]
        let problems = problems(wrong)
        for name in wrong.keys.sorted() + ["DATABASE_URL"] {
            #expect(problems.contains { $0.hasPrefix(name) }, "\(name)")
        }
    }

    @Test(arguments: [("any", false), ("prefer-standby", false), ("primary", false), ("read-write", true)])
    func `no standby is asked`(_ attributes: String, _ isAllowed: Bool) {
        let problems = problems(["DATABASE_URL": "postgresql://a,b/x?target_session_attrs=\(attributes)"])
        #expect(problems.isEmpty == isAllowed && problems.allSatisfy { $0.contains("target_session_attrs") })
    }

    @Test(
        arguments: [
            (["ACCESS_TOKEN_TTL": "15d"], "ACCESS_TOKEN_TTL=15d is longer than SESSION_IDLE_TTL=14d"),
            (["SESSION_IDLE_TTL": "31d"], "SESSION_IDLE_TTL=31d is longer than SESSION_ABSOLUTE_TTL=30d"),
            (["REFRESH_RETRY_WINDOW": "9s"], "REFRESH_RETRY_WINDOW=9s is shorter than REFRESH_GRACE=10s"),
            (["REFRESH_RETRY_WINDOW": "0s"], nil),
            (["TLS_CERTIFICATE_FILE": "a"], "TLS_CERTIFICATE_FILE=a and TLS_PRIVATE_KEY_FILE=none go together: set both or none"),
        ] as [([String: String], String?)])
    func `settings that do not fit together are refused, and both values are quoted`(_ given: [String: String], _ problem: String?) {
        #expect(problems(Self.url.merging(given) { $1 }) == (problem.map { [$0] } ?? []))
    }

    @Test func `a wrong SQL_DIRECTORY is refused in one sentence`() {
        let refusal = "SQL_DIRECTORY=/nowhere must name the sql folder of this release: the migrations cannot be read"
        #expect(problems(Self.url.merging(["SQL_DIRECTORY": "/nowhere"]) { $1 }) == [refusal])
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("10s", .seconds(10)), ("15m", .seconds(900)), ("1h", .seconds(3600)),
        ("14d", .seconds(1_209_600)), ("0s", .zero),
    ])
    func `a duration is a whole number and a unit`(_ text: String, _ duration: Duration) {
        #expect(Duration(settingText: text) == duration)
    }

    @Test(arguments: ["", "10", "s", "1.5h", "-1s", "+1s", "1 s", "1S", "1w", "1s1m", "٣s", "99999999999d", "1h "])
    func `no duration`(_ text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test func `CF1: a secret may come from a file, and not from both`() throws {
        let file = FileManager.default.temporaryDirectory.path + "/secret-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "postgresql:///from_file\n".write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try load(["DATABASE_URL_FILE": file]).database.url == "postgresql:///from_file")
        let both = problems(["DATABASE_URL_FILE": file].merging(Self.url) { $1 })
        #expect(both == ["DATABASE_URL and DATABASE_URL_FILE are both set: set one"])
        #expect(problems(["DATABASE_URL_FILE": file + "x"]).contains("the file that DATABASE_URL_FILE names cannot be read"))
    }

    @Test(arguments: ["\n", "\r\n", "\n\n", "\r\n\r\n", " \t\n", ""])
    func `a secret's file may end as editors and secret stores leave it`(_ end: String) throws {
        let file = FileManager.default.temporaryDirectory.path + "/secret-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: file) }
        try ("\u{FEFF}\n postgresql:///from_file" + end).write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try load(["DATABASE_URL_FILE": file]).database.url == "postgresql:///from_file")
    }

    @Test func `CF1: production refuses a secret's file that everybody can read`() throws {
        let file = FileManager.default.temporaryDirectory.path + "/secret-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "postgresql:///from_file".write(toFile: file, atomically: true, encoding: .utf8)
        for (rights, isAllowed) in [(0o644, false), (0o604, false), (0o640, true), (0o600, true), (0o400, true)] {
            try FileManager.default.setAttributes([.posixPermissions: rights], ofItemAtPath: file)
            let problems = problems(["DATABASE_URL_FILE": file, "AUTH_ENVIRONMENT": "production"])
            #expect(problems.isEmpty == isAllowed && problems.allSatisfy { $0.contains("DATABASE_URL_FILE") }, "\(rights): \(problems)")
            #expect(self.problems(["DATABASE_URL_FILE": file]).isEmpty, "development allows it")
        }
    }

    @Test func `CF1: no problem repeats a secret`() {
        let malformed = problems(["DATABASE_URL": "postgresql://u:canary@[::1/x"])
        #expect(!malformed.isEmpty && !ConfigurationError(problems: malformed).description.contains("canary"))
        for uri in ["u:canary/x@h/x", "u:a@canary@h/x", "u:canary?/x@h/x", "u:a@h:canary/x"] {
            let problems = problems(["DATABASE_URL": "postgresql://" + uri])
            #expect(!problems.joined().contains("canary") && problems.contains { $0.contains("percent-encoded") }, "\(problems)")
        }
        let production = problems(["DATABASE_URL": "postgresql://u:canary@db.example.org/x", "AUTH_ENVIRONMENT": "production"])
        #expect(!production.isEmpty && !production.joined().contains("canary"))
    }

    @Test(arguments: [
        (["DATABASE_URL": "postgresql://u:zq8@db.example.org/x"], "sslmode"),
        (["DATABASE_URL": "postgresql://u:zq8@db.example.org/x?sslmode=require"], "sslmode"),
        (["DATABASE_URL": "postgresql://u:zq8@127.0.0.1,db.example.org/x"], "sslmode"),
        (["DATABASE_URL": "postgresql://u:postgres@127.0.0.1/x"], "everybody knows"),
        (["DATABASE_URL": "postgresql://u:u@127.0.0.1/x"], "everybody knows"),
        (["PASSWORD_MIN_STRENGTH": "0"], "PASSWORD_MIN_STRENGTH"), (["LOG_LEVEL": "debug"], "LOG_LEVEL"),
        (["LOG_LEVEL": "trace"], "LOG_LEVEL"), (["ACCESS_TOKEN_TTL": "2d"], "ACCESS_TOKEN_TTL"),
        (["TRUSTED_PROXIES": "0.0.0.0/0"], "TRUSTED_PROXIES"), (["CORS_ALLOWED_ORIGINS": "http://app.example.org"], "CORS_ALLOWED_ORIGINS"),
    ])
    func `CF1: production refuses`(_ settings: [String: String], _ word: String) {
        let problems = problems(Self.url.merging(["AUTH_ENVIRONMENT": "production"]) { $1 }.merging(settings) { $1 })
        #expect(problems.count == 1)
        #expect(problems.first?.contains(word) == true)
        for (name, text) in settings where name != "DATABASE_URL" {
            #expect(problems.first?.hasPrefix("\(name)=\(text) ") == true, "\(problems)")
        }
        #expect(self.problems(Self.url.merging(settings) { $1 }).isEmpty, "development allows it")
    }

    @Test(arguments: ["development", "production"])
    func `PW10: no hash costs less than OWASP's floor, in any environment`(_ environment: String) throws {
        let variables = Self.url.merging(["AUTH_ENVIRONMENT": environment]) { $1 }
        let defaults = try load(variables).passwords.argon2
        #expect(defaults.memoryKiB >= 19_456 && defaults.iterations >= 2)
        for (name, floor) in [("ARGON2_MEMORY_KIB", 19_456), ("ARGON2_ITERATIONS", 2)] {
            #expect(problems(variables.merging([name: "\(floor)"]) { $1 }) == [])
            for cost in [floor - 1, 1, 0, -1] {
                let found = problems(variables.merging([name: "\(cost)"]) { $1 })
                #expect(found.count == 1 && found[0].hasPrefix("\(name)=\(cost) is not a whole number from \(floor) "))
            }
        }
    }

    @Test func `a problem quotes what was read, in one short line`() {
        for (name, value) in [("PORT", "80 80"), ("REFRESH_GRACE", "11m"), ("LOG_FORMAT", "xml"), ("MIGRATE_ON_START", "1")] {
            #expect(problems(Self.url.merging([name: value]) { $1 }).map { $0.hasPrefix("\(name)=\(value) is ") } == [true])
        }
        #expect(problems(Self.url.merging(["REFRESH_GRACE": "11m"]) { $1 }) == ["REFRESH_GRACE=11m is not between 0s and 10m"])
        let hostile = problems(Self.url.merging(["PORT": "\u{1B}[2J\n" + String(repeating: "9", count: 9999)]) { $1 })
        #expect(hostile.count == 1 && hostile[0].utf8.count < 300 && !hostile[0].contains("\u{1B}") && !hostile[0].contains("\n"))
    }

    @Test func `the range that a refusal names is that of the page of settings`() throws {
        var named = 0
        for setting in SettingsTable.entries where !setting.isSecret {
            for value in ["99999d", "99999999"] {
                let problem = problems(Self.url.merging([setting.name: value]) { $1 }).first ?? ""
                guard let range = problem.firstMatch(of: /is not (?:between|a whole number from) (\w+) (?:and|to) (\w+)/) else { continue }
                named += 1
                #expect(setting.values == "\(range.1) to \(range.2)", "\(setting.name): \(problem)")
            }
        }
        #expect(named > 20)
    }

    @Test func `files that cannot be used are told with the rest`() {
        let files = [
            "TLS_CERTIFICATE_FILE": "/nowhere/a.pem", "TLS_PRIVATE_KEY_FILE": "/nowhere/b.pem", "SQL_DIRECTORY": "/nowhere", "PORT": "x",
        ]
        let problems = problems(Self.url.merging(files) { $1 })
        #expect(problems.count == 4)
        for name in ["TLS_CERTIFICATE_FILE=/nowhere/a.pem", "TLS_PRIVATE_KEY_FILE=/nowhere/b.pem", "SQL_DIRECTORY=/nowhere", "PORT=x"] {
            #expect(problems.contains { $0.hasPrefix(name) }, "\(problems)")
        }
    }

    @Test(arguments: [("[::1]", "::1"), ("::1", "::1"), ("127.0.0.1", "127.0.0.1"), ("localhost", "localhost")])
    func `HOST may have the brackets of a URL`(_ setting: String, _ host: String) throws {
        #expect(try load(Self.url.merging(["HOST": setting]) { $1 }).listening.host == host)
    }

    @Test func `HOST=* is every address`() throws {
        #expect(["::", "0.0.0.0"].contains(try load(Self.url.merging(["HOST": "*"]) { $1 }).listening.host))
    }

    @Test(arguments: ["[127.0.0.1]", "[]", "[::1", "::1]", "127.0.0.1:80", "no such host"])
    func `no HOST`(_ setting: String) {
        #expect(problems(Self.url.merging(["HOST": setting]) { $1 }).map { $0.hasPrefix("HOST=\(setting) is not an address") } == [true])
    }

    @Test(
        arguments: [
            ("ACCESS_TOKEN_TLL", "ACCESS_TOKEN_TTL"), ("DATABSE_URL", "DATABASE_URL"), ("DATABASE_URL_FLIE", "DATABASE_URL_FILE"),
            ("PROT", nil), ("LOGLEVEL", "LOG_LEVEL"), ("CORS_ALLOWED_ORIGIN", "CORS_ALLOWED_ORIGINS"),
            ("PASSWORD_MINLENGTH", "PASSWORD_MIN_LENGTH"),
            ("ARGON2_PARALLELISM", "auth-api settings"), ("DATABASE_POOL_SIZE", "auth-api settings"), ("LOG_LEVEL_FILE", "only secrets"),
        ] as [(String, String?)])
    func `a misspelt name is told`(_ name: String, _ meant: String?) {
        let warnings = MisspeltVariables.warnings(among: [name])
        #expect(warnings.count == (meant == nil ? 0 : 1))
        if let meant { #expect(warnings.allSatisfy { $0.hasPrefix("\(name) is not ") && $0.contains(meant) }) }
    }

    @Test func `names of others are not told`() {
        let others = [
            "HOME", "PATH", "HOSTNAME", "HOSTTYPE", "TERM", "PWD", "SHLVL", "LANG", "LC_ALL", "PGHOST", "PGPORT", "PGPASSWORD",
            "TEST_DATABASE_URL",
            "SESSION_MANAGER", "XDG_SESSION_ID", "LOGNAME", "MAIL", "USER", "KUBERNETES_PORT", "SHELL", "DBUS_SESSION_BUS_ADDRESS", "TZ",
        ]
        #expect(MisspeltVariables.warnings(among: others + SettingsTable.entries.map(\.name) + ["DATABASE_URL_FILE"]) == [])
    }

    @Test(arguments: [("ATTEMPTS_PER_ADDRESS", "ATTEMPTS_PER_NETWORK"), ("CONNECTIONS_PER_ADDRESS", "CONNECTIONS_PER_NETWORK")])
    func `a former name is refused, once, with the new one`(_ former: String, _ name: String) {
        #expect(problems(Self.url.merging([former: "20"]) { $1 }) == ["\(former) is now called \(name): rename it"])
        #expect(MisspeltVariables.warnings(among: [former]) == [])
    }

    @Test func `production has defaults of its own, and starts with them`() throws {
        let configuration = try load([
            "AUTH_ENVIRONMENT": "production", "DATABASE_URL": "postgresql://auth:x7Qk@db.example.org/auth?sslmode=verify-full",
        ])
        #expect(configuration.passwords.policy.minimumStrength == 3)
        #expect(configuration.logging.format == .json)
    }
}
