import AuthPostgres
import LibPQ

struct DatabaseSettings: Sendable {
    let url: String
    let connections: Int
    let timeout: Duration
    let migrateOnStart: Bool
    let sqlDirectory: String

    static let url = Setting(
        "DATABASE_URL", .secret("a libpq URI such as postgresql://user:password@host/database"), default: nil,
        "The database. Several hosts are allowed. DATABASE_URL_FILE may name a file that holds the URI.")
    static let connections = Setting(
        "DATABASE_CONNECTIONS", .integer(2...64), default: "8",
        "Connections to PostgreSQL. A quarter of them serve only look-ups by key. One more works in the background.")
    static let timeout = Setting(
        "DATABASE_TIMEOUT", .duration(from: "100ms", to: "60s"), default: "1500ms",
        "The longest time of one statement, including the wait for a connection.")
    static let migrateOnStart = Setting(
        "MIGRATE_ON_START", .boolean, default: "true", "Whether the server brings the schema up to date before it serves.")
    static let sqlDirectory = Setting("SQL_DIRECTORY", .text("a folder"), default: "sql", "The folder of the migrations.")

    init(_ read: inout SettingReader) {
        read.section = "Database"
        url = read(Self.url)
        connections = read(Self.connections)
        timeout = read(Self.timeout)
        migrateOnStart = read(Self.migrateOnStart)
        sqlDirectory = read(Self.sqlDirectory)
        requireWritableServer(&read)
        requireSafeConnection(&read)
        do { _ = try MigrationFile.all(in: sqlDirectory) } catch {
            read.refuse(Self.sqlDirectory, "must name the sql folder of this release: \(error)")
        }
    }

    private func requireWritableServer(_ read: inout SettingReader) {
        if !url.isEmpty, let objection = PostgresConninfo.objection(to: url) { read.report("DATABASE_URL \(objection)") }
        guard let wanted = PostgresConninfo(url)?["target_session_attrs"] else { return }
        read.require(
            wanted == "read-write",
            "DATABASE_URL has target_session_attrs=\(wanted): a standby accepts tokens that were revoked; only read-write is allowed")
    }

    private func requireSafeConnection(_ read: inout SettingReader) {
        guard let conninfo = PostgresConninfo(url) else { return }
        read.requireInProduction(
            conninfo.isLocal || conninfo["sslmode"] == "verify-full",
            "DATABASE_URL reaches another host without sslmode=verify-full: passwords and digests would be sent unencrypted")
        guard let password = conninfo["password"] else { return }
        read.requireInProduction(
            !Self.publicPasswords.contains(password) && password != conninfo["user"], "DATABASE_URL has a password that everybody knows")
    }

    /// What the compose file of this project and the usual tutorials have.
    private static let publicPasswords: Set<String> = ["auth-api-development", "postgres", "password", "secret", "changeme", "admin"]
}
