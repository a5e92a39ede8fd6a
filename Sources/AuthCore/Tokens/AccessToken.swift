import FoundationEssentials

/// The token that travels with every request: `aat_` and session id (16) ‖ generation (4) ‖ secret (32) ‖ CRC-32 (4). Never printed.
public struct AccessToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let sessionID: SessionID
    public let generation: TokenGeneration
    public let secret: Octets32

    static let envelope = TokenEnvelope(prefix: "aat_", payloadLength: 52)

    public init(sessionID: SessionID, generation: TokenGeneration, secret: Octets32) {
        self.sessionID = sessionID
        self.generation = generation
        self.secret = secret
    }

    /// `nil` unless the text is a token string to the letter. Only the database knows whether it is valid.
    public init?(_ text: String) {
        var text = text
        guard let token = text.withUTF8({ Self(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = token
    }

    /// The same from the octets of the text.
    public init?(_ octets: UnsafeRawBufferPointer) {
        let token = Self.envelope.open(octets) { payload -> Self? in
            guard let secret = Octets32(payload[20..<52]) else { return nil }
            return Self(
                sessionID: SessionID(UUID(octets: payload[0..<16])), generation: TokenGeneration(octets: payload[16..<20]), secret: secret)
        }
        guard let token else { return nil }
        self = token
    }

    /// The plaintext, only for its owner.
    public func reveal() -> String {
        Self.envelope.seal(sessionID.uuid.octets + generation.octets + secret.array)
    }

    public var description: String { "aat_****" }
    public var debugDescription: String { description }
}
