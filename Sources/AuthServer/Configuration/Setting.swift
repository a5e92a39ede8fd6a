/// One environment variable: what it is called, what it is when unset, and what it means. `.env.example` and the README's
/// table are held equal to this list by a test.
struct Setting: Sendable {
    let name: String
    /// `nil` where it must be set.
    let defaultValue: String?
    /// Where production wants another default.
    let productionDefault: String?
    let meaning: String
    /// May be given as a file through `NAME_FILE`, and is never printed.
    let isSecret: Bool

    init(_ name: String, default defaultValue: String?, production: String? = nil, isSecret: Bool = false, _ meaning: String) {
        self.name = name
        self.defaultValue = defaultValue
        self.productionDefault = production
        self.isSecret = isSecret
        self.meaning = meaning
    }
}

extension Setting {
    static let environment = Setting(
        "AUTH_ENVIRONMENT", default: "development", "development or production; production refuses to start with unsafe settings")
    static let databaseURL = Setting(
        "DATABASE_URL", default: nil, isSecret: true, "libpq URI of the database; several hosts allowed; or DATABASE_URL_FILE")
    static let databaseConnections = Setting(
        "DATABASE_CONNECTIONS", default: "8",
        "connections to PostgreSQL, 2 to 64; a quarter of them serve look-ups by key alone, and one more works in the background")
    static let databaseTimeout = Setting(
        "DATABASE_TIMEOUT", default: "1500ms", "deadline of one statement, waiting for a connection included; 100ms to 60s")
    static let migrateOnStart = Setting("MIGRATE_ON_START", default: "true", "bring the schema up to date before serving")
    static let sqlDirectory = Setting("SQL_DIRECTORY", default: "sql", "folder of the migrations")
    static let shutdownDelay = Setting(
        "SHUTDOWN_DELAY", default: "0s",
        "after SIGTERM the server is unready so long and serves all the same, until load balancers have noticed; 0s to 60s")
    static let host = Setting("HOST", default: "127.0.0.1", "address to listen on")
    static let port = Setting("PORT", default: "8000", "port to listen on; 0 picks a free one and logs it")
    static let trustedProxies = Setting(
        "TRUSTED_PROXIES", default: "none",
        "proxies whose X-Forwarded-For is believed: addresses and ranges (10.0.0.0/8, 2001:db8::1), separated by commas")
    static let logLevel = Setting("LOG_LEVEL", default: "info", "trace, debug, info, notice, warning, error or critical")
    static let logFormat = Setting("LOG_FORMAT", default: "text", production: "json", "text or json, one line an entry")
    static let accessTokenTTL = Setting("ACCESS_TOKEN_TTL", default: "1h", "life of an access token")
    static let sessionIdleTTL = Setting("SESSION_IDLE_TTL", default: "14d", "a session that nobody refreshes for so long ends")
    static let sessionAbsoluteTTL = Setting("SESSION_ABSOLUTE_TTL", default: "30d", "a session ends so long after its login")
    static let sessionRetention = Setting(
        "SESSION_RETENTION", default: "90d", "a session that is over stays so long for audits, then its row is removed")
    static let auditRetention = Setting(
        "AUDIT_RETENTION", default: "400d", "audit rows are removed after this time, 30d at the least")
    static let sessionsPerUser = Setting(
        "SESSIONS_PER_USER", default: "50", "live sessions of one account, 1 to 1000; a login beyond it ends the one idle longest")
    static let refreshGrace = Setting(
        "REFRESH_GRACE", default: "10s", "after a refresh the old tokens work so long, for requests in flight; 0s to 10m")
    static let refreshRetryWindow = Setting(
        "REFRESH_RETRY_WINDOW", default: "10m",
        "a refresh whose response was lost may be repeated so long, while its tokens are unused; 0s to 24h")
    static let passwordMinLength = Setting(
        "PASSWORD_MIN_LENGTH", default: "8", "shortest password in Unicode code points, 8 to 256")
    static let passwordMinStrength = Setting(
        "PASSWORD_MIN_STRENGTH", default: "0", production: "3", "weakest password by zxcvbn's score, 0 (off) to 4")
    static let attemptsPerAddress = Setting(
        "ATTEMPTS_PER_ADDRESS", default: "300",
        "failed logins, refreshes and client credentials, and registrations, from one IPv4 address or IPv6 /64 in an hour, each for itself, "
            + "a tenth of them at once; 10 to 1000000")
    static let argon2Memory = Setting("ARGON2_MEMORY_KIB", default: "19456", "memory of one hash in KiB, 19456 to 262144")
    static let argon2Iterations = Setting("ARGON2_ITERATIONS", default: "2", "passes of one hash, 2 to 16")
    static let argon2Slots = Setting("ARGON2_SLOTS", default: "0", "hashes at one time, 1 to 64; 0 means one for each core but one")

    static let maxConnections = Setting(
        "MAX_CONNECTIONS", default: "10000",
        "clients' connections at one time, 16 to 1000000; further ones wait to be accepted, and so do they where open files run short")
    static let tlsCertificateFile = Setting(
        "TLS_CERTIFICATE_FILE", default: "none",
        "PEM file of the certificate and those above it; the server then speaks TLS 1.2 and 1.3 alone")
    static let tlsPrivateKeyFile = Setting(
        "TLS_PRIVATE_KEY_FILE", default: "none", "PEM file of its key; both are read again on SIGHUP and when they change")
    static let corsAllowedOrigins = Setting(
        "CORS_ALLOWED_ORIGINS", default: "none", "origins of web pages that may read answers (https://app.example.org), separated by commas"
    )

    static let all: [Setting] = [
        environment, databaseURL, databaseConnections, databaseTimeout, migrateOnStart, sqlDirectory, shutdownDelay, host, port,
        trustedProxies, logLevel,
        logFormat,
        accessTokenTTL, sessionIdleTTL, sessionAbsoluteTTL, refreshGrace, refreshRetryWindow, sessionsPerUser, sessionRetention,
        auditRetention, passwordMinLength, passwordMinStrength,
        attemptsPerAddress,
        argon2Memory, argon2Iterations, argon2Slots,
        maxConnections, tlsCertificateFile, tlsPrivateKeyFile, corsAllowedOrigins,
    ]
}
