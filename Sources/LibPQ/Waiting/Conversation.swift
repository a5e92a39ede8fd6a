import CLibpq
import Glibc
import NIOConcurrencyHelpers
import Synchronization

/// One connection from its opening to its end: send what there is, take in what arrives, sleep in `poll` between.
struct Conversation {
    let connection: LibpqConnection
    let core: Core
    let number: Int
    var pipeline = Pipeline<Call, LibpqResult>()
    /// Taken from the dispatcher, and refused by libpq before a byte was sent.
    var unsent: [Operation<Call>] = []
    private var isRecycling = false

    init(connection: LibpqConnection, core: Core, number: Int) {
        self.connection = connection
        self.core = core
        self.number = number
    }

    /// - Returns: why it ended.
    mutating func run() -> String {
        while true {
            // The grace that statements in flight had is over by then.
            if core.isStopping.load(ordering: .acquiring) { return "shutting down" }
            if isRecycling, pipeline.isEmpty { return "the server asked for a new connection" }
            guard receive() else { return connection.errorMessage }
            core.wakeups[number].clear()
            guard send(isRecycling ? [] : core.shared.withLockedValue { $0.dispatcher.take(number) }) else {
                return connection.errorMessage
            }
            // Sending may read too, and what libpq has read `poll` will not tell of.
            if !pipeline.isEmpty, !connection.isBusy { continue }
            if let overdue = expire() { return overdue }
            guard wait() else { return connection.isBad ? connection.errorMessage : "connection closed" }
        }
    }

    private mutating func send(_ operations: [Operation<Call>]) -> Bool {
        for (index, operation) in operations.enumerated() {
            guard send(operation) else {
                unsent = Array(operations[(index + 1)...])
                return false
            }
        }
        return connection.flush() >= 0
    }

    private mutating func send(_ operation: Operation<Call>) -> Bool {
        let steps = operation.payload.steps
        let prepares = pipeline.send(operation, statementNames: steps.map(\.statement.name))
        for (step, isNew) in zip(steps, prepares) {
            if isNew, !connection.sendPrepare(step.statement) { return false }
            guard connection.sendExecute(step.statement, step.binds) else { return false }
        }
        return connection.sendSync()
    }

    private mutating func receive() -> Bool {
        guard !pipeline.isEmpty else { return true }
        var finished = 0
        defer { if finished > 0 { core.shared.withLockedValue { $0.dispatcher.finished(finished, on: number) } } }
        var endings = 0
        while !pipeline.isEmpty, !connection.isBusy {
            guard let result = connection.nextResult() else {
                endings += 1
                // Every command ends in one nil; two in a row mean that libpq expects nothing though we do.
                guard !connection.isBad, endings < 2 else { return false }
                continue
            }
            endings = 0
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK: pipeline.received(result)
            case PGRES_PIPELINE_ABORTED: break
            case PGRES_PIPELINE_SYNC:
                finished += 1
                pipeline.synchronised().map { settle($0) }
            default:
                let error = result.error
                if error.endsConnection { return false }
                pipeline.received(error)
            }
        }
        return !connection.isBad
    }

    private mutating func settle(_ outcome: Pipeline<Call, LibpqResult>.Outcome) {
        let abandonedReplication = connection.takeAbandonedReplicationWait()
        switch outcome {
        case .succeeded(let operation, _) where operation.isWrite && abandonedReplication:
            operation.payload.answer(.failure(.outcomeUnknown("the wait for a synchronous standby was cancelled")))
        case .succeeded(let operation, let result): operation.payload.answer(.success(PostgresRows(result: result)))
        case .failed(let operation, let error): operation.payload.answer(.failure(.server(error)))
        case .misplaced(let operation, let error):
            isRecycling = true
            core.retry([operation]) { _ in .server(error) }
        case .lost(let operation): operation.payload.answer(.failure(operation.lost("no result")))
        }
    }

    /// - Returns: why the connection must go: its oldest operation is past its deadline, so it is stuck.
    private func expire() -> String? {
        let now = ContinuousClock.now
        guard let nearest = pipeline.nearestDeadline, nearest <= now else { return nil }
        for operation in pipeline.overdue(at: now) { operation.payload.answer(.failure(operation.lost("no answer before the deadline"))) }
        return pipeline.headDeadline.map { $0 <= now } == true ? "no answer before the deadline" : nil
    }

    /// Sleeps until the server, a caller or a deadline wants attention, and reads what the server sent.
    private func wait() -> Bool {
        let writes = connection.flush() == 1 ? Int16(POLLOUT) : 0
        var descriptors = [
            pollfd(fd: connection.socket, events: Int16(POLLIN) | writes, revents: 0),
            pollfd(fd: core.wakeups[number].descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&descriptors, 2, waitDeadline.pollTimeout) >= 0 || errno == EINTR else { return false }
        if descriptors[1].revents != 0 { core.wakeups[number].drain() }
        guard descriptors[0].revents != 0 else { return true }
        return connection.consumeInput() && !connection.isBad
    }

    /// An overdue operation behind the oldest was answered already; only the oldest can be waited for then.
    private var waitDeadline: ContinuousClock.Instant? {
        guard let nearest = pipeline.nearestDeadline else { return nil }
        return nearest > .now ? nearest : pipeline.headDeadline
    }
}
