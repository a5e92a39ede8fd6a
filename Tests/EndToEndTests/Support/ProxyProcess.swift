import Foundation
import ServerTestSupport

/// A real proxy under the configuration that we ship, but for its ports and paths.
final class ProxyProcess: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case nginx, haproxy
    }

    let port: Int
    private let process: Process
    private let folder: TemporaryFolder
    private let log: TemporaryFolder.File

    /// - Parameters:
    ///   - api: the port where it finds auth-api.
    ///   - app: the port of what it guards.
    static func start(_ kind: Kind, api: Int, app: Int) async throws -> ProxyProcess {
        try await start(kind.rawValue, port: Listener.freePort(), ["8000": api, "9000": app]) {
            try kind == .nginx ? $0.nginx() : $0.haproxy()
        }
    }

    /// nginx with a page's files, auth-api and the app behind one address.
    static func start(oneOrigin folder: String, api: Int, app: Int) async throws -> ProxyProcess {
        try await start("nginx", port: Listener.freePort(), ["8000": api, "9000": app]) { try $0.oneOrigin(page: folder) }
    }

    /// HAProxy before two instances.
    static func start(instances: (Int, Int)) async throws -> ProxyProcess {
        try await start("haproxy", port: Listener.freePort(), ["8001": instances.0, "8002": instances.1]) { try $0.instances() }
    }

    private static func start(
        _ program: String, port: Int, _ ports: [String: Int], _ arguments: (Paths) throws -> [String]
    ) async throws -> ProxyProcess {
        let proxy = try ProxyProcess(program, port: port, ports, arguments)
        for _ in 0..<200 where proxy.process.isRunning {
            if let socket = Listener.connect(port: proxy.port) {
                Glibc.close(socket)
                return proxy
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        proxy.stop()
        throw Program.Failure(description: "\(program) does not listen: \(try proxy.log.text())")
    }

    private init(_ program: String, port: Int, _ ports: [String: Int], _ arguments: (Paths) throws -> [String]) throws {
        self.port = port
        folder = try TemporaryFolder()
        log = try folder.file("log")
        process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/\(program)")
        process.arguments = try arguments(Paths(folder: folder.url.path, ports: ports.merging(["8080": port]) { $1 }))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log.handle
        process.standardError = log.handle
        try process.run()
    }

    /// SIGTERM, so that the workers go too.
    func stop() {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
    }
}

/// Where a proxy finds its files, and what its command line is then.
private struct Paths {
    let folder: String
    let ports: [String: Int]

    func nginx() throws -> [String] { try nginx(install("nginx/auth-api.conf")) }

    func oneOrigin(page: String) throws -> [String] { try nginx(install("nginx/one-origin.conf", replacing: ["/srv/app": page])) }

    private func nginx(_ site: String) throws -> [String] {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        let main = """
            daemon off;
            pid \(folder)/pid;
            worker_processes 2;
            error_log stderr;
            events {}
            http { access_log off; \(temporary.joined(separator: " ")) include \(site); }
            """
        return ["-e", "stderr", "-c", try write(main, "nginx.conf")]
    }

    func haproxy() throws -> [String] {
        _ = try install("haproxy/verify.lua")
        return ["-db", "-f", try install("haproxy/auth-api.cfg")]
    }

    func instances() throws -> [String] { ["-db", "-f", try install("haproxy/instances.cfg")] }

    private func install(_ file: String, replacing others: [String: String] = [:]) throws -> String {
        var text = try Repository.text(of: "deploy/\(file)")
        for (example, other) in others { text = text.replacing(example, with: other) }
        for (example, port) in ports { text = text.replacing("127.0.0.1:\(example)", with: "127.0.0.1:\(port)") }
        text = text.replacing("/etc/haproxy/", with: "\(folder)/")
        // Abstract sockets are the whole machine's.
        text = text.replacing("abns@auth_api_gate", with: "abns@auth_api_gate_\(ports["8080"]!)")
        return try write(text, URL(filePath: file).lastPathComponent)
    }

    private func write(_ text: String, _ name: String) throws -> String {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        return "\(folder)/\(name)"
    }
}
