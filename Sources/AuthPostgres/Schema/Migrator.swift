import LibPQ

/// Brings a database to the schema of the files in `sql/`, each file in a transaction of its own together with its row in
/// `schema_migrations`.
///
/// Each transaction first takes an advisory lock, and then reads which migrations are pending. The transaction leaves no lock and no
/// setting, so a pooler may lend the connection's PostgreSQL process to others.
public struct Migrator: Sendable {
    /// One lock for all instances that share a database, of whatever release: an arbitrary number that must stay what it is.
    private static let lock = "7022344802737087593"

    /// The table that lists the migrations of a database.
    private static let record = "schema_migrations"

    private static let applicationName = "auth-api migrate"

    private let conninfo: String
    private let files: [MigrationFile]
    private let distribution: Distribution

    /// - Parameters:
    ///   - conninfo: a libpq URI of a role that may run DDL.
    ///   - directory: the folder of the migrations.
    public init(conninfo: String, directory: String) throws(SchemaError) {
        self.conninfo = conninfo
        files = try MigrationFile.all(in: directory)
        distribution = Distribution(directory: directory)
    }

    /// The number of the newest migration that this release knows.
    public var newest: Int { files.count - 1 }

    /// Applies the pending migrations. If the database has Citus, it distributes the tables too.
    ///
    /// - Parameter again: whether to distribute the tables even if nothing is pending, or if other instances may be using them. This is
    ///   needed after a node was added.
    /// - Returns: the numbers of the migrations applied.
    /// - Throws: ``SchemaError`` where the schema is not ours to change, `PostgresError` where the database does not answer.
    public func migrate(distributing again: Bool = false) async throws -> [Int] {
        let files = files
        return try await connected { connection in
            var applied: [Int] = []
            while let number = try applyNext(of: files, connection) { applied.append(number) }
            try connection.transaction {
                guard try distribution.isFound(connection) else { return }
                try distribution.requireCoordinator(connection)
                // Another instance that starts may be at it.
                try takeLock(connection)
                // Other instances may use tables that are not distributed yet. Only the operator knows whether one does.
                guard try again || applied.contains(0) || distribution.isBegun(connection) else { throw SchemaError.notDistributed }
                guard try again || distribution.isPending(connection, newest: files.count - 1) else { return }
                try distribution.run(connection, newest: files.count - 1)
            }
            return applied
        }
    }

    /// - Throws: ``SchemaError`` unless the schema is exactly that of the files.
    public func verify() async throws {
        let files = files
        let numbers = try await connected { connection in
            try connection.transaction {
                let numbers = try pending(files, connection).map(\.number)
                if numbers.isEmpty, try distribution.isFound(connection) {
                    try distribution.requireCoordinator(connection)
                    if try distribution.isPending(connection, newest: files.count - 1) { throw SchemaError.notDistributed }
                }
                return numbers
            }
        }
        guard numbers.isEmpty else { throw SchemaError.pending(numbers) }
    }

    /// Whether the database has Citus, which then distributes the tables.
    public func isDistributed() async throws -> Bool {
        try await connected { connection in try connection.transaction { try distribution.isFound(connection) } }
    }

    private func connected<Value: Sendable>(
        _ body: @Sendable @escaping (PostgresScriptConnection) throws -> Value
    ) async throws -> Value {
        do {
            return try await PostgresScriptConnection.with(
                conninfo, applicationName: Self.applicationName, settings: PostgresDatabase.sessionSettings
            ) { connection in
                guard try !Self.isReadOnly(connection) else { throw SchemaError.readOnly }
                return try body(connection)
            }
        } catch PostgresError.unavailable(let reason) {
            // libpq does not say whether no server answered, or only servers that cannot be written to.
            guard await answersReadOnly() else { throw PostgresError.unavailable(reason) }
            throw SchemaError.readOnly
        }
    }

    private func answersReadOnly() async -> Bool {
        guard let anyServer = PostgresConninfo(conninfo)?.replacing("target_session_attrs", with: "any") else { return false }
        let answer = try? await PostgresScriptConnection.with(anyServer, applicationName: Self.applicationName) { connection in
            try Self.isReadOnly(connection)
        }
        return answer ?? false
    }

    private static func isReadOnly(_ connection: PostgresScriptConnection) throws -> Bool {
        try connection.query("SHOW transaction_read_only")[0][0] == "on"
    }

    /// - Returns: the number of the migration applied; `nil` if none is pending.
    private func applyNext(of files: [MigrationFile], _ connection: PostgresScriptConnection) throws -> Int? {
        var next: MigrationFile?
        do {
            return try connection.transaction {
                try takeLock(connection)
                guard let file = try pending(files, connection).first else { return nil }
                try requireRights(connection)
                next = file
                try apply(file, connection)
                return file.number
            }
        } catch PostgresError.server(let error) {
            guard let next else { throw PostgresError.server(error) }
            throw SchemaError.refused("migration \(next.number) (\(next.name)) was refused and rolled back: \(error.messageForLog)")
        }
    }

    private func takeLock(_ connection: PostgresScriptConnection) throws {
        try connection.run("SET LOCAL lock_timeout = '60s'")
        do {
            _ = try connection.query("SELECT pg_advisory_xact_lock(\(Self.lock))")
        } catch {
            guard case .server(let refusal) = error, refusal.sqlState == "55P03" else { throw error }
            throw SchemaError.busy
        }
        try connection.run("SET LOCAL lock_timeout = '10s'")
    }

    /// Checks the role's rights first, so that a migration does not fail in the middle.
    private func requireRights(_ connection: PostgresScriptConnection) throws {
        let answers = try connection.query(
            """
            SELECT current_user, to_regnamespace('public') IS NOT NULL,
                   coalesce(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false),
                   to_regnamespace('audit') IS NOT NULL OR has_database_privilege(current_database(), 'CREATE')
            """)[0]
        let role = answers[0] ?? ""
        guard answers[1] == "t" else { throw SchemaError.noPublicSchema }
        guard answers[2] == "t" else { throw SchemaError.noRight(role: role, missing: "CREATE ON SCHEMA public") }
        guard answers[3] == "t" else { throw SchemaError.noRight(role: role, missing: "CREATE ON DATABASE") }
    }

    private func pending(_ files: [MigrationFile], _ connection: PostgresScriptConnection) throws -> [MigrationFile] {
        var checksums: [String] = []
        for file in files { checksums.append(try checksum(file, connection)) }
        return try state(connection).pending(of: files, checksums: checksums)
    }

    private func state(_ connection: PostgresScriptConnection) throws -> SchemaState {
        let tables = try tables(connection)
        guard tables.contains(Self.record) else { return SchemaState(applied: nil, tables: tables) }
        guard try recordsOurMigrations(connection) else { throw SchemaError.foreign }
        let rows = try connection.query("SELECT number, name, checksum FROM schema_migrations")
        let applied = rows.map { row in
            SchemaState.Applied(number: row[0].flatMap { number in Int(number) } ?? -1, name: row[1] ?? "", checksum: row[2] ?? "")
        }
        return SchemaState(applied: applied, tables: tables.intersection(SchemaState.ownTables))
    }

    /// Reads the catalogue itself, because `to_regclass` may answer from a cache that does not have the latest changes of other instances.
    private func tables(_ connection: PostgresScriptConnection) throws -> Set<String> {
        let names = "{\(SchemaState.ownTables.union([Self.record]).joined(separator: ","))}"
        let rows = try connection.query(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relname = ANY (:names::text[])
            """, ["names": names])
        return Set(rows.compactMap(\.[0]))
    }

    private func recordsOurMigrations(_ connection: PostgresScriptConnection) throws -> Bool {
        let columns = """
            SELECT count(*) FROM pg_attribute
            WHERE attrelid = to_regclass('\(Self.record)') AND attname IN ('number', 'name', 'checksum') AND NOT attisdropped
            """
        return try connection.query(columns)[0][0] == "3"
    }

    /// PostgreSQL computes it, so that no second implementation of SHA-256 is needed here.
    private func checksum(_ file: MigrationFile, _ connection: PostgresScriptConnection) throws -> String {
        try connection.query("SELECT encode(sha256(convert_to(:script, 'UTF8')), 'hex')", ["script": file.script])[0][0] ?? ""
    }

    private func apply(_ file: MigrationFile, _ connection: PostgresScriptConnection) throws {
        try connection.run(file.script)
        _ = try connection.query(
            """
            INSERT INTO schema_migrations (number, name, checksum)
            VALUES (:number::integer, :name, encode(sha256(convert_to(:script, 'UTF8')), 'hex'))
            """, ["number": String(file.number), "name": file.name, "script": file.script])
    }
}
