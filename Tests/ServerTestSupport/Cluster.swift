import AuthTestSupport
import Foundation

/// A PostgreSQL of one test's own, to be stopped and frozen at will.
package final class Cluster: Sendable {
    private let folder: TemporaryFolder
    package let conninfo: String

    package static func with<Value>(_ body: (Cluster) async throws -> Value) async throws -> Value {
        let cluster = try await Cluster()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(cluster)) } catch { outcome = .failure(error) }
        let reset: Result<Void, any Error>
        do { reset = .success(try await cluster.command("reset")) } catch { reset = .failure(error) }
        // What the body met comes first.
        let value = try outcome.get()
        try reset.get()
        return value
    }

    private init() async throws {
        folder = try TemporaryFolder()
        try await Self.command("start", folder)
        conninfo = try await Self.command("url auth_api", folder).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs one statement in text form.
    @discardableResult
    package func query(_ sql: String) async throws -> [[String?]] { try await TestDatabase(conninfo: conninfo).query(sql) }

    /// What PostgreSQL logged.
    package func logText() async throws -> String {
        try await Program.bash(#"cat "$(cat "$LOCAL_DIR/postgres-home")/log""#, environment: ["LOCAL_DIR": folder.url.path])
    }

    /// `start`, `stop`, `freeze`, `thaw`: see `script/postgres`.
    package func command(_ command: String) async throws {
        try await Self.command(command, folder)
    }

    @discardableResult
    private static func command(_ command: String, _ folder: TemporaryFolder) async throws -> String {
        // Foundation takes a program for running while anybody holds its descriptors, and PostgreSQL would inherit them.
        let closing = #"for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done"#
        return try await Program.bash("\(closing); script/postgres \(command)", environment: ["LOCAL_DIR": folder.url.path])
    }
}
