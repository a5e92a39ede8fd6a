import Glibc
import NIOCore

/// The reason why the server cannot listen, with the names of its settings.
struct ListeningFailure: Error, CustomStringConvertible {
    let description: String

    /// - Parameter names: of the settings of the host and the port.
    /// - Returns: `nil` if the error is about something else.
    init?(_ error: any Error, host: String, port: Int, named names: (host: String, port: String) = ("HOST", "PORT")) {
        let (hostSetting, portSetting) = ("\(names.host)=\(host)", "\(names.port)=\(port)")
        switch (error, (error as? IOError)?.errnoCode) {
        case (SocketAddressError.unknown, _): description = "\(hostSetting) cannot be looked up"
        case (_, EADDRINUSE):
            description = "\(portSetting) is taken: another program listens there on \(hostSetting). Stop it, or set another \(names.port)"
        case (_, EACCES): description = "\(portSetting) may not be used by this user: set one above 1023, or let a proxy listen there"
        case (_, EADDRNOTAVAIL): description = "\(hostSetting) is not an address of this machine"
        case (_, EAFNOSUPPORT): description = "\(hostSetting) is of an address family that this machine does not have, such as IPv6"
        default: return nil
        }
    }
}
