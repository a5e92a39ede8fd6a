import FoundationEssentials

/// Where the next page of a list of sessions begins. It is opaque and not authenticated: it only says where to go on in the list of
/// the account that asks.
public struct SessionCursor: Sendable {
    /// The last session of the page before.
    public let last: SessionID

    private static let version: UInt8 = 1

    init(last: SessionID) {
        self.last = last
    }

    /// `nil` unless the text has the form of a cursor to the letter.
    public init?(_ text: some Collection<UInt8>) {
        guard let octets = Base64URL.decode(text), octets.count == 17, octets[0] == Self.version else { return nil }
        last = octets.withUnsafeBytes { SessionID(UUID(octets: $0[1...])) }
    }

    public var text: String { Base64URL.encode([Self.version] + last.uuid.octets) }
}
