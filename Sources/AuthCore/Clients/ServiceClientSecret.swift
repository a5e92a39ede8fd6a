/// The secret of a service: `acs_` and secret (32) ‖ CRC-32 (4). Never printed.
///
/// It has 256 random bits, so a plain digest protects it.
public struct ServiceClientSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let secret: Octets32

    static let envelope = TokenEnvelope(prefix: "acs_", payloadLength: 32)

    public init(secret: Octets32) {
        self.secret = secret
    }

    /// `nil` unless the text is such a string to the letter.
    public init?(_ text: String) {
        guard let secret = Self.envelope.open(text, { Octets32($0) }) else { return nil }
        self.secret = secret
    }

    /// The plaintext, shown once to the operator who adds the client.
    public func reveal() -> String { Self.envelope.seal(secret.array) }

    public var description: String { "acs_****" }
    public var debugDescription: String { description }
}
