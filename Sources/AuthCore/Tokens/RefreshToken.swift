import FoundationEssentials

/// The token that rotates a session: `art_` and session id (16) ‖ generation (4) ‖ secret (32) ‖ tag (16) ‖ CRC-32 (4). Never printed.
///
/// The tag is a MAC, keyed per session, over type and generation. It tells a token that was once issued from one that somebody
/// made up who knows no more than the session's id.
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

    /// `nil` unless the text is a token string to the letter. Whether it is valid only the database can say.
    public init?(_ text: String) {
        guard let payload = Self.envelope.open(text), let secret = Octets32(payload[20..<52]) else { return nil }
        self.init(
            sessionID: SessionID(UUID(octets: payload[0..<16])), generation: TokenGeneration(octets: payload[16..<20]),
            secret: secret, tag: RefreshTag(payload[52..<68]))
    }

    /// The plaintext, for its owner alone.
    public func reveal() -> String {
        Self.envelope.seal(sessionID.uuid.octets + generation.octets + secret.array + tag.octets)
    }

    public var description: String { "art_****" }
    public var debugDescription: String { description }
}

/// The 16 octets of a refresh token that prove that it was issued for its session and generation.
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
    init(octets: ArraySlice<UInt8>) {
        var (high, low): (UInt64, UInt64) = (0, 0)
        for octet in octets.prefix(8) { high = high << 8 | UInt64(octet) }
        for octet in octets.dropFirst(8) { low = low << 8 | UInt64(octet) }
        self.init(high: high, low: low)
    }

    var octets: [UInt8] {
        withUnsafeBytes(of: uuid) { Array($0) }
    }
}
