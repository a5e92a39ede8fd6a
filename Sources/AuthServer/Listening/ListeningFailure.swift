import Glibc
import NIOCore

/// The reason why the server cannot listen, with the names of its settings.
struct ListeningFailure: Error, CustomStringConvertible {
    let description: String

    /// `nil` if the error is about something else.
    init?(_ error: any Error, _ settings: ListeningSettings) {
        let (host, port) = (settings.host, settings.port)
        switch error {
        case SocketAddressError.unknown: description = "HOST=\(host) cannot be looked up"
        case let error as IOError:
            guard let reason = Self.reason(error.errnoCode, host: host, port: port) else { return nil }
            description = reason
        default: return nil
        }
    }

    private static func reason(_ number: Int32, host: String, port: Int) -> String? {
        switch number {
        case EADDRINUSE: "PORT=\(port) is taken: another program listens there on HOST=\(host). Stop it, or set another PORT"
        case EACCES: "PORT=\(port) may not be used by this user: set one above 1023, or let a proxy listen there"
        case EADDRNOTAVAIL: "HOST=\(host) is not an address of this machine"
        case EAFNOSUPPORT: "HOST=\(host) is of an address family that this machine does not have, such as IPv6"
        default: nil
        }
    }
}
