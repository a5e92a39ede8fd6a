import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import LibPQ
import Testing

@Suite struct MigratorTests {
    private static func numbers() throws -> [Int] { try MigrationFile.all(in: TestDatabase.sqlDirectory).map(\.number) }

    @Test func `an empty database gets every migration, a second run finds nothing to do`() async throws {
        try await TestDatabase.withEmpty { database in
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            let all = try Self.numbers()
            #expect(try await migrator.migrate() == all)
            #expect(try await migrator.migrate() == [])
            try await migrator.verify()
        }
    }

    @Test func `instances that migrate together apply each migration once`() async throws {
        try await TestDatabase.withEmpty { database in
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<6 { group.addTask { try await migrator.migrate() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let all = try Self.numbers()
            #expect(applied.sorted() == all)
        }
    }

    @Test func `an empty database is refused where it must not be migrated`() async throws {
        try await TestDatabase.withEmpty { database in
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            let all = try Self.numbers()
            await #expect(throws: SchemaError.pending(all)) { try await migrator.verify() }
        }
    }

    @Test func `a changed migration is refused`() async throws {
        try await TestDatabase.with { database in
            try await database.query("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1")
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            await #expect(throws: SchemaError.changed(number: 1, name: "accounts_tables")) { _ = try await migrator.migrate() }
        }
    }

    @Test func `the schema of a build before the first release is refused by its own error`() async throws {
        try await TestDatabase.with { database in
            try await database.query("UPDATE schema_migrations SET checksum = 'other', name = 'accounts_and_sessions' WHERE number = 1")
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            await #expect(throws: SchemaError.former) { _ = try await migrator.migrate() }
            await #expect(throws: SchemaError.former) { try await migrator.verify() }
        }
    }

    @Test func `a newer schema is refused`() async throws {
        try await TestDatabase.with { database in
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            try await database.query("INSERT INTO schema_migrations VALUES (\(migrator.newest + 1), 'future', 'x')")
            await #expect(throws: SchemaError.newer(database: migrator.newest + 1, build: migrator.newest)) { try await migrator.verify() }
        }
    }

    @Test func `a schema with a gap is refused as half-applied`() async throws {
        try await TestDatabase.with { database in
            try await database.query("DELETE FROM schema_migrations WHERE number = 0")
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            await #expect(throws: SchemaError.gap(missing: 0)) { _ = try await migrator.migrate() }
        }
    }

    @Test func `tables without a record of migrations are refused`() async throws {
        try await TestDatabase.withEmpty { database in
            try await database.query("CREATE TABLE users (id integer)")
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            await #expect(throws: SchemaError.unmanaged) { _ = try await migrator.migrate() }
        }
    }

    @Test func `a migration that fails leaves nothing behind`() async throws {
        try await TestDatabase.withEmpty { database in
            let folder = FileManager.default.temporaryDirectory.path + "/migrations-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let records = try #require(MigrationFile.all(in: TestDatabase.sqlDirectory).first)
            try records.script.write(toFile: folder + "/0000_schema_migrations.sql", atomically: true, encoding: .utf8)
            try "CREATE TABLE half (id integer); SELECT 1 / 0;".write(toFile: folder + "/0001_half.sql", atomically: true, encoding: .utf8)
            let migrator = try Migrator(conninfo: database.conninfo, directory: folder)
            await #expect(throws: SchemaError.self) { _ = try await migrator.migrate() }
            #expect(try await database.value("SELECT to_regclass('half')") == nil)
            #expect(try await database.value("SELECT count(*) FROM schema_migrations") == "1")
        }
    }

    @Test(arguments: ["7_x.sql", "abcd_x.sql", "0001.sql"])
    func `a migration with a name of another form is refused`(_ name: String) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/migrations-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "SELECT 1".write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
        #expect(throws: SchemaError.misnamedFile(name)) { try MigrationFile.all(in: folder) }
    }

    @Test(arguments: [
        ("statement_timeout", "'20ms'"), ("lock_timeout", "'1ms'"), ("idle_in_transaction_session_timeout", "'1ms'"),
        ("default_transaction_isolation", "'serializable'"), ("search_path", "elsewhere, public"), ("client_min_messages", "'error'"),
    ])
    func `a migration is not swayed by what is set for its role`(_ setting: String, _ value: String) async throws {
        try await TestDatabase.withEmpty { database in
            try await database.query("CREATE SCHEMA elsewhere")
            try await database.setForRole(setting, value)
            let folder = FileManager.default.temporaryDirectory.path + "/migrations-" + UUID().uuidString
            try FileManager.default.copyItem(atPath: TestDatabase.sqlDirectory, toPath: folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let next = "000\(try MigrationFile.all(in: folder).count)".suffix(4)
            try "SELECT pg_sleep(0.1)".write(toFile: "\(folder)/\(next)_slow.sql", atomically: true, encoding: .utf8)
            _ = try await Migrator(conninfo: database.conninfo, directory: folder).migrate()
            let schemas =
                "SELECT string_agg(DISTINCT schemaname, ' ') FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            // Without the limits that were set.
            let found = try await PostgresScriptConnection.with(database.conninfo, applicationName: "test", settings: [:]) {
                try $0.query(schemas)
            }
            #expect(found == [["audit public"]])
        }
    }

    @Test func `a schema of the role's own name stays empty`() async throws {
        try await TestDatabase.withEmpty { database in
            try await database.query("DO $$ BEGIN EXECUTE format('CREATE SCHEMA %I', current_user); END $$")
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            _ = try await migrator.migrate()
            #expect(try await database.value("SELECT count(*) FROM pg_tables WHERE schemaname = current_user") == "0")
            try await migrator.verify()
        }
    }

    @Test func `a database of another encoding is refused before anything is made, and by who only looks`() async throws {
        for (encoding, collation) in [("SQL_ASCII", "C"), ("LATIN1", "C"), ("WIN1252", "C")] {
            try await TestDatabase.withEncoding(encoding, collation) { database in
                let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
                for work in [{ _ = try await migrator.migrate() }, { try await migrator.verify() }] as [() async throws -> Void] {
                    do {
                        try await work()
                        Issue.record("\(encoding) was taken")
                    } catch PostgresError.unsuitable(let reason) {
                        #expect(reason.contains(encoding) && reason.contains("UTF8"))
                    }
                }
                #expect(try await database.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0")
            }
        }
    }

    @Test func `who may not make tables is told so before anything is made`() async throws {
        try await TestDatabase.withEmpty { database in
            let role = "auth_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
            try await database.query("CREATE ROLE \(role) LOGIN PASSWORD 'x'")
            let administrator = try #require(PostgresConninfo(database.conninfo))
            let conninfo = try #require(PostgresConninfo(administrator.replacing("user", with: role)))
            let migrator = try Migrator(conninfo: conninfo.replacing("password", with: "x"), directory: TestDatabase.sqlDirectory)
            await #expect(throws: SchemaError.noRight(role: role, missing: "CREATE ON SCHEMA public")) { _ = try await migrator.migrate() }
            try await database.query("GRANT CREATE ON SCHEMA public TO \(role)")
            await #expect(throws: SchemaError.noRight(role: role, missing: "CREATE ON DATABASE")) { _ = try await migrator.migrate() }
            #expect(try await database.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0")
            try await database.query("DROP SCHEMA public")
            await #expect(throws: SchemaError.noPublicSchema) { _ = try await migrator.migrate() }
            try await database.query("DROP OWNED BY \(role)")
            try await database.query("DROP ROLE \(role)")
        }
    }
}
