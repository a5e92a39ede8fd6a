import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// A log that cannot be written fails nothing but the log.
@Suite struct LogSinkTests {
    /// - Parameter redirection: of the server's standard error, as a shell has it.
    private static func with(_ redirection: String, _ body: (ServerProcess) async throws -> Void) async throws {
        try await TestDatabase.with { database async throws in
            let script = "exec '\(try Repository.server.path)' serve \(redirection)"
            let server = try await ServerProcess.start(
                database: database.conninfo, port: Listener.freePort(),
                program: (url: URL(filePath: "/bin/bash"), arguments: ["-c", script]))
            defer { server.kill() }
            try await body(server)
        }
    }

    /// So many that their lines are more than any pipe holds.
    private static func expectAnswers(from server: ServerProcess) async throws {
        let request = "GET /livez HTTP/1.1\r\nHost: a\r\n"
        let octets = Array((String(repeating: request + "\r\n", count: 2000) + request + "Connection: close\r\n\r\n").utf8)
        let answers = String(decoding: try await server.http.raw(octets), as: UTF8.self)
        #expect(answers.matches(of: /HTTP\/1\.1 200 OK/).count == 2001)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["2>&-", "2>/dev/full", "2> >(exec true)"])
    func `F31: a closed, a full and a broken standard error stop neither service nor shutdown`(redirection: String) async throws {
        try await Self.with(redirection) { server in
            try await Self.expectAnswers(from: server)
            #expect(server.terminate() == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `F31: a pipe that no program reads stops neither service nor shutdown`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appending(path: "pipe").path
        mkfifo(path, 0o600)
        // Open at both ends, so that it is neither waited for nor broken.
        let pipe = open(path, O_RDWR)
        defer { close(pipe) }
        try await Self.with("2>'\(path)'") { server in
            try await Self.expectAnswers(from: server)
            #expect(server.terminate() == 0)
        }
    }
}
