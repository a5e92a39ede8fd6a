import FoundationEssentials
import Testing

@testable import AuthServer

/// The documents say what the code does.
@Suite struct DocumentedSettingsTests {
    private static func document(_ name: String) throws -> String {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return try String(contentsOfFile: root + "/" + name, encoding: .utf8)
    }

    @Test func `.env.example has each setting with its default`() throws {
        let head = """
            # Copy to .env, take away the # before what you want to change. Each line shows the default.
            # The environment wins over .env; NAME_FILE reads a secret from a file.

            """
        let entries = Setting.all.map { setting in
            let production = setting.productionDefault.map { " (production: \($0))" } ?? ""
            return "\n# \(setting.meaning)\(production)\n#\(setting.name)=\(setting.defaultValue ?? "")\n"
        }
        #expect(try Self.document(".env.example") == head + entries.joined())
    }

    @Test func `the README's table has each setting with its default`() throws {
        let rows = Setting.all.map { setting in
            let production = setting.productionDefault.map { ", in production `\($0)`" } ?? ""
            let fallback = setting.defaultValue.map { "`\($0)`\(production)" } ?? "required"
            return "| `\(setting.name)` | \(fallback) | \(setting.meaning) |\n"
        }
        let table = "<!-- settings -->\n| Variable | Default | Meaning |\n|---|---|---|\n" + rows.joined() + "<!-- /settings -->"
        #expect(try Self.document("README.md").contains(table))
    }

    @Test func `no setting is forgotten in the list of all`() throws {
        let source = try Self.document("Sources/AuthServer/Configuration/Setting.swift")
        #expect(source.matches(of: /static let \w+ = Setting\(/).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
    }
}
