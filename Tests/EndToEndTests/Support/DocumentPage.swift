import Foundation
import ServerTestSupport

/// The commands of a Markdown page, and the output that the page shows beneath each.
struct DocumentPage {
    struct Step {
        let commands: String
        let shown: String?
    }

    let steps: [Step]

    init(_ text: String) {
        let pattern = /(?s)```sh\n(?<commands>.*?)```\n(?:```output\n(?<shown>.*?)```\n)?/
        steps = text.matches(of: pattern).map { Step(commands: String($0.commands), shown: $0.shown.map(String.init)) }
    }

    /// Every page that has commands.
    static var names: [String] {
        get async throws {
            try await Program.bash("git grep --files-with-matches '^```sh$' -- '*.md'").split(separator: "\n").map(String.init)
        }
    }

    /// Runs all of them in one shell, one after another.
    ///
    /// - Parameter operationsPort: of the listener that shows mails.
    /// - Returns: the output of each.
    func run(port: Int, operationsPort: Int, environment: [String: String]) async throws -> [String] {
        let separator = "==\(UUID().uuidString)=="
        let script = steps.map { "\($0.commands)\nprintf '%s' '\(separator)'" }.joined(separator: "\n")
        let output = try await Program.bash(
            script.replacing("http://127.0.0.1:8000", with: "http://127.0.0.1:\(port)")
                .replacing("http://127.0.0.1:8001", with: "http://127.0.0.1:\(operationsPort)"), environment: environment)
        return output.components(separatedBy: separator).dropLast()
    }

    /// Output without what differs from run to run: ids, tokens, times, versions, and the width of psql's columns.
    static func normalised(_ output: String) -> String {
        let patterns: [(String, String)] = [
            (#"aat_[A-Za-z0-9_-]+"#, "ACCESS"), (#"art_[A-Za-z0-9_-]+"#, "REFRESH"),
            (#"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"#, "UUID"),
            (#"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00)"#, "TIME"), (#"(?i)(\ndate: ).*"#, "$1DATE"),
            (#"curl/[0-9.]+"#, "curl/VERSION"), (#"\r"#, ""), (#"-{2,}"#, "-"), (#"[ \t]+"#, " "), (#" \n"#, "\n"),
        ]
        let result = patterns.reduce(output) { $0.replacingOccurrences(of: $1.0, with: $1.1, options: .regularExpression) }
        return result.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
