import Foundation

/// A program of the machine, run to its end.
struct Program {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs it with this process's environment and the changes, its working directory the repository's.
    static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
        let folder = try TemporaryFolder()
        let (output, errors) = (try folder.file("output"), try folder.file("errors"))
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = Repository.root
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output.handle
        process.standardError = errors.handle
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Outcome(status: process.terminationStatus, output: try output.text(), errors: try errors.text())
    }

    /// The output of a bash script that must succeed.
    @discardableResult
    static func bash(_ script: String, environment: [String: String] = [:]) async throws -> String {
        let outcome = try await run("/bin/bash", ["-euo", "pipefail", "-c", script], environment: environment)
        guard outcome.status == 0 else { throw Failure(description: "\(script)\nended with \(outcome.status): \(outcome.errors)") }
        return outcome.output
    }
}

enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardizedFileURL

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Where this test's own executable lies, the server's lies too.
    static var server: URL {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: own).deletingLastPathComponent().appending(path: "auth-api")
        }
    }
}

/// A folder that goes with the value.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "auth-api-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    struct File {
        let url: URL
        let handle: FileHandle

        func text() throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }
    }

    func file(_ name: String) throws -> File {
        let url = url.appending(path: name)
        try Data().write(to: url)
        return File(url: url, handle: try FileHandle(forWritingTo: url))
    }
}
