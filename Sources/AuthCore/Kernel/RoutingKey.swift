public import FoundationEssentials

/// The four random bytes that every id of one account ends in.
///
/// It is the first column of every key of account data, so that all rows of an account lie on one shard of a distributed
/// PostgreSQL, found from any id of that account alone.
public struct RoutingKey: Hashable, Sendable {
    public let value: Int32

    public init(_ value: Int32) {
        self.value = value
    }

    /// The last four bytes of an id, big-endian.
    public init(of id: UUID) {
        let bytes = id.uuid
        let bits = UInt32(bytes.12) << 24 | UInt32(bytes.13) << 16 | UInt32(bytes.14) << 8 | UInt32(bytes.15)
        value = Int32(bitPattern: bits)
    }

    /// A key for a new account; all keys are equally likely.
    public static func random() -> RoutingKey {
        RoutingKey(Int32.random(in: .min ... .max))
    }
}
