/// The time of this machine. It orders ids and log lines; lifetimes are judged by PostgreSQL's clock.
public protocol WallClock: Sendable {
    /// The present moment.
    func now() -> Timestamp
}
