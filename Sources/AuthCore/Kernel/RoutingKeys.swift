/// Computes the routing key of an address, of a service, or of the networks of a client. The ids of accounts and sessions contain theirs.
public struct RoutingKeys: Sendable {
    /// SHA-256 (FIPS 180-4).
    typealias Digest = @Sendable ([UInt8]) throws(AuthError) -> Octets32

    private let sha256: Digest

    init(sha256: @escaping Digest) {
        self.sha256 = sha256
    }

    /// The key of an address. Its account has the same key, unless the address was changed.
    ///
    /// - Throws: ``AuthError/unavailable(cause:)``, as the other functions do.
    public func key(of email: EmailAddress) throws(AuthError) -> RoutingKey { try key(of: Array(email.canonical.utf8)) }

    /// The key of a service and of its events.
    public func key(of client: ServiceClientID) throws(AuthError) -> RoutingKey { try key(of: Array(client.text.utf8)) }

    /// The key of the networks whose allowance a client spends.
    ///
    /// - Parameter ip: the client's IP address; `nil` if it has none. All addresses of one IPv6 /48 have one key.
    public func key(ofNetworksOf ip: String?) throws(AuthError) -> RoutingKey {
        try key(of: Self.widestNetwork(of: Array((ip ?? "::").utf8)))
    }

    private func key(of octets: [UInt8]) throws(AuthError) -> RoutingKey { RoutingKey(digest: try sha256(octets)) }

    private static let colon = UInt8(ascii: ":")

    /// The text of the IPv4 address, or the first 48 bits of the IPv6 address.
    static func widestNetwork(of ip: [UInt8]) -> [UInt8] {
        guard ip.contains(colon) else { return ip }
        return groups(of: ip).prefix(3).flatMap { group in [UInt8(group >> 8), UInt8(group & 0xFF)] }
    }

    /// The groups of an IPv6 address (RFC 4291 §2.2). An IPv4 address at the end is read as one group with a wrong value, so only the first
    /// six groups are sure to be right.
    private static func groups(of ip: [UInt8]) -> [UInt16] {
        let parts = ip.split(separator: colon, omittingEmptySubsequences: false)
        guard let gap = parts.firstIndex(where: \.isEmpty) else { return parts.map(number) }
        let (before, after) = (parts[..<gap].map(number), parts[gap...].filter { part in !part.isEmpty }.map(number))
        let inIPv4 = ip.contains(UInt8(ascii: ".")) ? 1 : 0
        return before + [UInt16](repeating: 0, count: max(0, 8 - inIPv4 - before.count - after.count)) + after
    }

    private static func number(_ hexadecimal: ArraySlice<UInt8>) -> UInt16 {
        hexadecimal.reduce(0) { number, digit in
            number << 4 | UInt16(digit & 0x0F) &+ (digit > UInt8(ascii: "9") ? 9 : 0)
        }
    }
}
