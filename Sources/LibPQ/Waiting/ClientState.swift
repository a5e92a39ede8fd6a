import Logging
import NIOConcurrencyHelpers
import Synchronization

/// What the callers, the connections' threads and the timekeeper share: the dispatcher under a lock, and the means to wake a thread.
final class ClientState: Sendable {
    struct Shared {
        var dispatcher: Dispatcher<Call>
        var nextID: UInt64 = 0
        var connects = 0
        var runningThreads = 0
        /// When the timekeeper looks next. A caller whose deadline is later need not wake it.
        var timekeeperWakesAt: ContinuousClock.Instant?
    }

    let configuration: PostgresClient.Configuration
    let logger: Logger
    let wakeups: [Wakeup]
    let timekeeperWakeup: Wakeup
    let shared: NIOLockedValueBox<Shared>
    let isStopping = Atomic(false)

    init(configuration: PostgresClient.Configuration, logger: Logger) throws(PostgresError) {
        var wakeups: [Wakeup] = []
        for _ in 0..<configuration.connections { wakeups.append(try Wakeup()) }
        self.configuration = configuration
        self.logger = logger
        self.wakeups = wakeups
        timekeeperWakeup = try Wakeup()
        let limits = Dispatcher<Call>.Limits(
            inFlightPerConnection: configuration.maximumInFlightPerConnection, queued: configuration.maximumQueued)
        shared = NIOLockedValueBox(Shared(dispatcher: Dispatcher(connections: configuration.connections, limits: limits)))
        configuration.lineage.watch { [wakeups] in for wakeup in wakeups { wakeup.signal() } }
    }

    /// - Returns: the operation's number, for ``cancel(_:)``.
    func submit(_ call: Call, deadline: ContinuousClock.Instant) -> UInt64 {
        let (id, submission, isFirstDue) = shared.withLockedValue { shared in
            shared.nextID += 1
            let operation = Operation(id: shared.nextID, isWrite: call.isWrite, deadline: deadline, payload: call, items: call.items)
            let submission = shared.dispatcher.submit(operation)
            return (shared.nextID, submission, shared.waits(submission, until: deadline))
        }
        if isFirstDue { timekeeperWakeup.signal() }
        switch submission {
        case .wake(let connection): wakeups[connection].signal()
        case .queued: break
        case .refused(let reason): call.answer(.failure(.unavailable(reason)))
        }
        return id
    }

    func cancel(_ id: UInt64, _ call: Call) {
        let wasUnsent = shared.withLockedValue { $0.dispatcher.cancel(id) }
        let isHarmless = wasUnsent || !call.isWrite
        call.answer(.failure(isHarmless ? .cancelled : .outcomeUnknown("cancelled after it was sent")))
    }

    /// Tries operations again that were not executed, or that only read. Their callers get the error if no try is left.
    func retry(_ operations: [Operation<Call>], or error: (Operation<Call>) -> PostgresError) {
        let now = ContinuousClock.now
        var refused: [Operation<Call>] = []
        let connection = shared.withLockedValue { shared in
            for operation in operations.reversed() where !shared.dispatcher.requeue(operation, now: now) { refused.append(operation) }
            return shared.dispatcher.connectionWithRoom()
        }
        for operation in refused { operation.payload.answer(.failure(error(operation))) }
        if let connection { wakeups[connection].signal() }
        timekeeperWakeup.signal()
    }

    /// - Returns: when to look again.

    func expireQueued() -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        let (expired, next) = shared.withLockedValue { shared in
            let expired = shared.dispatcher.expire(now: now)
            // A queue that is empty at this moment does not make the next caller wake the timekeeper again.
            let unspent = shared.timekeeperWakesAt.flatMap { $0 > now ? $0 : nil }
            shared.timekeeperWakesAt = shared.dispatcher.nearestQueuedDeadline ?? unspent
            return (expired, shared.timekeeperWakesAt)
        }
        for operation in expired { operation.payload.answer(.failure(.unavailable("no connection before the deadline"))) }
        return next
    }

    /// Called when no caller waits any more. The threads end, and operations that were never sent fail.
    func stop() {
        guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let abandoned = shared.withLockedValue { shared in
            shared.dispatcher.close()
            return shared.dispatcher.abandon()
        }
        for operation in abandoned { operation.payload.answer(.failure(.unavailable("shutting down"))) }
        for wakeup in wakeups { wakeup.signal() }
        timekeeperWakeup.signal()
    }
}

extension ClientState.Shared {
    /// Whether the operation waits, one that shares, for a connection that was just woken, included, and is due before the timekeeper looks.
    fileprivate mutating func waits(_ submission: Dispatcher<Call>.Submission, until deadline: ContinuousClock.Instant) -> Bool {
        if case .refused = submission { return false }
        if case .wake = submission, dispatcher.queuedCount == 0 { return false }
        if let timekeeperWakesAt, timekeeperWakesAt <= deadline { return false }
        timekeeperWakesAt = deadline
        return true
    }
}
