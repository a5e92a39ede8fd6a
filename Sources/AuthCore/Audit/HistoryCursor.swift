import FoundationEssentials

/// Where the next page of an account's history begins. It is opaque and not authenticated: it only says where to go on in the history of the
/// account that asks.
public struct HistoryCursor: Hashable, Sendable {
    /// An event that had no position when it was listed.
    public struct Mark: Hashable, Sendable {
        public let occurredAt: Timestamp
        public let id: EventID
    }

    /// The next page has sealed events up to this position, and none above it that were listed already.
    public let ceiling: Int64
    /// The last event of the page before, if more events came after it that were not sealed when the first page was made. The next page
    /// begins with these.
    public let mark: Mark?

    private static let version: UInt8 = 1
    private static let years: ClosedRange<Int64> = 0...253_402_300_799_999_999

    /// - Parameter mark: `nil` if only sealed events up to the ceiling follow.
    init(ceiling: Int64, mark: Mark? = nil) {
        (self.ceiling, self.mark) = (ceiling, mark)
    }

    /// `nil` unless the text has the form of a cursor to the letter.
    public init?(_ text: some Collection<UInt8>) {
        guard let octets = Base64URL.decode(text), [9, 33].contains(octets.count), octets[0] == Self.version else { return nil }
        ceiling = Self.number(octets[1..<9])
        guard ceiling >= 0 else { return nil }
        guard octets.count == 33 else {
            mark = nil
            return
        }
        // PostgreSQL refuses years that are far away. No event has one.
        let moment = min(max(Self.number(octets[9..<17]), Self.years.lowerBound), Self.years.upperBound)
        mark = Mark(
            occurredAt: Timestamp(microseconds: moment), id: octets.withUnsafeBytes { octets in EventID(UUID(octets: octets[17...])) })
    }

    public var text: String {
        let rest = mark.map { mark in Self.octets(mark.occurredAt.microseconds) + mark.id.uuid.octets } ?? []
        return Base64URL.encode([Self.version] + Self.octets(ceiling) + rest)
    }

    private static func number(_ octets: ArraySlice<UInt8>) -> Int64 {
        Int64(bitPattern: octets.reduce(0) { number, octet in number << 8 | UInt64(octet) })
    }

    private static func octets(_ number: Int64) -> [UInt8] {
        (0..<8).map { index in UInt8(truncatingIfNeeded: number >> (56 - 8 * index)) }
    }
}
