import AuthCore
import AuthCrypto
public import AuthPostgres
import Dispatch
import FoundationEssentials
public import LibPQ
import Logging

/// A database of its own for one test, with today's schema, dropped at the end.
///
/// It is copied from a template that is migrated once for each state of `sql/`.
public struct TestDatabase: Sendable {
    public let conninfo: String

    public init(conninfo: String) { self.conninfo = conninfo }

    /// What `swift test` alone says where it does not know a PostgreSQL.
    public struct Missing: Error, CustomStringConvertible {
        public let description =
            "TEST_DATABASE_URL is not set. Run ./script/test, or name a PostgreSQL whose user may create databases: "
            + "TEST_DATABASE_URL=postgresql://user@host/postgres swift test"
    }

    public static func administrator() throws -> PostgresConninfo {
        if let citus = CitusNodes.url { return citus }
        guard let url = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"], let conninfo = PostgresConninfo(url) else {
            throw Missing()
        }
        return conninfo
    }

    /// The migrations of this repository.
    public static let sqlDirectory =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/") + "/sql"

    /// Runs the body with a migrated database.
    public static func with<Value>(_ body: (TestDatabase) async throws -> Value) async throws -> Value {
        try await with(template: await template(), body)
    }

    /// Runs the body with several migrated databases, which take one turn together.
    public static func with<Value>(_ count: Int, _ body: ([TestDatabase]) async throws -> Value) async throws -> Value {
        let template = try await template()
        return try await turns.take { try await copies(of: template, count, [], body) }
    }

    private static func copies<Value>(
        of template: String, _ count: Int, _ made: [TestDatabase], _ body: ([TestDatabase]) async throws -> Value
    ) async throws -> Value {
        if made.count == count { return try await body(made) }
        return try await copy(of: template) { database in try await copies(of: template, count, made + [database], body) }
    }

    /// Runs the body with a database that has nothing in it.
    public static func withEmpty<Value>(_ body: (TestDatabase) async throws -> Value) async throws -> Value {
        try await with(template: "template0", body)
    }

    /// Runs the body with an empty database of an encoding.
    public static func withEncoding<Value>(
        _ encoding: String, _ collation: String, _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        try await with(template: "template0 ENCODING '\(encoding)' LOCALE '\(collation)'", body)
    }

    private static let turns = Turns(4)

    private static func with<Value>(template: String, _ body: (TestDatabase) async throws -> Value) async throws -> Value {
        try await turns.take { try await copy(of: template, body) }
    }

    /// Whether Citus distributes the databases of the tests.
    public static var isDistributed: Bool { CitusNodes.url != nil }

    private static func copy<Value>(of template: String, _ body: (TestDatabase) async throws -> Value) async throws -> Value {
        let name = "auth_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        try await administerNodes("CREATE DATABASE \(name) TEMPLATE \(template)")
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(TestDatabase(conninfo: try administrator().replacing("dbname", with: name))))
        } catch {
            outcome = .failure(error)
        }
        try await administerNodes("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
        return try outcome.get()
    }

    /// Runs one statement in text form; for set-up and for looking.
    @discardableResult
    public func query(_ sql: String, _ parameters: [String?] = []) async throws -> [[String?]] {
        try await PostgresScriptConnection.with(conninfo, applicationName: "auth-api test") { connection in
            try connection.query(sql, parameters)
        }
    }

    /// The one value that a statement returns.
    public func value(_ sql: String, _ parameters: [String?] = []) async throws -> String? {
        try await query(sql, parameters).first?.first ?? nil
    }

    /// Sets something for the role in this database alone: a role is the whole cluster's.
    ///
    /// - Parameter value: as `ALTER ROLE … SET` takes it.
    public func setForRole(_ setting: String, _ value: String) async throws {
        let alter = "ALTER ROLE %I IN DATABASE %I SET \(setting) = \(value)".replacing("'", with: "''")
        try await query("DO $$ BEGIN EXECUTE format('\(alter)', current_user, current_database()); END $$")
    }

    /// Runs the body while a transaction that ran the statement is open.
    public func holding(_ sql: String, ending: String = "ROLLBACK", _ body: () async throws -> Void) async throws {
        let isDone = DispatchSemaphore(value: 0)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        async let holder: Void = PostgresScriptConnection.with(conninfo, applicationName: "auth-api test") { connection in
            defer { begin.finish() }
            try connection.run("BEGIN")
            _ = try connection.query(sql)
            begin.finish()
            isDone.wait()
            try connection.run(ending)
        }
        for await _ in begun {}
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        isDone.signal()
        try await holder
        try outcome.get()
    }

    /// A client for the stores, shut down at the end.
    public func withDatabase<Value>(
        connections: Int = 4, _ body: (PostgresDatabase) async throws -> Value
    ) async throws -> Value {
        let database = Self.database(conninfo, connections: connections)
        try database.start()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(database)) } catch { outcome = .failure(error) }
        await database.shutdown()
        return try outcome.get()
    }

    private static func database(_ conninfo: String, connections: Int) -> PostgresDatabase {
        let coordinator = node(conninfo, connections: connections)
        guard isDistributed, let server = PostgresConninfo(conninfo) else { return PostgresDatabase(coordinator) }
        let routing = RoutingKeys(cryptography: OpenSSLTokenCryptography())
        return PostgresDatabase(
            CitusCluster(coordinator: coordinator, routing: routing) { host, port, lineage in
                node(server.at(host: host, port: port), connections: connections, lineage: lineage)
            })
    }

    /// The connections that the stores need.
    public static func node(
        _ conninfo: String, connections: Int = 4, timeout: Duration = .seconds(10), lineage: PostgresLineage = PostgresLineage()
    ) -> PostgresNode {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let configuration = PostgresClient.Configuration(
            conninfo: conninfo, connections: connections, operationTimeout: timeout, sessionSettings: PostgresDatabase.sessionSettings,
            lineage: lineage)
        var background = configuration
        background.connections = 1
        return PostgresNode(
            lookups: PostgresClient(configuration: configuration, logger: logger),
            work: PostgresClient(configuration: configuration, logger: logger),
            background: PostgresClient(configuration: background, logger: logger))
    }

    private static func administerNodes(_ sql: String) async throws {
        if isDistributed { try await CitusNodes().administer(sql) } else { try await administer(sql) }
    }

    @discardableResult
    private static func administer(_ sql: String, _ parameters: [String?] = []) async throws -> [[String?]] {
        try await TestDatabase(conninfo: try administrator().replacing("dbname", with: "postgres")).query(sql, parameters)
    }

    private static func distribution() throws -> String {
        try String(contentsOfFile: sqlDirectory + "/citus/distribute.sql", encoding: .utf8)
    }

    /// Made once for each state of `sql/`, and renamed when it is complete, so that processes side by side share it.
    private static func template() async throws -> String {
        let scripts = try MigrationFile.all(in: sqlDirectory).map(\.script).joined() + (isDistributed ? try distribution() : "")
        let name = "auth_template_" + (try await administer("SELECT left(md5($1), 16)", [scripts])[0][0] ?? "")
        if try await exists(name) { return name }
        let draft = name + "_" + UUID().uuidString.prefix(8).lowercased()
        if isDistributed { try await CitusNodes().make(draft) } else { try await administer("CREATE DATABASE \(draft) TEMPLATE template0") }
        let target = try administrator().replacing("dbname", with: draft)
        _ = try await Migrator(conninfo: target, directory: sqlDirectory).migrate()
        if isDistributed { try await CitusNodes().close(draft) }
        do {
            try await administerNodes("ALTER DATABASE \(draft) RENAME TO \(name)")
        } catch {
            try await administerNodes("DROP DATABASE IF EXISTS \(draft) WITH (FORCE)")
            guard try await exists(name) else { throw error }
        }
        return name
    }

    private static func exists(_ name: String) async throws -> Bool {
        try await !administer("SELECT 1 FROM pg_database WHERE datname = $1", [name]).isEmpty
    }
}
