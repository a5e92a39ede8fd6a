import Foundation
import LibPQ
import ServerTestSupport

/// A PgBouncer to test with.
enum PoolerProgram: CaseIterable, Sendable {
    /// The PgBouncer of the system. Debian 12 has 1.18.
    case system
    /// PgBouncer 1.21 or newer, if PGBOUNCER_NEW names its program.
    case newer

    static let newerPath = ProcessInfo.processInfo.environment["PGBOUNCER_NEW"].flatMap { $0.isEmpty ? nil : $0 }

    fileprivate var path: String {
        switch self {
        case .system: "pgbouncer"
        case .newer: Self.newerPath ?? ""
        }
    }
}

/// A real PgBouncer before a database.
final class Pooler: Sendable {
    /// The connection string through it.
    let conninfo: String
    private let process: Process
    private let folder: TemporaryFolder
    private let port: Int
    private let settings: [String]
    private let database: String

    /// Runs the body while it serves.
    ///
    /// - Parameter settings: lines of its section `[pgbouncer]`.
    static func with<Value>(
        _ settings: [String], _ program: PoolerProgram = .system, before database: String, _ body: (Pooler) async throws -> Value
    ) async throws -> Value {
        let pooler = try Pooler(settings, program, before: database)
        defer { pooler.stop() }
        for _ in 0..<200 where pooler.process.isRunning {
            if let socket = Listener.connect(port: Int(PostgresConninfo(pooler.conninfo)?["port"] ?? "") ?? 0) {
                Glibc.close(socket)
                return try await body(pooler)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Program.Failure(description: "pgbouncer does not listen: \(try String(contentsOfFile: pooler.log, encoding: .utf8))")
    }

    private var log: String { folder.url.path + "/log" }

    private init(_ settings: [String], _ program: PoolerProgram, before database: String) throws {
        folder = try TemporaryFolder()
        port = Listener.freePort()
        (self.settings, self.database) = (settings, database)
        conninfo = "postgresql://anybody@127.0.0.1:\(port)/\(PostgresConninfo(database)?["dbname"] ?? "")"
        let configuration = folder.url.path + "/pgbouncer.ini"
        process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        // It refuses to run as root.
        process.arguments = [
            "-c",
            """
            chmod 755 "$(dirname "$1")"; touch "$2"; chmod 666 "$2"
            if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --init-groups"; fi
            exec ${as:-} "$3" "$1" >"$2" 2>&1
            """, "pooler", configuration, folder.url.path + "/log", program.path,
        ]
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]
        try configure(settings, before: database)
        try process.run()
    }

    private func configure(_ settings: [String], before database: String) throws {
        guard let target = PostgresConninfo(database) else { throw Program.Failure(description: database) }
        let place = ["host", "port", "user", "password"].map { "\($0)=\(target[$0] ?? "")" }.joined(separator: " ")
        let text = """
            [databases]
            \(target["dbname"] ?? "") = \(place)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            auth_type = any
            admin_users = anybody
            unix_socket_dir =
            \(settings.joined(separator: "\n"))
            """
        try text.write(toFile: folder.url.path + "/pgbouncer.ini", atomically: false, encoding: .utf8)
    }

    /// Gives it further settings while it runs, or another database.
    func reload(_ further: [String] = [], before database: String? = nil) async throws {
        try configure(settings + further, before: database ?? self.database)
        try await Program.bash("psql -wXqc RELOAD 'host=127.0.0.1 port=\(port) user=anybody dbname=pgbouncer' >/dev/null")
    }

    /// It may have inherited a mask that keeps SIGTERM away.
    private func stop() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}
