/// One seal of the audit trail, beside what lies in its range now.
public struct SealedRange: Hashable, Sendable {
    /// The seal's number and hash, as they are written there.
    public let head: SealHead
    /// Positions in the trail; the end is the first that is not of the range.
    public let positions: Range<Int64>
    public let events: Int64
    /// When the youngest event of the range happened; `nil` where there is none.
    public let lastAt: Timestamp?
    public let sealedAt: Timestamp
    /// When retention removed the events.
    public let removedAt: Timestamp?
    /// Whether its hash is that of its own words and of the hash before it.
    public let isGenuine: Bool
    /// The number of events that are there now.
    public let found: Int64
    /// Whether they are, octet for octet, those that were sealed.
    public let isUnchanged: Bool

    public init(
        head: SealHead, positions: Range<Int64>, events: Int64, lastAt: Timestamp?, sealedAt: Timestamp, removedAt: Timestamp?,
        isGenuine: Bool, found: Int64, isUnchanged: Bool
    ) {
        (self.head, self.positions, self.events, self.lastAt, self.sealedAt) = (head, positions, events, lastAt, sealedAt)
        (self.removedAt, self.isGenuine, self.found, self.isUnchanged) = (removedAt, isGenuine, found, isUnchanged)
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
