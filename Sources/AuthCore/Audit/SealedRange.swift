/// One seal of the audit trail, beside what lies in its range now.
public struct SealedRange: Hashable, Sendable {
    /// When the rows of a seal were removed.
    public enum Removal: Hashable, Sendable {
        /// When the youngest of them, whose age is sealed, was old enough.
        case byAge
        /// Before that, or at a time that is still to come.
        case tooSoon
    }

    /// The seal's number and hash, as they are written there.
    public let head: SealHead
    /// Positions in the trail; the end is the first that is not of the range.
    public let positions: Range<Int64>
    public let events: Int64
    /// When the youngest event of the range happened; `nil` where there is none.
    public let lastAt: Timestamp?
    public let sealedAt: Timestamp
    /// What the seal tells of the removal of its events; `nil` where they are there.
    public let removal: Removal?
    /// Whether its hash is that of its own words and of the hash before it.
    public let isGenuine: Bool
    /// The number of events that are there now.
    public let found: Int64
    /// Whether they are, octet for octet, those that were sealed.
    public let isUnchanged: Bool

    public init(
        head: SealHead, positions: Range<Int64>, events: Int64, lastAt: Timestamp?, sealedAt: Timestamp, removal: Removal?,
        isGenuine: Bool, found: Int64, isUnchanged: Bool
    ) {
        (self.head, self.positions, self.events, self.lastAt, self.sealedAt) = (head, positions, events, lastAt, sealedAt)
        (self.removal, self.isGenuine, self.found, self.isUnchanged) = (removal, isGenuine, found, isUnchanged)
    }
}

/// Events that no seal covers yet.
public struct UnsealedEvents: Hashable, Sendable {
    public let count: Int64
    public let oldest: Timestamp?
    /// Of them, those that claim to be of a transaction that has not begun.
    public let fromTheFuture: Int64

    public init(count: Int64, oldest: Timestamp?, fromTheFuture: Int64) {
        self.count = count
        self.oldest = oldest
        self.fromTheFuture = fromTheFuture
    }
}
