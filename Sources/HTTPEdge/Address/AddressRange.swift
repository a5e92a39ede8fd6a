/// The addresses that begin with the same bits: `10.0.0.0/8` (RFC 4632 §3.1), `2001:db8::/32` (RFC 4291 §2.3), or one address.
struct AddressRange: Hashable, Sendable {
    private let first: IPAddress
    /// Of the 128 of an ``IPAddress``.
    private let prefixLength: Int

    /// `nil` also if bits after the prefix are set, as for PostgreSQL's `cidr`: such a text means something else.
    init?(_ text: some Collection<UInt8>) {
        let parts = Array(text).split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = IPAddress(parts[0]) else { return nil }
        let width = parts[0].contains(UInt8(ascii: ":")) ? 128 : 32
        guard let length = parts.count == 1 ? width : Self.length(parts[1], upTo: width) else { return nil }
        let prefixLength = 128 - width + length
        guard first.masked(to: prefixLength) == first else { return nil }
        self.first = first
        self.prefixLength = prefixLength
    }

    private static func length(_ digits: ArraySlice<UInt8>, upTo width: Int) -> Int? {
        guard (1...3).contains(digits.count), digits.allSatisfy(\.isDigit) else { return nil }
        let length = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return length <= width ? length : nil
    }

    func contains(_ address: IPAddress) -> Bool { address.masked(to: prefixLength) == first }

    /// Whether it is all of IPv4, or more.
    var isEverybody: Bool { prefixLength <= 96 && contains(IPAddress("0.0.0.0".utf8)!) }
}
