/// How many times a session's tokens were rotated, from 1.
public struct TokenGeneration: Hashable, Comparable, Sendable {
    public let value: Int32

    public static let first = TokenGeneration(1)

    public init(_ value: Int32) {
        self.value = value
    }

    /// `nil` at the end of the counter: such a session can only end.
    public var next: TokenGeneration? {
        value < .max ? TokenGeneration(value + 1) : nil
    }

    public static func < (left: TokenGeneration, right: TokenGeneration) -> Bool {
        left.value < right.value
    }

    /// Big-endian, as a token carries it.
    var octets: [UInt8] {
        let bits = UInt32(bitPattern: value)
        return [UInt8(bits >> 24), UInt8(bits >> 16 & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)]
    }

    init(octets: Slice<UnsafeRawBufferPointer>) {
        value = Int32(bitPattern: octets.reduce(0) { $0 << 8 | UInt32($1) })
    }
}
