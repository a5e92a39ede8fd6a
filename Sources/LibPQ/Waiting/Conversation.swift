import CLibpq
import Glibc
import NIOConcurrencyHelpers
import Synchronization

/// One connection from its opening to its end: send what there is, take in what arrives, sleep in `poll` between.
struct Conversation {
    let connection: LibpqConnection
    /// See ``PostgresLineage``.
    let serverTerm: Int
    let state: ClientState
    let number: Int
    /// `nil` without a pooler.
    let check: BackendCheck?
    var pipeline: Pipeline<Call, LibpqResult>
    /// Taken from the dispatcher, and no byte of them was sent.
    var unsent: [Operation<Call>] = []
    /// Whether it ended because no answer came in time.
    private(set) var isOverdue = false
    private var isRecycling = false
    /// Why the process behind a pooler could not be used.
    private var checkFailure: String?
    /// Answers that came and that their callers do not know yet.
    private var outcomes: [(Pipeline<Call, LibpqResult>.Outcome, abandonedReplication: Bool)] = []

    init(connection: LibpqConnection, serverTerm: Int, check: BackendCheck?, state: ClientState, number: Int) {
        self.connection = connection
        self.serverTerm = serverTerm
        self.check = check
        self.state = state
        self.number = number
        pipeline = Pipeline(poolerKeepsNames: check?.poolerKeepsNames ?? false)
    }

    /// - Returns: why it ended.
    mutating func run() -> String {
        while true {
            // The grace that statements in flight had is over by then.
            if state.isStopping.load(ordering: .acquiring) { return "shutting down" }
            if !isCurrent { isRecycling = true }
            if isRecycling, pipeline.isEmpty { return recyclingReason }
            // PostgreSQL has its next work before the callers hear of the last.
            let isAlive = receive() && send(next())
            settle()
            guard isAlive else { return connection.errorMessage }
            // Sending may read too, and what libpq has read `poll` will not tell of.
            if !pipeline.isEmpty, !connection.isBusy { continue }
            if let overdue = expire() { return overdue }
            guard rest() else { return connection.isBad ? connection.errorMessage : "connection closed" }
        }
    }

    private var recyclingReason: String {
        if isCurrent { return checkFailure ?? "the server asked for a new connection" }
        return state.configuration.lineage.pooled.isPaused() ? PooledProcesses.reason : "another server is to be used"
    }

    private var isCurrent: Bool { state.configuration.lineage.isCurrent(serverTerm) }

    /// What to send now.
    private mutating func next() -> [Operation<Call>] {
        if isRecycling { return [] }
        let operations = state.shared.withLockedValue { $0.dispatcher.take(number) }
        // A caller may ask because of an answer that the newer server has given meanwhile.
        guard isCurrent else {
            (isRecycling, unsent) = (true, operations)
            return []
        }
        return operations
    }

    private mutating func send(_ operations: [Operation<Call>]) -> Bool {
        var rest = operations[...]
        while let first = rest.first {
            let group: [Operation<Call>]
            if first.isShared { (group, rest) = rest.divided { $0.sharesExecution(with: first) } } else { group = [rest.removeFirst()] }
            guard send(together: group) else {
                unsent = Array(rest)
                return false
            }
        }
        return operations.isEmpty || connection.flush() >= 0
    }

    /// Sends operations as one transaction. If they are several, they share the execution of its last statement.
    private mutating func send(together operations: [Operation<Call>]) -> Bool {
        let steps = (check.map { [$0.step] } ?? []) + operations[0].payload.steps
        let commands = pipeline.send(operations, statementNames: steps.map(\.statement.name), beginsWithCheck: check != nil)
        for command in commands {
            let isSent =
                switch command {
                case .prepare(let index): connection.sendPrepare(steps[index].statement)
                case .execute(steps.count - 1) where operations.count > 1:
                    connection.sendExecute(steps[steps.count - 1].statement, merging: operations.map(\.payload.last.binds))
                case .execute(let index): connection.sendExecute(steps[index].statement, steps[index].binds)
                }
            guard isSent else { return false }
        }
        return connection.sendSync()
    }

    private mutating func receive() -> Bool {
        guard !pipeline.isEmpty else { return true }
        var finished: [Operation<Call>] = []
        defer {
            if !finished.isEmpty {
                state.shared.withLockedValue { shared in finished.forEach { shared.dispatcher.finished($0, on: number) } }
            }
        }
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
                guard let outcome = pipeline.synchronised() else { break }
                finished.append(contentsOf: outcome.operations)
                recycle(after: outcome)
                outcomes.append((outcome, connection.takeAbandonedReplicationWait()))
            default:
                let error = result.error
                if error.endsConnection { return false }
                pipeline.received(error)
            }
        }
        return !connection.isBad
    }

    /// Leaves the connection if the outcome could be another one on another connection.
    private mutating func recycle(after outcome: Pipeline<Call, LibpqResult>.Outcome) {
        switch outcome {
        case .misplaced(_, let error):
            isRecycling = true
            if error.isReadOnly { state.configuration.lineage.leave(serverTerm) }
        case .unfit(_, let error):
            (isRecycling, checkFailure) = (true, "a pooler lent a process that is not fit: \(error.messageForLog)")
            if BackendCheck.tellsOfSharing(error) { state.configuration.lineage.pooled.foundShared() }
        case .succeeded, .failed, .lost: break
        }
    }

    private mutating func settle() {
        guard !outcomes.isEmpty else { return }
        for (outcome, abandonedReplication) in outcomes { settle(outcome, abandonedReplication) }
        outcomes.removeAll(keepingCapacity: true)
    }

    private func settle(_ outcome: Pipeline<Call, LibpqResult>.Outcome, _ abandonedReplication: Bool) {
        switch outcome {
        case .succeeded(let operations, _) where operations[0].isWrite && abandonedReplication:
            let error = PostgresError.outcomeUnknown("the wait for a synchronous standby was cancelled")
            operations.forEach { $0.payload.answer(.failure(error)) }
        case .succeeded(let operations, let result): answer(operations, result)
        case .failed(let operations, let error): retryOrFail(operations, error)
        case .misplaced(let operations, let error): state.retry(operations) { _ in .server(error) }
        case .unfit(let operations, let error): state.retry(operations) { _ in .unavailable("no fit process behind the pooler: \(error)") }
        case .lost(let operations): operations.forEach { $0.payload.answer(.failure($0.lost("no result"))) }
        }
    }

    /// The whole execution was rolled back. Operations that shared it are each tried alone, so that one cannot fail the others. A
    /// transaction that was rolled back because of another one is tried again once.
    private func retryOrFail(_ operations: [Operation<Call>], _ error: PostgresServerError) {
        let isWorthIt = error.isConflict || operations.count > 1 && error.mayBeOfOneItem
        guard isWorthIt else { return operations.forEach { $0.payload.answer(.failure(.server(error))) } }
        let alone = operations.map { operation in
            var operation = operation
            operation.travelsAlone = true
            return operation
        }
        state.retry(alone) { _ in .server(error) }
    }

    /// Operations that can share an execution get the rows of their own items.
    private func answer(_ operations: [Operation<Call>], _ result: LibpqResult) {
        guard operations[0].items > 0 else { return operations[0].payload.answer(.success(Call.Reply(result: result))) }
        guard let rowOfItem = result.rowOfItem(count: operations.reduce(0) { $0 + $1.items }) else {
            return operations.forEach { $0.payload.answer(.failure(.decoding("the first column is not the number of the item"))) }
        }
        var rest = rowOfItem[...]
        for operation in operations {
            operation.payload.answer(.success(Call.Reply(result: result, rowOfItem: rest.prefix(operation.items))))
            rest = rest.dropFirst(operation.items)
        }
    }

    /// - Returns: why the connection must go: its oldest operation is past its deadline, so it is stuck.
    private mutating func expire() -> String? {
        guard !pipeline.isEmpty else { return nil }
        let now = ContinuousClock.now
        for operation in pipeline.overdue(at: now) { operation.payload.answer(.failure(operation.lost("no answer before the deadline"))) }
        isOverdue = pipeline.headDeadline.map { $0 <= now } == true
        return isOverdue ? "no answer before the deadline" : nil
    }

    /// Sleeps until the server, a caller or a deadline wants attention, and reads what the server sent.
    private func rest() -> Bool {
        state.wakeups[number].clear()
        // The signals of earlier callers are cleared, so their work is looked for before this thread sleeps.
        guard !isAwaited else {
            state.wakeups[number].wokeUp(signalled: false)
            return true
        }
        let writes = connection.flush() == 1 ? Int16(POLLOUT) : 0
        var descriptors = (
            pollfd(fd: connection.socket, events: Int16(POLLIN) | writes, revents: 0),
            pollfd(fd: state.wakeups[number].descriptor, events: Int16(POLLIN), revents: 0)
        )
        let deadline = pipeline.nextDeadline(after: .now)
        let count = withUnsafeMutableBytes(of: &descriptors) {
            poll($0.baseAddress!.assumingMemoryBound(to: pollfd.self), 2, deadline.pollTimeout)
        }
        guard count >= 0 || errno == EINTR else { return false }
        state.wakeups[number].wokeUp(signalled: descriptors.1.revents != 0)
        guard descriptors.0.revents != 0 else { return true }
        guard connection.consumeInput() else { return false }
        // Statements that are sent after that notice are lost, and it could not be known whether they were executed.
        if pipeline.isEmpty { connection.parseUnsolicited() }
        return !connection.isBad && !connection.sawShutdownNotice
    }

    private var isAwaited: Bool {
        if state.isStopping.load(ordering: .acquiring) || isRecycling && pipeline.isEmpty { return true }
        if !isRecycling, !isCurrent { return true }
        return !isRecycling && state.shared.withLockedValue { $0.dispatcher.hasWork(for: number) }
    }
}

extension Operation<Call> {
    fileprivate func sharesExecution(with other: Operation) -> Bool {
        isShared && other.isShared && payload.last.statement.name == other.payload.last.statement.name
    }
}
