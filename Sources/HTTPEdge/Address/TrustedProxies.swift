/// The proxies whose `X-Forwarded-For` is believed.
public struct TrustedProxies: Sendable {
    public static let none = TrustedProxies(ranges: [])

    private let ranges: [AddressRange]

    private init(ranges: [AddressRange]) {
        self.ranges = ranges
    }

    /// - Parameter text: addresses and ranges in CIDR notation, separated by commas; `none` for no proxy. `nil` if one is neither.
    public init?(_ text: String) {
        var ranges: [AddressRange] = []
        for part in text.utf8.isText("none") ? [] : text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let range = AddressRange(part.withoutBlanksAround) else { return nil }
            ranges.append(range)
        }
        self.ranges = ranges
    }

    public var isEmpty: Bool { ranges.isEmpty }

    /// Whether every client could choose the address that is recorded for it.
    public var trustsEverybody: Bool { ranges.contains { $0.isEverybody } }

    func contain(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// The address of the client. Each proxy appends the address of its own client. So the fields are read from the right, as long as a
    /// trusted proxy wrote them. Text that is not an address ends the reading: then the client is the proxy that passed it on.
    ///
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - fields: every `X-Forwarded-For` of the request, in order.
    func client(of peer: String?, forwardedFor fields: [String]) -> String? {
        guard let peer, var nearest = IPAddress(peer.utf8) else { return peer }
        for field in fields.reversed() {
            for entry in field.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
                guard contain(nearest), let address = IPAddress(entry.withoutBlanksAround) else { return nearest.description }
                nearest = address
            }
        }
        return nearest.description
    }
}
