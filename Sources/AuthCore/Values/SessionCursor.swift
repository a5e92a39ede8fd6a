import FoundationEssentials

/// Where the next page of somebody's sessions begins. Opaque, and not authenticated: it says where in one's own list to go on, and a
/// made-up one says nothing else.
public struct SessionCursor: Sendable {
    /// The last session of the page before.
    public let last: SessionID

    private static let version: UInt8 = 1

    init(last: SessionID) {
        self.last = last
    }

    /// `nil` unless the text has the form of a cursor to the letter.
    public init?(_ text: String) {
        guard let octets = Base64URL.decode(text.utf8), octets.count == 17, octets[0] == Self.version else { return nil }
        last = octets.withUnsafeBytes { SessionID(UUID(octets: $0[1...])) }
    }

    public var text: String { Base64URL.encode([Self.version] + last.uuid.octets) }
}
