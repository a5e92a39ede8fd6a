import Foundation
import NIOConcurrencyHelpers

/// A TCP relay before a server: how many connections were made to it, and every octet sent to it.
final class Wiretap: Sendable {
    private let counted = NIOLockedValueBox((connections: 0, sent: [UInt8]()))
    private let target: Int
    private let listener = NIOLockedValueBox<Listener?>(nil)

    init(port: Int) {
        target = port
        listener.withLockedValue { $0 = Listener { [self] in relay($0) } }
    }

    var port: Int { listener.withLockedValue { $0?.port ?? 0 } }
    var connections: Int { counted.withLockedValue { $0.connections } }
    var sent: String { counted.withLockedValue { String(decoding: $0.sent, as: UTF8.self) } }

    func close() { listener.withLockedValue { $0 }?.close() }

    private func relay(_ client: Int32) {
        counted.withLockedValue { $0.connections += 1 }
        guard let server = Listener.connect(port: target) else { return _ = Glibc.close(client) }
        let back = Thread { self.pump(server, client) { _ in } }
        back.start()
        pump(client, server) { octets in self.counted.withLockedValue { $0.sent += octets } }
        while !back.isFinished { usleep(1000) }
        Glibc.close(client)
        Glibc.close(server)
    }

    private func pump(_ source: Int32, _ target: Int32, _ note: (ArraySlice<UInt8>) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
            note(buffer[..<count])
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }
}
