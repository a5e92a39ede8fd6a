import Glibc

/// An IPv4 or IPv6 address. One of IPv4 is held as IPv6 maps it (RFC 4291 §2.5.5.2), which is how a socket for both may name it.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF]

    /// 16, in network order.
    let octets: [UInt8]

    /// - Parameter text: as RFC 4291 §2.2 or in four decimal numbers without leading zeros; no port, brackets, zone or space.
    public init?(_ text: some Collection<UInt8>) {
        // A NUL would end the text for the C library alone.
        guard text.count < INET6_ADDRSTRLEN, text.allSatisfy({ $0 != 0 }) else { return nil }
        let text = String(decoding: text, as: UTF8.self)
        if let octets = Self.octets(text, AF_INET, count: 4) {
            self.octets = Self.mapped + octets
        } else if let octets = Self.octets(text, AF_INET6, count: 16) {
            self.octets = octets
        } else {
            return nil
        }
    }

    private static func octets(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &octets) == 1 ? octets : nil
    }

    /// The same with the bits after the first `length` cleared.
    func masked(to length: Int) -> IPAddress {
        IPAddress(
            octets: octets.enumerated().map { index, octet in
                let kept = min(8, max(0, length - 8 * index))
                return octet & ~UInt8(truncatingIfNeeded: 0xFF >> kept)
            })
    }

    private init(octets: [UInt8]) {
        self.octets = octets
    }

    public var isIPv4: Bool { octets.starts(with: Self.mapped) }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let octets = isIPv4 ? Array(octets.suffix(4)) : octets
        inet_ntop(isIPv4 ? AF_INET : AF_INET6, octets, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
