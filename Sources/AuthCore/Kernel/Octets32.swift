/// Exactly 32 octets by value: a secret, a SHA-256 digest, a MAC. No allocation, no variable-time comparison.
public struct Octets32: Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// Fills the 32 octets through the closure, which must write all of them.
    public init(filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
        words = (0, 0, 0, 0)
        Swift.withUnsafeMutableBytes(of: &words, fill)
    }

    /// `nil` unless there are exactly 32 octets.
    public init?(_ octets: some Collection<UInt8>) {
        guard octets.count == 32 else { return nil }
        self.init { $0.copyBytes(from: octets) }
    }

    /// Octets of the system's cryptographically secure generator.
    public static func random() -> Octets32 {
        var generator = SystemRandomNumberGenerator()
        var octets = Octets32 { _ in }
        octets.words = (generator.next(), generator.next(), generator.next(), generator.next())
        return octets
    }

    /// Lends the octets for the time of the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }

    public var array: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Compares without a branch on content, so that time says nothing about where two values differ.
    public func equalsInConstantTime(_ other: Octets32) -> Bool {
        let difference =
            (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2) | (words.3 ^ other.words.3)
        return difference == 0
    }
}
