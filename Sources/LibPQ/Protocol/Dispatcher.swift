import DequeModule

/// Which operation waits, and which connection takes it. It decides and leaves the doing to others.
///
/// An operation goes to the ready connection with the fewest in flight, so that PostgreSQL can commit several in one write;
/// with none free it waits in a bounded queue.
///
/// Look-ups always wait, until a ready connection has none in flight: then all that wait leave together. So while one execution
/// is under way the next gathers, and none joins one that was sent before it came.
struct Dispatcher<Payload: Sendable>: Sendable {
    struct Limits {
        let inFlightPerConnection: Int
        let queued: Int
        /// Keys of one execution of a look-up.
        var keysPerExecution = 128
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
        var lookupsInFlight = 0
        var load: Int { inbox.count + inFlight + lookupsInFlight }
    }

    private let limits: Limits
    private var connections: [Connection]
    private var queue: Deque<Operation<Payload>> = []
    private var lookups: Deque<Operation<Payload>> = []
    private(set) var isClosed = false

    init(connections: Int, limits: Limits) {
        self.connections = Array(repeating: Connection(), count: connections)
        self.limits = limits
    }

    var queuedCount: Int { queue.count + lookups.count }
    var readyCount: Int { connections.count(where: \.isReady) }
    var inFlightCount: Int { connections.reduce(0) { $0 + $1.load } }
    var isIdle: Bool { queuedCount == 0 && inFlightCount == 0 }
    var nearestQueuedDeadline: ContinuousClock.Instant? {
        [queue.lazy.map(\.deadline).min(), lookups.lazy.map(\.deadline).min()].compactMap(\.self).min()
    }

    mutating func submit(_ operation: Operation<Payload>) -> Submission {
        if isClosed { return .refused("shutting down") }
        // Even where a connection has room: those that came back from a lost one are before it.
        if queuedCount >= limits.queued { return .refused("queue full") }
        if operation.isLookup {
            lookups.append(operation)
            return connectionForLookups().map { .wake(connection: $0) } ?? .queued
        }
        if let connection = leastLoaded() {
            connections[connection].inbox.append(operation)
            return .wake(connection: connection)
        }
        queue.append(operation)
        return .queued
    }

    /// What the connection shall send now: its inbox, then from the queue as much as it has room for, then look-ups.
    mutating func take(_ connection: Int) -> [Operation<Payload>] {
        var taken: [Operation<Payload>] = []
        taken.append(contentsOf: connections[connection].inbox)
        connections[connection].inbox.removeAll(keepingCapacity: true)
        while connections[connection].inFlight + taken.count < limits.inFlightPerConnection, let next = queue.popFirst() {
            taken.append(next)
        }
        connections[connection].inFlight += taken.count
        if connections[connection].lookupsInFlight == 0 { takeLookups(connection, into: &taken) }
        return taken
    }

    /// The first goes whatever its size, so that none is too large for ever.
    private mutating func takeLookups(_ connection: Int, into taken: inout [Operation<Payload>]) {
        var keys = 0
        while let next = lookups.first, keys == 0 || keys + next.keys <= limits.keysPerExecution {
            keys += next.keys
            connections[connection].lookupsInFlight += 1
            taken.append(lookups.removeFirst())
        }
    }

    /// Whether the connection, did it ask now, would be given something.
    func hasWork(for connection: Int) -> Bool {
        let state = connections[connection]
        return !state.inbox.isEmpty || !queue.isEmpty && state.inFlight < limits.inFlightPerConnection
            || !lookups.isEmpty && state.lookupsInFlight == 0
    }

    mutating func finished(_ operation: Operation<Payload>, on connection: Int) {
        if operation.isLookup { connections[connection].lookupsInFlight -= 1 } else { connections[connection].inFlight -= 1 }
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
        if operation.isLookup { lookups.prepend(operation) } else { queue.prepend(operation) }
        return true
    }

    /// A ready connection with room, for what was requeued.
    func connectionWithRoom() -> Int? {
        (queue.isEmpty ? nil : leastLoaded()) ?? (lookups.isEmpty ? nil : connectionForLookups())
    }

    /// Those that waited for a connection until their deadline.
    mutating func expire(now: ContinuousClock.Instant) -> [Operation<Payload>] {
        let expired = [queue, lookups].flatMap { $0.filter { $0.deadline <= now } }
        guard !expired.isEmpty else { return [] }
        queue.removeAll { $0.deadline <= now }
        lookups.removeAll { $0.deadline <= now }
        return expired
    }

    /// - Returns: whether it was still unsent, and is now gone.
    mutating func cancel(_ id: UInt64) -> Bool {
        if let index = queue.firstIndex(where: { $0.id == id }) {
            queue.remove(at: index)
            return true
        }
        if let index = lookups.firstIndex(where: { $0.id == id }) {
            lookups.remove(at: index)
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
        abandoned.append(contentsOf: lookups)
        queue.removeAll()
        lookups.removeAll()
        for connection in connections.indices {
            abandoned += connections[connection].inbox
            connections[connection].inbox.removeAll()
        }
        return abandoned
    }

    private func connectionForLookups() -> Int? {
        connections.indices.filter { connections[$0].isReady && connections[$0].lookupsInFlight == 0 }
            .min { connections[$0].load < connections[$1].load }
    }

    private func leastLoaded() -> Int? {
        connections.indices.filter { connections[$0].isReady && connections[$0].load < limits.inFlightPerConnection }
            .min { connections[$0].load < connections[$1].load }
    }
}
