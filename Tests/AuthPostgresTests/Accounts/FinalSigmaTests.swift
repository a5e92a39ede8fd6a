import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

@Suite struct FinalSigmaTests {
    /// The migrations before the one that makes σ and ς one letter.
    private static func withEarlier<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.path + "/migrations-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let names = try FileManager.default.contentsOfDirectory(atPath: TestDatabase.sqlDirectory)
        for name in names where name.hasSuffix(".sql") && name < "0008" {
            try FileManager.default.copyItem(atPath: TestDatabase.sqlDirectory + "/" + name, toPath: folder + "/" + name)
        }
        return try await body(folder)
    }

    @Test func `UN1: addresses with a final sigma are migrated, unless the other spelling is somebody's`() async throws {
        try await TestDatabase.withEmpty { database in
            try await Self.withEarlier { folder in _ = try await Migrator(conninfo: database.conninfo, directory: folder).migrate() }
            for (number, address) in ["νικος@a.example", "γιωργος@a.example", "γιωργοσ@a.example", "ada@a.example"].enumerated() {
                let id = "00000000-0000-7000-8000-00000000000\(number)"
                try await database.query(
                    "INSERT INTO users (routing, id, email, password_hash) VALUES (\(number), '\(id)', '\(address)', '$argon2id$')")
                try await database.query("INSERT INTO user_emails VALUES ('\(address)', \(number), '\(id)')")
            }
            _ = try await Migrator(conninfo: database.conninfo, directory: TestDatabase.sqlDirectory).migrate()
            let addresses = try await database.query("SELECT address FROM user_emails ORDER BY routing").map { $0[0] ?? "" }
            let expected = ["νικοσ@a.example", "γιωργος@a.example", "γιωργοσ@a.example", "ada@a.example"]
            #expect(addresses.elementsEqual(expected) { $0.utf8.elementsEqual($1.utf8) }, "\(addresses)")
        }
    }
}
