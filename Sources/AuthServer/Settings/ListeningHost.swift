import Glibc

/// The address that the server listens on, in the form of the setting.
struct ListeningHost: Sendable {
    static let loopback = ListeningHost(bindable: "127.0.0.1")

    /// The form that can be bound: an address without brackets, or a name.
    let text: String

    private init(bindable text: String) { self.text = text }

    /// - Parameter setting: an address, with or without the brackets that a URL has around IPv6; a name; or `*` for every address of the
    ///   machine. The result is `nil` for a name that cannot be looked up.
    init?(_ setting: String) {
        let isBracketed = setting.hasPrefix("[") && setting.hasSuffix("]")
        let host = isBracketed ? String(setting.dropFirst().dropLast()) : setting
        if host == "*" {
            text = Self.everyAddress
        } else if !isBracketed || host.contains(":"), Self.canBeLookedUp(host) {
            text = host
        } else {
            return nil
        }
    }

    /// `::` also accepts IPv4, if the machine has IPv6.
    private static var everyAddress: String {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return "0.0.0.0" }
        defer { close(descriptor) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
        }
        return result == 0 ? "::" : "0.0.0.0"
    }

    private static func canBeLookedUp(_ host: String) -> Bool {
        var found: UnsafeMutablePointer<addrinfo>?
        defer { if let found { freeaddrinfo(found) } }
        return !host.isEmpty && getaddrinfo(host, nil, nil, &found) == 0
    }
}
