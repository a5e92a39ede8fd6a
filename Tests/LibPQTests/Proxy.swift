import Foundation
import LibPQ
import NIOConcurrencyHelpers

/// A TCP proxy before PostgreSQL that can freeze and cut what passes through it.
final class Proxy: Sendable {
    private struct State {
        var isFrozen = false
        var isClosed = false
        var sockets: [Int32] = []
    }

    let port: Int
    private let listener: Int32
    private let upstream: PostgresConninfo
    private let state = NIOLockedValueBox(State())

    /// Runs the body with a proxy before the database, and the connection string through it.
    static func with<Value>(_ conninfo: String, _ body: (Proxy, String) async throws -> Value) async throws -> Value {
        let proxy = Proxy(upstream: PostgresConninfo(conninfo)!)
        defer { proxy.close() }
        let through = PostgresConninfo(PostgresConninfo(conninfo)!.replacing("host", with: "127.0.0.1"))!
        return try await body(proxy, through.replacing("port", with: "\(proxy.port)"))
    }

    private init(upstream: PostgresConninfo) {
        self.upstream = upstream
        (listener, port) = Self.listen()
        Thread.detachNewThread { [self] in accept() }
    }

    /// A socket that listens on a free loopback port.
    static func listen() -> (socket: Int32, port: Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, length)
                _ = Glibc.listen(listener, 64)
                _ = getsockname(listener, $0, &length)
            }
        }
        return (listener, Int(in_port_t(bigEndian: address.sin_port)))
    }

    func freeze() { state.withLockedValue { $0.isFrozen = true } }
    func thaw() { state.withLockedValue { $0.isFrozen = false } }

    /// Ends every connection there is; new ones are taken.
    func cut() {
        let sockets = state.withLockedValue { state in
            defer { state.sockets = [] }
            return state.sockets
        }
        for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private func close() {
        state.withLockedValue { $0.isClosed = true }
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    private func accept() {
        while case let client = Glibc.accept(listener, nil, nil), client >= 0 {
            guard let server = connectUpstream() else {
                _ = Glibc.close(client)
                continue
            }
            state.withLockedValue { $0.sockets += [client, server] }
            Thread.detachNewThread { [self] in pump(client, server) }
            Thread.detachNewThread { [self] in pump(server, client) }
        }
        _ = Glibc.close(listener)
    }

    private func pump(_ source: Int32, _ target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
            while state.withLockedValue({ $0.isFrozen && !$0.isClosed }) { usleep(10_000) }
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private func connectUpstream() -> Int32? {
        let host = upstream["host"] ?? "127.0.0.1"
        let port = Int(upstream["port"] ?? "5432")!
        if host.hasPrefix("/") { return Self.connect(unix: "\(host)/.s.PGSQL.\(port)") }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        return result == 0 ? server : nil
    }

    private static func connect(unix path: String) -> Int32? {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8) + [0]) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        return result == 0 ? server : nil
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return address
    }
}
