import AuthTestSupport
import Foundation
import LibPQ

/// A PostgreSQL of one test's own, to be stopped and frozen at will.
package final class Cluster: Sendable {
    private let folder: TemporaryFolder
    private let hasOwnDisk: Bool
    package let conninfo: String

    /// Each is a whole server beside the others.
    private static let turns = Turns(2)

    /// - Parameter diskSize: of a disk of its own, in the words of mount(8), which only root can make.
    package static func with<Value>(diskSize: String? = nil, _ body: (Cluster) async throws -> Value) async throws -> Value {
        try await turns.take { try await with(try await Cluster(diskSize: diskSize), body) }
    }

    /// Runs the body with a standby of this one, which knows it by the name.
    package func withStandby<Value>(_ name: String, _ body: (Cluster) async throws -> Value) async throws -> Value {
        try await Self.with(try await Cluster(following: (self, name)), body)
    }

    private static func with<Value>(_ cluster: Cluster, _ body: (Cluster) async throws -> Value) async throws -> Value {
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(cluster)) } catch { outcome = .failure(error) }
        let reset: Result<Void, any Error>
        do { reset = .success(try await cluster.remove()) } catch { reset = .failure(error) }
        // What the body met comes first.
        let value = try outcome.get()
        try reset.get()
        return value
    }

    private init(following primary: (cluster: Cluster, name: String)? = nil, diskSize: String? = nil) async throws {
        folder = try TemporaryFolder()
        hasOwnDisk = diskSize != nil
        if let diskSize { try await Program.bash("mount -t tmpfs -o size=\(diskSize),mode=755 auth-api-test '\(folder.url.path)'") }
        if let primary { try await Self.command("follow \(primary.cluster.folder.url.path) \(primary.name)", folder) }
        try await Self.command("start", folder)
        conninfo = try await Self.command("url auth_api", folder).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func remove() async throws {
        try await command("reset")
        if hasOwnDisk { try await Program.bash("umount '\(folder.url.path)'") }
    }

    /// Runs the body while no octet more has room on its disk.
    package func fillDisk(_ body: () async throws -> Void) async throws {
        let filler = folder.url.path + "/filler"
        try await Program.bash("cat /dev/zero >'\(filler)' 2>/dev/null || true")
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        try await Program.bash("rm '\(filler)'")
        try outcome.get()
    }

    /// Runs one statement, on a standby too.
    @discardableResult
    package func query(_ sql: String) async throws -> [[String?]] {
        let anywhere = PostgresConninfo(conninfo)?.replacing("target_session_attrs", with: "any") ?? conninfo
        return try await TestDatabase(conninfo: anywhere).query(sql)
    }

    /// Changes a setting of the running server; `nil` goes back to its default.
    package func set(_ setting: String, _ value: String?) async throws {
        try await query("ALTER SYSTEM \(value.map { "SET \(setting) = '\($0)'" } ?? "RESET \(setting)")")
        try await query("SELECT pg_reload_conf()")
    }

    /// What PostgreSQL logged.
    package func logText() async throws -> String {
        try await Program.bash(#"cat "$(cat "$LOCAL_DIR/postgres-home")/log""#, environment: ["LOCAL_DIR": folder.url.path])
    }

    /// From its next start on it is a standby that waits for its primary: it answers what only reads.
    package func standBy() async throws {
        try await Program.bash(
            "touch \"$(cat \"$HOME_FILE\")/data/standby.signal\"",
            environment: [
                "HOME_FILE": folder.url.appending(path: "postgres-home").path
            ])
    }

    /// `start`, `stop`, `freeze`, `thaw`, `kill`, `promote`: see `script/postgres`.
    package func command(_ command: String) async throws {
        try await Self.command(command, folder)
    }

    @discardableResult
    private static func command(_ command: String, _ folder: TemporaryFolder) async throws -> String {
        // Foundation takes a program for running while any process holds its descriptors, and PostgreSQL would inherit them.
        let closing = #"for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done"#
        return try await Program.bash("\(closing); script/postgres \(command)", environment: ["LOCAL_DIR": folder.url.path])
    }
}

extension Cluster {
    /// One connection string for all of these, in their order.
    package static func conninfo(of clusters: [Cluster]) -> String {
        let each = clusters.compactMap { PostgresConninfo($0.conninfo) }
        let hosts = each.compactMap { $0["host"] }.joined(separator: ",")
        let ports = each.compactMap { $0["port"] }.joined(separator: ",")
        let several = each.first?.replacing("host", with: hosts) ?? ""
        return PostgresConninfo(several)?.replacing("port", with: ports) ?? several
    }
}
