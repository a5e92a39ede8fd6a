import Glibc

/// The networks of one client address; the use of the queue is counted for each.
///
/// An IPv4 address is a network of its own. One customer of IPv6 has a /64, a /56 or a /48 (RFC 6177), so all three are counted.
/// A wider network has a larger allowance: four times as much for a /56, sixteen times for a /48.
struct ClientNetworks: Sendable {
    struct Network: Hashable, Sendable {
        let bits: UInt64
        let length: UInt8
    }

    /// A network, and the factor by which its use counts for this client.
    struct Share: Sendable {
        let network: Network
        let weight: Double
    }

    /// From the widest network to the narrowest.
    let shares: [Share]

    /// - Parameter address: IPv4 or IPv6; all clients without an address are one network.
    init(of address: String?) {
        if let octets = Self.octets(address, AF_INET, count: 4) {
            shares = [Share(network: Network(bits: Self.bits(octets), length: 32), weight: 1)]
        } else {
            let bits = Self.bits((Self.octets(address, AF_INET6, count: 16) ?? []).prefix(8))
            shares = [
                Share(network: Network(bits: bits >> 16, length: 48), weight: 1.0 / 16),
                Share(network: Network(bits: bits >> 8, length: 56), weight: 1.0 / 4),
                Share(network: Network(bits: bits, length: 64), weight: 1),
            ]
        }
    }

    private static func octets(_ address: String?, _ family: Int32, count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        return address.map { inet_pton(family, $0, &octets) } == 1 ? octets : nil
    }

    private static func bits(_ octets: some Sequence<UInt8>) -> UInt64 {
        octets.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
