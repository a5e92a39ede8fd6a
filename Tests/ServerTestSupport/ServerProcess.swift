package import AuthTestSupport
package import Foundation

/// The built server as a process of its own, on a free port.
package final class ServerProcess: Sendable {
    package let port: Int
    private let process: Process
    private let folder: TemporaryFolder
    private let log: TemporaryFolder.File

    package var http: Loopback { Loopback(port: port) }
    package var processID: Int32 { process.processIdentifier }

    /// Runs the body with a server over its own migrated database.
    package static func with<Value>(
        environment: [String: String] = [:], _ body: (ServerProcess, TestDatabase) async throws -> Value
    ) async throws -> Value {
        try await TestDatabase.with { database in
            let server = try await start(database: database.conninfo, environment: environment)
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(server, database)) } catch { outcome = .failure(error) }
            server.kill()
            return try outcome.get()
        }
    }

    /// Starts it and waits until it is ready.
    ///
    /// - Parameter port: a free one; where it is 0 the server chooses, and its log says which.
    /// - Parameter program: another build of it, and what that wants to be told first.
    package static func start(
        database: String, port: Int = 0, environment: [String: String] = [:], program: (url: URL, arguments: [String])? = nil
    ) async throws -> ServerProcess {
        let folder = try TemporaryFolder()
        let log = try folder.file("log")
        let process = Process()
        process.executableURL = try program?.url ?? Repository.server
        process.arguments = program?.arguments ?? ["serve"]
        process.environment = [
            "DATABASE_URL": database, "DATABASE_CONNECTIONS": "6", "PORT": "\(port)", "OPERATIONS_PORT": "0", "LOG_FORMAT": "json",
            "SQL_DIRECTORY": TestDatabase.sqlDirectory,
            // All of a test comes from one address.
            "ATTEMPTS_PER_NETWORK": "100000",
        ].merging(Self.sanitizerOptions) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log.handle
        process.standardError = log.handle
        try process.run()
        let bound = port == 0 ? try await boundPort(log: log, process: process) : port
        let server = ServerProcess(port: bound, process: process, folder: folder, log: log)
        // Of TLS this client knows nothing.
        if environment["TLS_CERTIFICATE_FILE"] == nil { try await server.waitUntilReady() }
        return server
    }

    /// Where a build with a sanitizer reports (script/sanitize).
    private static let sanitizerOptions = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }

    private init(port: Int, process: Process, folder: TemporaryFolder, log: TemporaryFolder.File) {
        (self.port, self.process, self.folder, self.log) = (port, process, folder, log)
    }

    private static func boundPort(log: TemporaryFolder.File, process: Process) async throws -> Int {
        for _ in 0..<600 {
            if let match = try log.text().firstMatch(of: /"message":"listening".*"port":(\d+)/), let port = Int(match.1) { return port }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "the server does not listen: \(try log.text())")
    }

    private func waitUntilReady() async throws {
        for _ in 0..<600 where process.isRunning {
            if let reply = try? await http.get("/readyz"), reply.status == 200 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Program.Failure(description: "the server is never ready: \(try logText())")
    }

    package func logText() throws -> String { try log.text() }

    package func kill() {
        signal(SIGKILL)
        process.waitUntilExit()
    }

    /// - Returns: its exit status after SIGTERM.
    package func terminate() -> Int32 {
        askToStop()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Sends SIGHUP.
    package func reload() { signal(SIGHUP) }

    /// Sends SIGTERM.
    package func askToStop() { signal(SIGTERM) }

    /// Its exit status, when it has ended.
    package func exitStatus() async -> Int32 {
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        return process.terminationStatus
    }

    /// How many descriptors it has.
    package func openFiles() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count }

    package func waitUntilLogged(_ message: String) async throws {
        try await waitUntilLog(contains: #""message":"\#(message)""#)
    }

    package func waitUntilLog(contains text: String) async throws {
        while try !logText().contains(text) {
            // What it logged last is there when it has ended.
            if !process.isRunning, try !logText().contains(text) { throw NeverLogged(text: text) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private struct NeverLogged: Error {
        let text: String
    }

    /// Stops it where it stands, until ``thaw()``.
    package func freeze() { signal(SIGSTOP) }

    package func thaw() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        if process.isRunning { _ = Glibc.kill(process.processIdentifier, number) }
    }
}
