import Foundation
import ServerTestSupport

/// What the system refuses to an instance (prlimit(1)).
extension Servers {
    /// Starts the instance anew with hardly more memory than one needs that serves nobody; after the body it may have all it wants.
    ///
    /// - Parameter margin: in octets; less than a password's hash takes.
    func starving(_ instance: Int, margin: Int, _ body: () async throws -> Void) async throws {
        let idle = try await ServerProcess.start(database: database, environment: environment(instance), program: program)
        let needed = try await Self.number("awk '/^VmSize/ { print $2 * 1024 }' /proc/\(idle.processID)/status")
        idle.kill()
        kill(instance)
        let path = try program?.url.path ?? Repository.server.path
        let arguments = ["--as=\(needed + margin):", path] + (program?.arguments ?? ["serve"])
        try await restart(instance, as: (URL(filePath: "/usr/bin/prlimit"), arguments))
        try await lifting("--as=unlimited", of: instance, body)
    }

    /// Runs the body while the instance keeps the descriptors that it has and gets no other.
    func withoutDescriptors(_ instance: Int, _ body: () async throws -> Void) async throws {
        let process = process(instance).processID
        let before = try await Self.number("prlimit --pid \(process) --nofile --raw --noheadings --output SOFT")
        // The limit is that of the highest number; all below are taken.
        try await Program.bash("prlimit --pid \(process) --nofile=8:")
        try await lifting("--nofile=\(before):", of: instance) {
            try await body()
            let reply = try? await Loopback(port: port(of: instance), timeout: .milliseconds(500)).get("/livez")
            guard reply == nil else { throw Program.Failure(description: "no server has met the fault") }
        }
    }

    private func lifting(_ limit: String, of instance: Int, _ body: () async throws -> Void) async throws {
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        try await Program.bash("prlimit --pid \(process(instance).processID) \(limit)")
        try outcome.get()
    }

    private static func number(_ question: String) async throws -> Int {
        Int(try await Program.bash(question).trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }
}
