import FoundationEssentials
import Testing

/// docs/security.md names a test, or says why there is none.
@Suite struct DocumentedPromisesTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

    /// Rows of the table, by id: what holds them.
    private static func promises() throws -> [String: String] {
        let document = try String(contentsOfFile: root + "/docs/security.md", encoding: .utf8)
        let rows = document.matches(of: #/\n\| ([A-Z]+\d+) \| [^\n]*? \| ([^\n]*) \|/#)
        return Dictionary(rows.map { (String($0.1), String($0.2)) }) { first, _ in first }
    }

    private static func tests() throws -> String {
        var text = ""
        for folder in try FileManager.default.subpathsOfDirectory(atPath: root + "/Tests") where folder.hasSuffix("Tests.swift") {
            text += try String(contentsOfFile: root + "/Tests/" + folder, encoding: .utf8)
        }
        return text
    }

    @Test func `each promise has a test that is named after it, or a reason`() throws {
        let promises = try Self.promises()
        let names = try Self.tests().matches(of: #/func `([A-Z0-9, ]+): /#).flatMap { $0.1.split(separator: ", ").map(String.init) }
        #expect(promises.count > 100)
        for (id, holder) in promises {
            #expect(names.contains(id) == !holder.hasPrefix("*"), "\(id): \(holder)")
        }
        for name in Set(names) where !name.hasPrefix("F") || promises[name] != nil {
            #expect(promises[name] != nil, "\(name) is not in docs/security.md")
        }
    }
}
