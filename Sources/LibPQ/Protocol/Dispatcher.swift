import DequeModule

/// Which operation waits, and which connection takes it. It decides and leaves the doing to others.
///
/// An operation goes to the ready connection with the fewest in flight, so that PostgreSQL can commit several in one write;
/// with none free it waits in a bounded queue.
struct Dispatcher<Payload: Sendable>: Sendable {
    struct Limits {
        let inFlightPerConnection: Int
        let queued: Int
    }

    enum Submission {
        /// The connection has something in its inbox.
        case wake(connection: Int)
        /// All are busy or down; the queue's first deadline may have changed.
        case queued
        case refused(String)
    }

    private struct Connection {
        var isReady = false
        var inbox: Deque<Operation<Payload>> = []
        var inFlight = 0
        var load: Int { inbox.count + inFlight }
    }

    private let limits: Limits
    private var connections: [Connection]
    private var queue: Deque<Operation<Payload>> = []
    private(set) var isClosed = false

    init(connections: Int, limits: Limits) {
        self.connections = Array(repeating: Connection(), count: connections)
        self.limits = limits
    }

    var queuedCount: Int { queue.count }
    var readyCount: Int { connections.count(where: \.isReady) }
    var inFlightCount: Int { connections.reduce(0) { $0 + $1.load } }
    var isIdle: Bool { queue.isEmpty && inFlightCount == 0 }
    var nearestQueuedDeadline: ContinuousClock.Instant? { queue.lazy.map(\.deadline).min() }

    mutating func submit(_ operation: Operation<Payload>) -> Submission {
        if isClosed { return .refused("shutting down") }
        // Even where a connection has room: those that came back from a lost one are before it.
        if queue.count >= limits.queued { return .refused("queue full") }
        if let connection = leastLoaded() {
            connections[connection].inbox.append(operation)
            return .wake(connection: connection)
        }
        queue.append(operation)
        return .queued
    }

    /// What the connection shall send now: its inbox, then from the queue as much as it has room for.
    mutating func take(_ connection: Int) -> [Operation<Payload>] {
        var taken: [Operation<Payload>] = []
        taken.append(contentsOf: connections[connection].inbox)
        connections[connection].inbox.removeAll(keepingCapacity: true)
        while connections[connection].inFlight + taken.count < limits.inFlightPerConnection, let next = queue.popFirst() {
            taken.append(next)
        }
        connections[connection].inFlight += taken.count
        return taken
    }

    mutating func finished(_ count: Int, on connection: Int) {
        connections[connection].inFlight -= count
    }

    mutating func becameReady(_ connection: Int) {
        connections[connection].isReady = true
    }

    /// What was in the inbox was never sent and goes back to the head of the queue.
    mutating func becameLost(_ connection: Int) {
        queue.prepend(contentsOf: connections[connection].inbox)
        connections[connection] = Connection()
    }

    /// Puts an operation that was not executed, or only reads, at the head of the queue for another try.
    ///
    /// - Returns: `false` where it has had one, its time is up, or the queue no longer moves.
    mutating func requeue(_ operation: Operation<Payload>, now: ContinuousClock.Instant) -> Bool {
        guard !operation.wasRequeued, operation.deadline > now, !isClosed else { return false }
        var operation = operation
        operation.wasRequeued = true
        queue.prepend(operation)
        return true
    }

    /// A ready connection with room, for what was requeued.
    func connectionWithRoom() -> Int? { queue.isEmpty ? nil : leastLoaded() }

    /// Those that waited for a connection until their deadline.
    mutating func expire(now: ContinuousClock.Instant) -> [Operation<Payload>] {
        let expired = queue.filter { $0.deadline <= now }
        guard !expired.isEmpty else { return [] }
        queue.removeAll { $0.deadline <= now }
        return Array(expired)
    }

    /// - Returns: whether it was still unsent, and is now gone.
    mutating func cancel(_ id: UInt64) -> Bool {
        if let index = queue.firstIndex(where: { $0.id == id }) {
            queue.remove(at: index)
            return true
        }
        for connection in connections.indices {
            if let index = connections[connection].inbox.firstIndex(where: { $0.id == id }) {
                connections[connection].inbox.remove(at: index)
                return true
            }
        }
        return false
    }

    /// Nothing new comes in; what is here may finish.
    mutating func close() {
        isClosed = true
    }

    /// Gives up what was never sent.
    mutating func abandon() -> [Operation<Payload>] {
        var abandoned: [Operation<Payload>] = []
        abandoned.append(contentsOf: queue)
        queue.removeAll()
        for connection in connections.indices {
            abandoned += connections[connection].inbox
            connections[connection].inbox.removeAll()
        }
        return abandoned
    }

    private func leastLoaded() -> Int? {
        connections.indices.filter { connections[$0].isReady && connections[$0].load < limits.inFlightPerConnection }
            .min { connections[$0].load < connections[$1].load }
    }
}
