import Foundation
import Testing

/// The kinds of events as the source declares them, beside what others say of them.
@Suite struct AuditKindTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: root + "/" + path, encoding: .utf8) }

    private static func files(in folder: String, ending: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root + "/" + folder).filter { $0.hasSuffix(ending) }.map { folder + "/" + $0 }
    }

    private static func declared() throws -> [String] {
        try files(in: "Sources", ending: ".swift").flatMap { try text($0).matches(of: #/AuditKind\("(\w+)"\)/#).map { String($0.1) } }
    }

    @Test func `each kind is declared once, in the form of the others`() throws {
        let kinds = try Self.declared()
        #expect(kinds.count > 20)
        #expect(Set(kinds).count == kinds.count)
        for kind in kinds { #expect(kind.wholeMatch(of: #/[a-z]+(_[a-z]+)+/#) != nil, "\(kind)") }
    }

    @Test func `docs/audit.md lists all kinds and no other`() throws {
        let rows = try Self.text("docs/audit.md").matches(of: #/\n\| ([^|]+) \| (success|failure|success, failure) \|/#)
        let listed = rows.flatMap { $0.1.matches(of: #/`(\w+)`/#).map { String($0.1) } }
        #expect(listed.sorted() == (try Self.declared()).sorted())
    }

    @Test func `SQL asks for kinds that there are`() throws {
        let kinds = try Self.declared()
        let asked = try Self.files(in: "sql", ending: ".sql").flatMap {
            try Self.text($0).matches(of: #/\btype = '(\w+)'/#).map { String($0.1) }
        }
        #expect(asked.contains("authn_login_fail"))
        #expect(Set(asked).isSubset(of: kinds))
    }
}
