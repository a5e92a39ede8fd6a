public import FoundationEssentials

/// The secret in a mailed link: `aot_` and id (16) ‖ secret (32) ‖ CRC-32 (4). Never printed.
public struct OneTimeToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Its routing key is that of the account, or of the address if there is no account yet.
    public let id: OneTimeTokenID
    public let secret: Octets32

    private static let envelope = TokenEnvelope(prefix: "aot_", payloadLength: 48)

    /// Any id and secret; whether they are a token is for the database to say.
    public init(id: OneTimeTokenID, secret: Octets32) {
        self.id = id
        self.secret = secret
    }

    /// `nil` unless the text is a token string to the letter. Only the database knows whether it is valid.
    public init?(_ text: String) {
        let token = Self.envelope.open(text) { payload -> Self? in
            guard let secret = Octets32(payload[16..<48]) else { return nil }
            return Self(id: OneTimeTokenID(UUID(octets: payload[0..<16])), secret: secret)
        }
        guard let token else { return nil }
        self = token
    }

    /// The plaintext, only for the reader of the mail.
    public func reveal() -> String { Self.envelope.seal(id.uuid.octets + secret.array) }

    public var description: String { "aot_****" }
    public var debugDescription: String { description }
}

/// The id of a one-time token.
public struct OneTimeTokenID: RoutedID {
    public let uuid: UUID
    /// Any id and secret; whether they are a token is for the database to say.
    public init(_ uuid: UUID) { self.uuid = uuid }
}
