import FoundationEssentials
import Testing

@testable import AuthServer

/// docs/guide.md says what `auth-api routes` prints.
@Suite struct DocumentedRoutesTests {
    @Test func `the table of docs/guide.md is what auth-api routes --markdown prints`() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let guide = try String(contentsOfFile: root + "/docs/guide.md", encoding: .utf8)
        #expect(guide.contains("<!-- routes -->\n\(RoutesTable.markdown)<!-- /routes -->"))
    }

    @Test func `what auth-api routes prints for people has a line for each route and fits into a terminal`() {
        let lines = RoutesTable.text.split(separator: "\n")
        #expect(lines.count == RoutesTable.entries.count + 1)
        for line in lines { #expect(line.count <= 80, "\(line)") }
    }
}
