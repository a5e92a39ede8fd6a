/// Where the chain of one routing key begins and ends, according to the database. A chain has events in the order of their sealing.
public struct AuditChain: Hashable, Sendable {
    /// An event of a chain, or the value before its first event.
    public struct Link: Hashable, Sendable {
        /// 0 before the first event.
        public let position: Int64
        /// SHA-256 in lower-case hexadecimal.
        public let hash: String
        public let sealedAt: Timestamp

        /// - Parameter position: 0 for the value before the first event.
        public init(position: Int64, hash: String, sealedAt: Timestamp) {
            (self.position, self.hash, self.sealedAt) = (position, hash, sealedAt)
        }
    }

    /// How retention removed the events up to the start.
    public enum Removal: Hashable, Sendable {
        /// The youngest of them was old enough. Its time of sealing is covered by a hash.
        case byAge
        /// The youngest of them was too young, or the time of the removal is in the future.
        case tooSoon
    }

    public let routing: RoutingKey
    /// The last event that retention removed, or the value before the first event.
    public let start: Link
    /// `nil` if no event was removed.
    public let removal: Removal?
    /// The last event.
    public let end: Link

    /// - Parameter removal: `nil` if no event was removed.
    public init(routing: RoutingKey, start: Link, removal: Removal?, end: Link) {
        (self.routing, self.start, self.removal, self.end) = (routing, start, removal, end)
    }
}

/// An event of a chain, compared with the event before it and with its own hash, computed again.
public struct CheckedEvent: Hashable, Sendable {
    public let routing: RoutingKey
    public let link: AuditChain.Link
    /// The volume that it is in.
    public let volume: Int32
    /// The position of the event before it.
    public let previous: Int64
    /// Whether its hash matches its content and the hash before it.
    public let isGenuine: Bool
    /// Whether it is the last event of its chain in the portion.
    public let isLast: Bool
    /// The store's number of the shard that has the event.
    public let shard: Int

    public init(
        routing: RoutingKey, link: AuditChain.Link, volume: Int32, previous: Int64, isGenuine: Bool, isLast: Bool, shard: Int = 0
    ) {
        (self.routing, self.link, self.volume, self.shard) = (routing, link, volume, shard)
        (self.previous, self.isGenuine, self.isLast) = (previous, isGenuine, isLast)
    }
}

/// What one step of a verification read.
public struct CheckedPortion: Hashable, Sendable {
    /// How many events were read.
    public let examined: Int64
    /// How many of these events have had their personal fields erased, and are as they were sealed apart from that.
    public let erased: Int64
    /// The events that are wrong, and the last event of each chain, in the order in which they were read.
    public let events: [CheckedEvent]

    public init(examined: Int64, erased: Int64, events: [CheckedEvent]) {
        (self.examined, self.erased, self.events) = (examined, erased, events)
    }
}

/// Events that are not sealed yet.
public struct PendingEvents: Hashable, Sendable {
    public let count: Int64
    /// When the oldest of them happened.
    public let oldest: Timestamp?

    /// - Parameter oldest: `nil` if there are none.
    public init(count: Int64, oldest: Timestamp?) {
        self.count = count
        self.oldest = oldest
    }
}
