import Foundation
import ServerTestSupport
import Testing

/// `.env`, as script/server reads it.
@Suite struct EnvironmentFileTests {
    private static func read(_ text: String, _ names: String...) async throws -> [String] {
        let folder = try TemporaryFolder()
        let file = try folder.file("env")
        try file.handle.write(contentsOf: Data(text.utf8))
        let show = names.map { #"printf '%s\n' "[${\#($0)-unset}]""# }.joined(separator: "; ")
        let output = try await Program.bash(
            #". script/env-file; load_env_file "$FILE"; \#(show)"#, environment: ["FILE": file.url.path, "GIVEN": "by the environment"])
        return output.split(separator: "\n").map(String.init)
    }

    @Test(arguments: [
        ("A=plain", "plain"), ("A=  spaced  ", "spaced"), ("A=x # a comment", "x"), ("A=x#y", "x#y"), ("A=", ""), ("A=# nothing", ""),
        (#"A="two words" # said"#, "two words"), (#"A="a \"b\" \\ c""#, #"a "b" \ c"#), ("A='a # b'", "a # b"), ("export A=x", "x"),
        ("  export   A = x", "x"), ("A=x\r", "x"), ("# A=y\n\nA=x", "x"),
        ("A=postgresql://u:p@h/d?x=1&y=2", "postgresql://u:p@h/d?x=1&y=2"),
        ("A=$(touch /nowhere) `false` $HOME", "$(touch /nowhere) `false` $HOME"),
    ])
    func `a line is read as docker-compose reads it`(_ text: String, _ value: String) async throws {
        #expect(try await Self.read(text, "A") == ["[\(value)]"])
        #expect(try await Self.read(text + "\n", "A") == ["[\(value)]"])
    }

    @Test func `the environment wins`() async throws {
        #expect(try await Self.read("GIVEN=x\nA=y\n", "GIVEN", "A") == ["[by the environment]", "[y]"])
    }

    @Test(arguments: ["A", "1A=x", "A-B=x", #"A="x"#, "A='x", #"A="x" y"#, "A B=x"])
    func `a line that is none is refused with its number`(_ line: String) async throws {
        await #expect(throws: Program.Failure.self) { try await Self.read("B=x\n\(line)\n", "A") }
        do { _ = try await Self.read("B=x\n\(line)\n", "A") } catch let failure as Program.Failure {
            #expect(failure.description.contains("line 2:"))
        }
    }
}
