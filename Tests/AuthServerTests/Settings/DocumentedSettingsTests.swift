import FoundationEssentials
import Testing

@testable import AuthServer

/// The documents say what `auth-api settings` prints.
@Suite struct DocumentedSettingsTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")

    private static func document(_ name: String) throws -> String {
        try String(contentsOfFile: root + "/" + name, encoding: .utf8)
    }

    @Test func `.env.example is what auth-api settings --environment prints`() throws {
        #expect(try Self.document(".env.example") == SettingsTable.environmentFile)
    }

    @Test func `the tables of docs/configuration.md are what auth-api settings --markdown prints`() throws {
        let table = "<!-- settings -->\n\(SettingsTable.markdown)<!-- /settings -->"
        #expect(try Self.document("docs/configuration.md").contains(table))
    }

    @Test func `docker-compose.yml hands on each setting that it does not decide itself, and each former name`() throws {
        let decided = ["DATABASE_URL", "MIGRATE_ON_START", "SQL_DIRECTORY", "HOST", "PORT"]
        let file = try Self.document("docker-compose.yml")
        let entries = SettingsTable.entries
        for name in entries.map(\.name) + entries.compactMap(\.formerName) where !decided.contains(name) {
            #expect(file.contains("\n      \(name): ${\(name):-"), "\(name)")
        }
        #expect(file.contains("127.0.0.1:${PORT:-8000}:8000"))
    }

    @Test func `each setting that is declared is read, once`() throws {
        let folder = Self.root + "/Sources/AuthServer/Settings/"
        let sources = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix("Settings.swift") }.map { try String(contentsOfFile: folder + $0, encoding: .utf8) }
        let declared = sources.joined().matches(of: /= Setting(<[^(]*>)?\(\s*"([A-Z0-9_]+)"/).map { String($0.2) }
        #expect(declared.count > 30)
        #expect(declared.sorted() == SettingsTable.entries.map(\.name).sorted())
    }

    @Test func `what auth-api settings prints for people fits into a terminal`() {
        for line in SettingsTable.text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
}
