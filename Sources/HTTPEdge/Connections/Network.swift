/// Addresses that surely belong to one party: one IPv4 address, or a /64 of IPv6 (RFC 6177).
struct Network: Hashable, CustomStringConvertible {
    private let first: IPAddress

    init(_ address: IPAddress) {
        first = address.isIPv4 ? address : address.masked(to: 64)
    }

    var description: String { first.isIPv4 ? first.description : "\(first)/64" }
}
