import DequeModule

/// Which operation waits, and which connection takes it. It decides and leaves the doing to others.
///
/// An operation goes to the ready connection with the fewest in flight, so that PostgreSQL can commit several in one write;
/// with none free it waits in a bounded queue.
///
/// Operations that share executions always wait, until a ready connection has none of them in flight: then all that wait leave
/// together. So while one execution is under way the next gathers, and none joins one that was sent before it came.
struct Dispatcher<Payload: Sendable>: Sendable {
    struct Limits {
        let inFlightPerConnection: Int
        let queued: Int
        /// Items of one execution that operations share.
        var itemsPerExecution = 128
        /// Connections that have such at one time; on more, each would have fewer items and cost as much.
        var sharing = 2
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
        var sharedInFlight = 0
        var load: Int { inbox.count + inFlight + sharedInFlight }
    }

    private let limits: Limits
    private var connections: [Connection]
    private var queue: Deque<Operation<Payload>> = []
    private var shared: Deque<Operation<Payload>> = []
    private(set) var isClosed = false

    init(connections: Int, limits: Limits) {
        self.connections = Array(repeating: Connection(), count: connections)
        self.limits = limits
    }

    var queuedCount: Int { queue.count + shared.count }
    var readyCount: Int { connections.count(where: \.isReady) }
    var inFlightCount: Int { connections.reduce(0) { $0 + $1.load } }
    var isIdle: Bool { queuedCount == 0 && inFlightCount == 0 }
    var nearestQueuedDeadline: ContinuousClock.Instant? {
        [queue, shared].lazy.flatMap { $0.lazy.map { $0.deadline } }.min()
    }

    mutating func submit(_ operation: Operation<Payload>) -> Submission {
        if isClosed { return .refused("shutting down") }
        // Even where a connection has room: those that came back from a lost one are before it.
        if queuedCount >= limits.queued { return .refused("queue full") }
        if operation.isShared {
            shared.append(operation)
            return connectionForShared().map { .wake(connection: $0) } ?? .queued
        }
        if let connection = leastLoaded() {
            connections[connection].inbox.append(operation)
            return .wake(connection: connection)
        }
        queue.append(operation)
        return .queued
    }

    /// What the connection shall send now: its inbox, then from the queue as much as it has room for, then what shares.
    mutating func take(_ connection: Int) -> [Operation<Payload>] {
        var taken: [Operation<Payload>] = []
        taken.append(contentsOf: connections[connection].inbox)
        connections[connection].inbox.removeAll(keepingCapacity: true)
        while connections[connection].inFlight + taken.count < limits.inFlightPerConnection, let next = queue.popFirst() {
            taken.append(next)
        }
        connections[connection].inFlight += taken.count
        if mayShare(connection) { takeShared(connection, into: &taken) }
        return taken
    }

    /// The first goes whatever its size, so that none is too large for ever.
    private mutating func takeShared(_ connection: Int, into taken: inout [Operation<Payload>]) {
        var items = 0
        while let next = shared.first, items == 0 || items + next.items <= limits.itemsPerExecution {
            items += next.items
            connections[connection].sharedInFlight += 1
            taken.append(shared.removeFirst())
        }
    }

    /// Whether the connection, did it ask now, would be given something.
    func hasWork(for connection: Int) -> Bool {
        let state = connections[connection]
        return !state.inbox.isEmpty || !queue.isEmpty && state.inFlight < limits.inFlightPerConnection
            || !shared.isEmpty && mayShare(connection)
    }

    mutating func finished(_ operation: Operation<Payload>, on connection: Int) {
        if operation.isShared { connections[connection].sharedInFlight -= 1 } else { connections[connection].inFlight -= 1 }
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
        if operation.isShared { shared.prepend(operation) } else { queue.prepend(operation) }
        return true
    }

    /// A ready connection with room, for what was requeued.
    func connectionWithRoom() -> Int? {
        (queue.isEmpty ? nil : leastLoaded()) ?? (shared.isEmpty ? nil : connectionForShared())
    }

    /// Those that waited for a connection until their deadline.
    mutating func expire(now: ContinuousClock.Instant) -> [Operation<Payload>] {
        let expired = [queue, shared].flatMap { $0.filter { $0.deadline <= now } }
        guard !expired.isEmpty else { return [] }
        queue.removeAll { $0.deadline <= now }
        shared.removeAll { $0.deadline <= now }
        return expired
    }

    /// - Returns: whether it was still unsent, and is now gone.
    mutating func cancel(_ id: UInt64) -> Bool {
        if let index = queue.firstIndex(where: { $0.id == id }) {
            queue.remove(at: index)
            return true
        }
        if let index = shared.firstIndex(where: { $0.id == id }) {
            shared.remove(at: index)
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
        abandoned.append(contentsOf: shared)
        queue.removeAll()
        shared.removeAll()
        for connection in connections.indices {
            abandoned += connections[connection].inbox
            connections[connection].inbox.removeAll()
        }
        return abandoned
    }

    private func connectionForShared() -> Int? {
        connections.indices.filter { connections[$0].isReady && mayShare($0) }.min { connections[$0].load < connections[$1].load }
    }

    private func mayShare(_ connection: Int) -> Bool {
        connections[connection].sharedInFlight == 0 && connections.count { $0.sharedInFlight > 0 } < limits.sharing
    }

    private func leastLoaded() -> Int? {
        connections.indices.filter { connections[$0].isReady && connections[$0].load < limits.inFlightPerConnection }
            .min { connections[$0].load < connections[$1].load }
    }
}
