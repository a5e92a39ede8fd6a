import FoundationEssentials

/// Makes UUIDv7 ids (RFC 9562 §5.7) whose last four bytes begin with the routing key of the account.
///
/// The time in an id orders keys; no lifetime is judged by it.
public struct IdentifierGenerator: Sendable {
    private let clock: any WallClock

    public init(clock: any WallClock) {
        self.clock = clock
    }

    /// - Parameter routing: the routing key of the account's address.
    public func user(routing: RoutingKey) -> UserID { make(routing: routing) }

    /// A new id, which carries the routing key of the account.
    public func session(of user: UserID) -> SessionID { make(routing: user.routing) }

    /// - Parameter routing: the account's routing key; a random one if the event belongs to no account.
    public func event(routing: RoutingKey = .random()) -> EventID { make(routing: routing) }

    /// For the ids of other nouns.
    func make<ID: RoutedID>(routing: RoutingKey) -> ID {
        let milliseconds = UInt64(max(0, clock.now().microseconds / 1000))
        let random = UInt64.random(in: .min ... .max)
        let high = milliseconds << 16 | 0x7000 | random & 0x0FFF
        let low =
            0x8000_0000_0000_0000 | (random >> 32) << 32 & 0x3FFF_FFFF_0000_0000 | UInt64(UInt32(bitPattern: routing.value) & 0xFFF) << 20
            | (random >> 12) & 0xFFFFF
        return ID(UUID(high: high, low: low))
    }
}

extension UUID {
    init(high: UInt64, low: UInt64) {
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        self.init(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
                byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }
}
