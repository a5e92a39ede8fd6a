import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// The list of stolen passwords from the script that makes it to the server that uses it.
@Suite struct BlocklistFileTests {
    private static func make(_ output: String, from input: String, options: String = "") async throws -> Program.Outcome {
        try await Program.run(
            "/bin/bash", ["-c", #"printf "$INPUT" | script/make-blocklist \#(options) "$OUTPUT""#],
            environment: ["INPUT": input, "OUTPUT": output])
    }

    private static let digests = (0..<9).map { String(repeating: "\($0)", count: 40) }

    @Test(.timeLimit(.minutes(5)))
    func `PW6: the server refuses the passwords of its file, reads another one on SIGHUP, and keeps the former if that is none`()
        async throws
    {
        let folder = try TemporaryFolder()
        let path = folder.url.path + "/stolen"
        #expect(try await Self.make(path, from: #"correct horse battery staple\n"#, options: "--words").status == 0)
        try await ServerProcess.with(environment: ["PASSWORD_BLOCKLIST_FILE": path]) { server, _ async throws in
            let refused = try await Person(on: server).registration()
            #expect(refused.status == 422 && refused.body.contains(#""code":"password_breached""#), "\(refused.body)")

            try "no list".write(toFile: path + ".new", atomically: false, encoding: .utf8)
            #expect(rename(path + ".new", path) == 0)
            server.reload()
            try await server.waitUntilLogged("list of stolen passwords not reloaded, the old one stays in use")
            #expect(try await Person(on: server).registration().status == 422)

            #expect(try await Self.make(path, from: #"another one\n"#, options: "--words --sha256").status == 0)
            server.reload()
            try await server.waitUntilLogged("list of stolen passwords reloaded")
            #expect(try await Person(on: server).registration().status == 201)
            #expect(server.terminate() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the server does not start with a file that is no list or is not whole, and says so`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.path + "/stolen"
        #expect(try await Self.make(path, from: Self.digests.joined(separator: #"\n"#)).status == 0)
        try await Program.bash(
            #"cd "$FOLDER"; head -c 100 stolen >short; sed s/pwblock/pwblack/ stolen >other; echo password >words"#,
            environment: ["FOLDER": folder.url.path])
        for (name, words) in [
            ("absent", "absent is not there"), ("words", "words is not a list of digests: make it with script/make-blocklist"),
            ("other", "other is not a list of digests"), ("short", "short has 100 octets, but its header says 212"),
            ("", "is not a regular file"),
        ] {
            let outcome = try await Program.authAPI(
                "serve",
                environment: ["DATABASE_URL": "postgresql:///x", "PASSWORD_BLOCKLIST_FILE": "\(folder.url.path)/\(name)"])
            #expect(outcome.status == 1 && outcome.errors.contains("PASSWORD_BLOCKLIST_FILE="), "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(name): \(outcome.errors)")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the script makes the same file of any order, with each digest once, and none of a line that it does not know`() async throws {
        let folder = try TemporaryFolder()
        func list(_ lines: [String], _ options: String = "") async throws -> (octets: Data?, outcome: Program.Outcome) {
            let path = folder.url.path + "/list"
            try? FileManager.default.removeItem(atPath: path)
            let outcome = try await Self.make(path, from: lines.joined(separator: #"\r\n"#) + #"\n"#, options: options)
            return (FileManager.default.contents(atPath: path), outcome)
        }
        let sorted = try await list(Self.digests)
        #expect(sorted.octets?.count == 32 + 9 * 20)
        #expect(sorted.outcome.output.hasPrefix("wrote 9 entries (sha1) to "))
        let counted = Self.digests.map { "\($0):12" }
        for lines in [Self.digests.reversed(), Self.digests + Self.digests, [""] + counted, counted.shuffled() + counted] {
            #expect(try await list(lines).octets == sorted.octets)
        }
        #expect(try await list(counted + ["\(String(repeating: "f", count: 40)):11"], "--min-count 12").octets == sorted.octets)
        #expect(try await list([]).octets?.count == 32)
        for (lines, options, words) in [
            (Self.digests + ["password"], "", "line 10 is not 40 hexadecimal digits (sha1)"),
            (Self.digests.reversed() + ["xyz"], "", "line 10 is not 40 hexadecimal digits (sha1)"),
            (Self.digests, "--sha256", "line 1 is not 64 hexadecimal digits (sha256)"),
            ([String(repeating: "a", count: 32)], "", "line 1 is not 40 hexadecimal digits"),
            (Self.digests, "--min-count 2", "line 1 has no count"), (Self.digests, "--words --min-count 2", "has no counts"),
        ] {
            let (octets, outcome) = try await list(lines, options)
            #expect(octets == nil && outcome.status != 0 && outcome.errors.contains(words), "\(outcome.errors)")
        }
        // Nothing is left of what was begun.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}
