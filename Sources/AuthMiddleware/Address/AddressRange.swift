/// The addresses that begin with the same bits: `10.0.0.0/8` (RFC 4632 §3.1), `2001:db8::/32` (RFC 4291 §2.3), or one address.
struct AddressRange: Hashable, Sendable {
    private let first: IPAddress
    /// Of the 128 of an ``IPAddress``.
    private let prefixLength: Int

    /// `nil` also where bits after the prefix are set, as PostgreSQL's `cidr` has it: whoever writes that means something else.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = IPAddress(parts[0]) else { return nil }
        let width = parts[0].contains(":") ? 128 : 32
        guard let length = parts.count == 1 ? width : Self.length(parts[1], upTo: width) else { return nil }
        let prefixLength = 128 - width + length
        guard first.masked(to: prefixLength) == first else { return nil }
        self.first = first
        self.prefixLength = prefixLength
    }

    private static func length(_ text: some StringProtocol, upTo width: Int) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text), length <= width else { return nil }
        return length
    }

    func contains(_ address: IPAddress) -> Bool { address.masked(to: prefixLength) == first }

    /// Whether it is all of IPv4 or more.
    var isEverybody: Bool { prefixLength <= 96 && contains(IPAddress("0.0.0.0")!) }
}
