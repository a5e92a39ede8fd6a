/// The events of one routing key, in the order in which they were sealed, as the database says of their beginning and end.
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

    /// When retention removed the events up to the start.
    public enum Removal: Hashable, Sendable {
        /// When the youngest of them, whose age is sealed, was old enough.
        case byAge
        /// Before that, or at a time that is still to come.
        case tooSoon
    }

    public let routing: RoutingKey
    /// The last event that retention removed.
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

/// An event of a chain beside the one before it, computed anew.
public struct CheckedEvent: Hashable, Sendable {
    public let routing: RoutingKey
    public let link: AuditChain.Link
    /// The volume that it lies in.
    public let volume: Int32
    /// The position of the event before it.
    public let previous: Int64
    /// Whether its hash is that of its content and of the hash before it.
    public let isGenuine: Bool
    /// Whether it is the last one of its chain in the portion.
    public let isLast: Bool

    public init(routing: RoutingKey, link: AuditChain.Link, volume: Int32, previous: Int64, isGenuine: Bool, isLast: Bool) {
        (self.routing, self.link, self.volume) = (routing, link, volume)
        (self.previous, self.isGenuine, self.isLast) = (previous, isGenuine, isLast)
    }
}

/// What one step of a verification read.
public struct CheckedPortion: Hashable, Sendable {
    public let examined: Int64
    /// Events whose personal fields were erased.
    public let erased: Int64
    /// In order: the events that are not as they should be, and the last one of each chain.
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
