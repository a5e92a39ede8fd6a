/// The proxies whose `X-Forwarded-For` is believed.
public struct TrustedProxies: Sendable {
    public static let none = TrustedProxies(ranges: [])

    private let ranges: [AddressRange]

    private init(ranges: [AddressRange]) {
        self.ranges = ranges
    }

    /// - Parameter text: addresses and ranges in CIDR notation, separated by commas; `none` for nobody. `nil` where any is neither.
    public init?(_ text: String) {
        var ranges: [AddressRange] = []
        for part in text == "none" ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = AddressRange(part.trimmingSpaces) else { return nil }
            ranges.append(range)
        }
        self.ranges = ranges
    }

    public var isEmpty: Bool { ranges.isEmpty }

    /// Whether anybody at all could choose the address that is written down for him.
    public var trustsEverybody: Bool { ranges.contains { $0.isEverybody } }

    private func contain(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// The address of the client. Each proxy appends the one that it was asked from, so the fields are read from the right, for as long
    /// as it was a trusted proxy that wrote. What is no address ends the reading: then the client is the proxy that passed it on.
    ///
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - fields: every `X-Forwarded-For` of the request, in order.
    func client(of peer: String?, forwardedFor fields: [String]) -> String? {
        guard let peer, var nearest = IPAddress(peer) else { return peer }
        for field in fields.reversed() {
            for entry in field.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                guard contain(nearest), let address = IPAddress(entry.trimmingSpaces) else { return nearest.description }
                nearest = address
            }
        }
        return nearest.description
    }
}

extension Substring {
    /// Without the spaces and tabs around it (OWS, RFC 9110 §5.6.3).
    var trimmingSpaces: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start }
        return start[...last]
    }
}
