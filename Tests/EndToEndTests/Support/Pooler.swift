import Foundation
import LibPQ
import ServerTestSupport

/// A real PgBouncer before a database.
final class Pooler: Sendable {
    /// The connection string through it.
    let conninfo: String
    private let process: Process
    private let folder: TemporaryFolder

    /// Runs the body while it serves.
    ///
    /// - Parameter settings: lines of its section `[pgbouncer]`.
    static func with<Value>(_ settings: [String], before database: String, _ body: (Pooler) async throws -> Value) async throws -> Value {
        let pooler = try Pooler(settings, before: database)
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

    private init(_ settings: [String], before database: String) throws {
        guard let target = PostgresConninfo(database) else { throw Program.Failure(description: database) }
        folder = try TemporaryFolder()
        let port = Listener.freePort()
        conninfo = "postgresql://anybody@127.0.0.1:\(port)/\(target["dbname"] ?? "")"
        let place = ["host", "port", "user", "password"].map { "\($0)=\(target[$0] ?? "")" }.joined(separator: " ")
        let text = """
            [databases]
            * = \(place)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            auth_type = any
            unix_socket_dir =
            \(settings.joined(separator: "\n"))
            """
        let configuration = folder.url.path + "/pgbouncer.ini"
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
        process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        // It refuses to run as root.
        process.arguments = [
            "-c",
            """
            chmod 755 "$(dirname "$1")"; touch "$2"; chmod 666 "$2"
            if [ "$(id -u)" = 0 ]; then as="setpriv --reuid=postgres --regid=postgres --init-groups"; fi
            exec ${as:-} pgbouncer "$1" >"$2" 2>&1
            """, "pooler", configuration, folder.url.path + "/log",
        ]
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]
        try process.run()
    }

    /// It may have inherited a mask that keeps SIGTERM away.
    private func stop() {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}
