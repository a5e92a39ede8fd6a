import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

@Suite struct MigratorTests {
    @Test func `an empty database gets every migration, a second run finds nothing to do`() async throws {
        try await TestDatabase.withEmpty { database in
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            #expect(try await migrator.migrate() == Array(0...migrator.newest))
            #expect(try await migrator.migrate() == [])
            try await migrator.verify()
        }
    }

    @Test func `instances that migrate at once apply each migration once`() async throws {
        try await TestDatabase.withEmpty { database in
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<6 { group.addTask { try await migrator.migrate() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == Array(0...migrator.newest))
        }
    }

    @Test func `an empty database is refused where it must not be migrated`() async throws {
        try await TestDatabase.withEmpty { database in
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            await #expect(throws: SchemaError.pending(Array(0...migrator.newest))) { try await migrator.verify() }
        }
    }

    @Test func `a changed migration is refused`() async throws {
        try await TestDatabase.with { database in
            try await database.query("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1")
            let migrator = try Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory)
            await #expect(throws: SchemaError.changed(number: 1, name: "accounts_and_sessions")) { _ = try await migrator.migrate() }
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
}
