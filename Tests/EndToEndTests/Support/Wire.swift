import Foundation
import ServerTestSupport

/// One TCP connection whose octets a test sends and reads by hand.
final class Wire: Sendable {
    private let socket: Int32

    /// - Parameters:
    ///   - receiveBuffer: of the kernel, in octets; small for a client that does not read.
    ///   - host: which of the addresses 127.0.0.x it comes from.
    /// - Throws: ``Loopback/Failure/refused`` if no program listens.
    init(port: Int, receiveBuffer: Int32? = nil, from host: UInt8? = nil) throws {
        guard let socket = Listener.connect(port: port, receiveBuffer: receiveBuffer, from: host) else { throw Loopback.Failure.refused }
        self.socket = socket
        setTimeout(SO_RCVTIMEO, seconds: 20)
    }

    deinit { close(socket) }

    func setTimeout(_ option: Int32, seconds: Int) {
        var timeout = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    /// - Returns: how many octets the kernel took before the time-out of sending, if there is one, or the connection's end.
    @discardableResult
    func send(_ text: String) async -> Int {
        await onThread { [socket] in
            let octets = Array(text.utf8)
            var sent = 0
            while sent < octets.count {
                let count = octets[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { break }
                sent += count
            }
            return sent
        }
    }

    /// What came until the text did, the connection ended, or nothing came for twenty seconds.
    func receive(until end: String? = nil) async -> String {
        await onThread { [socket] in
            var received: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 {
                received += buffer[..<count]
                if let end, received.firstRange(of: Array(end.utf8)) != nil { break }
            }
            return String(decoding: received, as: UTF8.self)
        }
    }

    /// Whether the server has not closed it yet, a moment given.
    func isOpen() async -> Bool {
        await onThread { [socket] in
            var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            var octet: UInt8 = 0
            guard poll(&descriptor, 1, 100) > 0 else { return true }
            return recv(socket, &octet, 1, Int32(MSG_PEEK)) > 0
        }
    }

    /// What blocks needs a thread of its own: tests share a few.
    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in Thread.detachNewThread { continuation.resume(returning: body()) } }
    }
}
