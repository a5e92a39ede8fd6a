/// What the state machines know of one operation; what it carries is of no interest to them.
struct Operation<Payload: Sendable>: Sendable {
    let id: UInt64
    let isWrite: Bool
    let deadline: ContinuousClock.Instant
    let payload: Payload
    /// How many items it adds to a shared execution; 0 for a statement that cannot share one.
    var items = 0
    /// Whether it is executed alone, because an execution that it shared has failed.
    var travelsAlone = false
    /// An operation goes back to the queue once at the most.
    var wasRequeued = false

    var isShared: Bool { items > 0 && !travelsAlone }

    /// What the caller is told when this operation was handed to libpq and its answer will never be known.
    func lost(_ reason: String) -> PostgresError {
        isWrite ? .outcomeUnknown(reason) : .unavailable(reason)
    }
}
