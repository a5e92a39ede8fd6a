import AuthCore
import Configuration
import FoundationEssentials
import Testing

@testable import AuthServer

@Suite struct ConfigurationTests {
    private static let url = ["DATABASE_URL": "postgresql:///auth_api?host=/run/postgresql"]

    private func load(_ variables: [String: String]) throws -> ServerConfiguration {
        try .load(from: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables)))
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
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8000)
        #expect(configuration.sessions.accessTokenLifetime == .seconds(3600))
        #expect(configuration.sessions.idleLifetime == .seconds(14 * 86_400))
        #expect(configuration.sessions.absoluteLifetime == .seconds(30 * 86_400))
        #expect(configuration.passwords.minimumLength == 8)
        #expect(configuration.passwords.minimumStrength == 0)
        #expect(configuration.argon2.slots >= 1)
        #expect(problems([:]).count == 1)
    }

    @Test func `an empty variable counts as unset`() throws {
        #expect(try load(Self.url.merging(["PORT": "", "DATABASE_URL_FILE": ""]) { $1 }).port == 8000)
    }

    @Test func `every problem is reported at once, by name`() {
        let wrong = [
            "AUTH_ENVIRONMENT": "prod", "DATABASE_CONNECTIONS": "1", "DATABASE_TIMEOUT": "1.5s", "MIGRATE_ON_START": "yes",
            "PORT": "65536", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "ACCESS_TOKEN_TTL": "0s", "SESSION_IDLE_TTL": "soon",
            "PASSWORD_MIN_LENGTH": "7", "PASSWORD_MIN_STRENGTH": "5", "ARGON2_MEMORY_KIB": "19455", "ARGON2_ITERATIONS": "1",
            "ARGON2_SLOTS": "-1", "REFRESH_GRACE": "11m", "REFRESH_RETRY_WINDOW": "25h", "SESSIONS_PER_USER": "0",
            "SESSION_RETENTION": "0s", "AUDIT_RETENTION": "29d", "MAX_CONNECTIONS": "15", "CORS_ALLOWED_ORIGINS": "*",
            "TRUSTED_PROXIES": "10.0.0.1/8",
            "TLS_CERTIFICATE_FILE": "x",
        ]
        let problems = problems(wrong)
        for name in wrong.keys.sorted() + ["DATABASE_URL"] {
            #expect(problems.contains { $0.hasPrefix(name) }, "\(name)")
        }
    }

    @Test(arguments: [("any", false), ("prefer-standby", false), ("primary", false), ("read-write", true)])
    func `nobody asks a standby`(_ attributes: String, _ isAllowed: Bool) {
        let problems = problems(["DATABASE_URL": "postgresql://a,b/x?target_session_attrs=\(attributes)"])
        #expect(problems.isEmpty == isAllowed && problems.allSatisfy { $0.contains("target_session_attrs") })
    }

    @Test func `lifetimes must fit into each other`() {
        #expect(problems(Self.url.merging(["ACCESS_TOKEN_TTL": "15d"]) { $1 }) == ["ACCESS_TOKEN_TTL is longer than SESSION_IDLE_TTL"])
        #expect(problems(Self.url.merging(["REFRESH_RETRY_WINDOW": "9s"]) { $1 }) == ["REFRESH_RETRY_WINDOW is shorter than REFRESH_GRACE"])
        #expect(problems(Self.url.merging(["REFRESH_RETRY_WINDOW": "0s"]) { $1 }) == [])
        #expect(problems(Self.url.merging(["SESSION_IDLE_TTL": "31d"]) { $1 }) == ["SESSION_IDLE_TTL is longer than SESSION_ABSOLUTE_TTL"])
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

    @Test func `CF1: no problem repeats a secret`() {
        let malformed = problems(["DATABASE_URL": "postgresql://u:canary@[::1/x"])
        #expect(!malformed.isEmpty && !ConfigurationError(problems: malformed).description.contains("canary"))
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
    func `CF1: production refuses`(_ unsafe: [String: String], _ word: String) {
        let problems = problems(Self.url.merging(["AUTH_ENVIRONMENT": "production"]) { $1 }.merging(unsafe) { $1 })
        #expect(problems.count == 1)
        #expect(problems.first?.contains(word) == true)
        #expect(self.problems(Self.url.merging(unsafe) { $1 }).isEmpty, "development allows it")
    }

    @Test(arguments: ["development", "production"])
    func `PW10: no hash costs less than OWASP's floor, in any environment`(_ environment: String) throws {
        let variables = Self.url.merging(["AUTH_ENVIRONMENT": environment]) { $1 }
        let defaults = try load(variables).argon2
        #expect(defaults.memoryKiB >= 19_456 && defaults.iterations >= 2)
        for (name, floor) in [("ARGON2_MEMORY_KIB", 19_456), ("ARGON2_ITERATIONS", 2)] {
            #expect(problems(variables.merging([name: "\(floor)"]) { $1 }) == [])
            for cost in [floor - 1, 1, 0, -1] {
                let found = problems(variables.merging([name: "\(cost)"]) { $1 })
                #expect(found.count == 1 && found[0].hasPrefix("\(name) is not a whole number from \(floor) "))
            }
        }
    }

    @Test func `production has defaults of its own, and starts with them`() throws {
        let configuration = try load([
            "AUTH_ENVIRONMENT": "production", "DATABASE_URL": "postgresql://auth:x7Qk@db.example.org/auth?sslmode=verify-full",
        ])
        #expect(configuration.passwords.minimumStrength == 3)
        #expect(configuration.logFormat == .json)
    }
}
