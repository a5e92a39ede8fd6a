public import FoundationEssentials

/// The unit by which rows can be placed on machines: all rows of an account have its routing key.
///
/// There are 4096 keys. An account has the key of its first e-mail address, and every id of the account contains the key. So each of these
/// ids, and the address, is enough to find the rows. Each chain of the audit trail has the events of one key.
public struct RoutingKey: Hashable, Sendable {
    /// The number of keys: 12 bits.
    public static let count: Int32 = 4096

    /// 0 to 4095, unless somebody wrote another value into the database.
    public let value: Int32

    /// - Parameter value: the number in the database.
    public init(_ value: Int32) {
        self.value = value
    }

    /// The first 12 bits of the last four bytes of an id. The other 20 are random.
    public init(of id: UUID) {
        self.init(Int32(id.uuid.12) << 4 | Int32(id.uuid.13) >> 4)
    }

    /// The first 12 bits of the SHA-256 of a canonical address. The function `address_routing` of the database computes the same.
    public init(digest: Octets32) {
        let first = digest.withUnsafeBytes { octets in (octets[0], octets[1]) }
        self.init(Int32(first.0) << 4 | Int32(first.1) >> 4)
    }

    /// A key for an event that belongs to no account. All keys are equally likely.
    public static func random() -> RoutingKey {
        RoutingKey(Int32.random(in: 0..<count))
    }
}
