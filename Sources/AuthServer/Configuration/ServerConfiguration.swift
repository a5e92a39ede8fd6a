import AuthCore
import AuthCrypto
import AuthMiddleware
import Configuration
import FoundationEssentials
import LibPQ
import Logging

/// Everything that the environment decides, read once.
struct ServerConfiguration: Sendable {
    enum Environment: String, CaseIterable, Sendable { case development, production }
    enum LogFormat: String, CaseIterable, Sendable { case text, json }

    struct Database: Sendable {
        let url: String
        let connections: Int
        let timeout: Duration
        let migrateOnStart: Bool
        let sqlDirectory: String
    }

    struct Argon2: Sendable {
        let memoryKiB: Int
        let iterations: Int
        /// Never 0: already resolved to one for each core but one, and one at the least.
        let slots: Int
    }

    let environment: Environment
    let database: Database
    let shutdownDelay: Duration
    let host: String
    let port: Int
    let trustedProxies: TrustedProxies
    let logLevel: Logger.Level
    let logFormat: LogFormat
    let sessions: SessionPolicy
    let retention: RetentionPolicy
    let passwords: PasswordPolicy
    let attempts: AttemptPolicy
    let argon2: Argon2
    let maximumConnections: Int
    /// `nil` where the server speaks plain HTTP.
    let tls: TLSFiles?
    let allowedOrigins: AllowedOrigins

    /// - Throws: ``ConfigurationError`` with every problem there is.
    static func load(from source: ConfigReader) throws -> ServerConfiguration {
        var reader = SettingReader(source: source)
        let configuration = ServerConfiguration(&reader)
        configuration.reportContradictions(to: &reader)
        if configuration.environment == .production { configuration.reportUnsafeSettings(to: &reader) }
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
        return configuration
    }

    private init(_ reader: inout SettingReader) {
        environment = reader.choice(.environment, Environment.self)
        reader.isProduction = environment == .production
        database = Database(
            url: reader.text(.databaseURL), connections: reader.integer(.databaseConnections, in: 2...64),
            timeout: reader.duration(.databaseTimeout, in: .milliseconds(100)...(.seconds(60))),
            migrateOnStart: reader.boolean(.migrateOnStart), sqlDirectory: reader.text(.sqlDirectory))
        shutdownDelay = reader.duration(.shutdownDelay, in: .zero...(.seconds(60)))
        host = reader.text(.host)
        port = reader.integer(.port, in: 0...65_535)
        trustedProxies = reader.trustedProxies()
        logLevel = reader.choice(.logLevel, Logger.Level.self)
        logFormat = reader.choice(.logFormat, LogFormat.self)
        let lifetimes: ClosedRange<Duration> = .seconds(1)...(.seconds(10 * 365 * 86_400))
        sessions = SessionPolicy(
            accessTokenLifetime: reader.duration(.accessTokenTTL, in: lifetimes),
            idleLifetime: reader.duration(.sessionIdleTTL, in: lifetimes),
            absoluteLifetime: reader.duration(.sessionAbsoluteTTL, in: lifetimes),
            refreshGrace: reader.duration(.refreshGrace, in: .zero...(.seconds(600))),
            refreshRetryWindow: reader.duration(.refreshRetryWindow, in: .zero...(.seconds(86_400))),
            sessionsPerUser: reader.integer(.sessionsPerUser, in: 1...1000))
        retention = RetentionPolicy(
            deadSessions: reader.duration(.sessionRetention, in: lifetimes),
            auditEvents: reader.duration(.auditRetention, in: .seconds(30 * 86_400)...lifetimes.upperBound))
        passwords = PasswordPolicy(
            minimumLength: reader.integer(.passwordMinLength, in: 8...PasswordPolicy.maximumLength),
            minimumStrength: reader.integer(.passwordMinStrength, in: 0...4))
        attempts = AttemptPolicy(hourlyPerNetwork: reader.integer(.attemptsPerAddress, in: 10...1_000_000))
        let slots = reader.integer(.argon2Slots, in: 0...64)
        argon2 = Argon2(
            memoryKiB: reader.integer(.argon2Memory, in: Argon2Parameters.floor.memoryKiB...262_144),
            iterations: reader.integer(.argon2Iterations, in: Argon2Parameters.floor.iterations...16),
            slots: slots > 0 ? slots : Self.slotsLeavingOneCore)
        maximumConnections = reader.integer(.maxConnections, in: 16...1_000_000)
        tls = reader.tlsFiles()
        allowedOrigins = reader.allowedOrigins()
    }

    /// The last core answers requests: no priority of a thread counts with PostgreSQL, which the kernel schedules in a group of its own.
    private static let slotsLeavingOneCore = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)

    private func reportContradictions(to reader: inout SettingReader) {
        if sessions.accessTokenLifetime > sessions.idleLifetime {
            reader.report("ACCESS_TOKEN_TTL is longer than SESSION_IDLE_TTL")
        }
        if sessions.idleLifetime > sessions.absoluteLifetime {
            reader.report("SESSION_IDLE_TTL is longer than SESSION_ABSOLUTE_TTL")
        }
        if sessions.refreshRetryWindow > .zero, sessions.refreshRetryWindow < sessions.refreshGrace {
            reader.report("REFRESH_RETRY_WINDOW is shorter than REFRESH_GRACE")
        }
        if !database.url.isEmpty, PostgresConninfo(database.url) == nil {
            reader.report("DATABASE_URL is not a libpq connection string")
        }
        if let wanted = PostgresConninfo(database.url)?["target_session_attrs"], wanted != "read-write" {
            reader.report(
                "DATABASE_URL has target_session_attrs=\(wanted): a standby believes tokens that were revoked; only read-write will do")
        }
    }

    private func reportUnsafeSettings(to reader: inout SettingReader) {
        if trustedProxies.trustsEverybody {
            reader.report("TRUSTED_PROXIES trusts every address: anybody could choose the one that is written down for him")
        }
        if !Self.isLoopback(host), tls == nil, trustedProxies.isEmpty {
            reader.report(
                "HOST=\(host) takes passwords in the clear: set TLS_CERTIFICATE_FILE, or TRUSTED_PROXIES to what ends TLS before it")
        }
        if let tls, tls.isPublic { reader.report("TLS_PRIVATE_KEY_FILE can be read by every user of this machine") }
        if allowedOrigins.areOpenToTampering {
            reader.report("CORS_ALLOWED_ORIGINS has pages that anybody on the way can alter: use https")
        }
        if passwords.minimumStrength == 0 {
            reader.report("PASSWORD_MIN_STRENGTH=0 lets people choose the commonest passwords: not in production")
        }
        if attempts.hourlyPerNetwork > 100_000 {
            reader.report("ATTEMPTS_PER_ADDRESS is more than 100000: one address could guess at every account, not in production")
        }
        if logLevel < .info { reader.report("LOG_LEVEL=\(logLevel) tells more than a production log may hold") }
        if sessions.accessTokenLifetime > .seconds(86_400) { reader.report("ACCESS_TOKEN_TTL is longer than a day: not in production") }
        if sessions.refreshGrace > .seconds(60) { reader.report("REFRESH_GRACE is longer than a minute: not in production") }
        if sessions.refreshRetryWindow > .seconds(3600) {
            reader.report("REFRESH_RETRY_WINDOW is longer than an hour: a stolen token would be good for so long unseen")
        }
        guard let conninfo = PostgresConninfo(database.url) else { return }
        if !conninfo.isLocal, conninfo["sslmode"] != "verify-full" {
            reader.report("DATABASE_URL reaches another host without sslmode=verify-full: passwords and digests would travel open")
        }
        if let password = conninfo["password"], Self.publicPasswords.contains(password) || password == conninfo["user"] {
            reader.report("DATABASE_URL has a password that everybody knows")
        }
    }

    private static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }

    /// What the compose file of this project and the usual tutorials ship.
    private static let publicPasswords: Set<String> = ["auth-api-development", "postgres", "password", "secret", "changeme", "admin"]
}
