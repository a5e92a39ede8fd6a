import AuthTestSupport
package import Foundation

/// A program of the machine, run to its end.
package struct Program {
    package struct Outcome {
        package let status: Int32
        package let output: String
        package let errors: String
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// Runs it with this process's environment and the changes, its working directory the repository's.
    package static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
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

    /// A subcommand of the built server, run to its end.
    package static func authAPI(_ arguments: String..., environment: [String: String]) async throws -> Outcome {
        try await authAPI(arguments, environment: environment)
    }

    package static func authAPI(_ arguments: [String], environment: [String: String]) async throws -> Outcome {
        let defaults = [
            "SQL_DIRECTORY": TestDatabase.sqlDirectory, "DATABASE_URL": "", "LOG_FORMAT": "json", "PORT": "0", "OPERATIONS_PORT": "0",
        ]
        return try await run(try Repository.server.path, arguments, environment: defaults.merging(environment) { $1 })
    }

    /// The output of a bash script that must succeed.
    @discardableResult
    package static func bash(_ script: String, environment: [String: String] = [:]) async throws -> String {
        let outcome = try await run("/bin/bash", ["-euo", "pipefail", "-c", script], environment: environment)
        guard outcome.status == 0 else { throw Failure(description: "\(script)\nended with \(outcome.status): \(outcome.errors)") }
        return outcome.output
    }
}

package enum Repository {
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

    package static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Where this test's own executable lies, the server's lies too.
    package static var server: URL {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: own).deletingLastPathComponent().appending(path: "auth-api")
        }
    }
}

/// A folder that goes with the value.
package final class TemporaryFolder: Sendable {
    package let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "auth-api-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    package struct File: Sendable {
        package let url: URL
        package let handle: FileHandle

        package func text() throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }
    }

    package func file(_ name: String) throws -> File {
        let url = url.appending(path: name)
        try Data().write(to: url)
        return File(url: url, handle: try FileHandle(forWritingTo: url))
    }
}
