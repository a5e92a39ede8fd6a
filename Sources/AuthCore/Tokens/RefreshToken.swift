import FoundationEssentials

/// The token that rotates a session: `art_` and session id (16) ‖ generation (4) ‖ secret (32) ‖ tag (16) ‖ CRC-32 (4). Never printed.
///
/// The tag is a MAC, keyed per session, over a label, the generation and the secret. It tells a token that was once issued from one
/// that was made up or altered.
public struct RefreshToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let sessionID: SessionID
    public let generation: TokenGeneration
    public let secret: Octets32
    public let tag: RefreshTag

    static let envelope = TokenEnvelope(prefix: "art_", payloadLength: 68)

    public init(sessionID: SessionID, generation: TokenGeneration, secret: Octets32, tag: RefreshTag) {
        self.sessionID = sessionID
        self.generation = generation
        self.secret = secret
        self.tag = tag
    }

    /// `nil` unless the text is a token string to the letter. Only the database knows whether it is valid.
    public init?(_ text: String) {
        let token = Self.envelope.open(text) { payload -> Self? in
            guard let secret = Octets32(payload[20..<52]) else { return nil }
            return Self(
                sessionID: SessionID(UUID(octets: payload[0..<16])), generation: TokenGeneration(octets: payload[16..<20]),
                secret: secret, tag: RefreshTag(payload[52..<68]))
        }
        guard let token else { return nil }
        self = token
    }

    /// The plaintext, only for its owner.
    public func reveal() -> String {
        Self.envelope.seal(sessionID.uuid.octets + generation.octets + secret.array + tag.octets)
    }

    public var description: String { "art_****" }
    public var debugDescription: String { description }
}

/// The 16 octets of a refresh token that prove that its secret was issued for its session and generation.
public struct RefreshTag: Sendable {
    let octets: [UInt8]

    init(_ octets: some Sequence<UInt8>) {
        self.octets = Array(octets)
    }

    /// Compares without a branch on content.
    func equalsInConstantTime(_ other: RefreshTag) -> Bool {
        octets.count == other.octets.count && zip(octets, other.octets).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension UUID {
    /// From 16 octets.
    init(octets: Slice<UnsafeRawBufferPointer>) {
        self.init(uuid: UnsafeRawBufferPointer(rebasing: octets).loadUnaligned(as: uuid_t.self))
    }

    var octets: [UInt8] {
        withUnsafeBytes(of: uuid) { Array($0) }
    }
}
