import Foundation

/// A listening socket on a free loopback port, each connection served by a thread of its own.
final class Listener: Sendable {
    let port: Int
    private let socket: Int32

    init(_ serve: @escaping @Sendable (Int32) -> Void) {
        (socket, port) = Self.listen()
        let listener = socket
        Thread.detachNewThread {
            while case let client = accept(listener, nil, nil), client >= 0 { Thread.detachNewThread { serve(client) } }
            Glibc.close(listener)
        }
    }

    /// Takes no more connections. Those that there are end with their clients.
    func close() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// A port that no program listens on at this moment.
    static func freePort() -> Int {
        let (socket, port) = listen()
        Glibc.close(socket)
        return port
    }

    private static func listen() -> (socket: Int32, port: Int) {
        // Not for the programs that tests start: they would keep it open.
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = Glibc.bind(listener, $0, length)
                _ = Glibc.listen(listener, 64)
                _ = getsockname(listener, $0, &length)
            }
        }
        return (listener, Int(in_port_t(bigEndian: address.sin_port)))
    }

    /// A socket connected to the loopback port, or `nil` if no program listens.
    ///
    /// - Parameters:
    ///   - receiveBuffer: of the kernel, in octets.
    ///   - host: which of the addresses 127.0.0.x it comes from.
    static func connect(port: Int, receiveBuffer: Int32? = nil, from host: UInt8? = nil) -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
        if let host, !bind(socket, to: host) { return nil }
        var address = loopback(port: port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        if result != 0 { Glibc.close(socket) }
        return result == 0 ? socket : nil
    }

    private static func bind(_ socket: Int32, to host: UInt8) -> Bool {
        var address = loopback(port: 0)
        address.sin_addr.s_addr = (0x7F00_0000 | in_addr_t(host)).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        } == 0
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return address
    }
}
