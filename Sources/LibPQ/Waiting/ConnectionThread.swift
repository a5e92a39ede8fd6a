import CLibpq
import Glibc
import Logging
import NIOConcurrencyHelpers
import Synchronization

/// Keeps one connection alive and moves operations through it. Everything that blocks, blocks here.
struct ConnectionThread: Sendable {
    let state: ClientState
    let number: Int

    /// A connection that is lost sooner than this counts as a failed one.
    private static let soundAfter: Duration = .seconds(1)

    private var outageKey: PostgresOutageLog.Key { .init(client: ObjectIdentifier(state), number: number) }
    private var outages: PostgresOutageLog { state.configuration.outages }

    func run() {
        var backOff = BackOff()
        var unanswered = Unanswered()
        defer { outages.forget(ObjectIdentifier(state)) }
        while !isStopping {
            state.wakeups[number].clear()
            if isStopping { return }
            unanswered.settle(orUntil: state.wakeups[number])
            if unanswered.isFull { continue }
            let start = ContinuousClock.now
            do throws(PostgresError) {
                let connection = try open()
                outages.connected(outageKey, state.logger)
                state.logger.debug("connected to PostgreSQL", metadata: ["connection": .stringConvertible(number)])
                if serve(connection) { unanswered.append(connection.libpq) }
                if .now - start >= Self.soundAfter { backOff.reset() } else { pause(&backOff) }
            } catch {
                outages.failed(outageKey, "\(error)", state.logger)
                pause(&backOff)
            }
        }
    }

    private func pause(_ backOff: inout BackOff) {
        state.wakeups[number].clear()
        if isStopping { return }
        state.wakeups[number].wait(until: .now + backOff.next(jitter: .random(in: 0...1)))
    }

    private var isStopping: Bool { state.isStopping.load(ordering: .acquiring) }

    private struct Connection {
        let libpq: LibpqConnection
        /// See ``PostgresLineage``.
        let serverTerm: Int
        let pooling: Pooling
        /// `nil` without a pooler.
        let check: BackendCheck?

        /// The process that no other connection may use.
        var heldProcess: PooledProcesses.Process? {
            if case .sessions(let process) = pooling { process } else { nil }
        }
    }

    /// A connection to the first host that may be used.
    private func open() throws(PostgresError) -> Connection {
        var reasons: [String] = []
        for attempt in state.configuration.connectionAttempts where !isStopping {
            do throws(PostgresError) {
                return try connect(attempt)
            } catch {
                reasons.append("\(error)")
            }
        }
        throw .unavailable(reasons.joined(separator: "; "))
    }

    private func connect(_ parameters: [(keyword: String, value: String)]) throws(PostgresError) -> Connection {
        let (configuration, settings) = (state.configuration, state.configuration.requiredSettings)
        let connection = try LibpqConnection(parameters: parameters)
        let standing = try connection.standing()
        let serverTerm = try configuration.lineage.admit(standing?.position)
        let answer = try connection.ask(settings)
        try connection.require(settings, in: answer)
        let pooling = try pooling(of: connection, answer.pooled)
        guard connection.enterPipelineMode() else { throw .unavailable(connection.errorMessage) }
        guard pooling != .none else { return Connection(libpq: connection, serverTerm: serverTerm, pooling: pooling, check: nil) }
        let check = BackendCheck(pooling, serverStart: standing?.serverStart, settings: settings, limits: configuration.timeLimits)
        let pooled = Connection(libpq: connection, serverTerm: serverTerm, pooling: pooling, check: check)
        if let process = pooled.heldProcess { try configuration.lineage.pooled.hold(process) }
        return pooled
    }

    private func pooling(of connection: LibpqConnection, _ process: PooledProcesses.Process?) throws(PostgresError) -> Pooling {
        guard let process else { return .none }
        if let pooling = try connection.pooling(of: process) { return pooling }
        state.configuration.lineage.pooled.foundShared()
        throw .unsuitable(PooledProcesses.reason)
    }

    /// - Returns: whether PostgreSQL is still at work on a write that was given up.
    private func serve(_ connection: Connection) -> Bool {
        defer { if let process = connection.heldProcess { state.configuration.lineage.pooled.release(process) } }
        state.shared.withLockedValue { shared in
            shared.connects += 1
            shared.dispatcher.becameReady(number)
        }
        var conversation = Conversation(
            connection: connection.libpq, serverTerm: connection.serverTerm, check: connection.check, state: state, number: number)
        let reason = conversation.run()
        let lost = conversation.pipeline.lose() + conversation.unsent
        state.shared.withLockedValue { $0.dispatcher.becameLost(number) }
        if !isStopping { outages.failed(outageKey, reason, state.logger) }
        give(up: lost, unsentFrom: lost.count - conversation.unsent.count, reason)
        return conversation.isOverdue && lost.contains(where: \.isWrite)
    }

    /// Reads, and operations that libpq never saw, may be tried again. The outcome of a write that was sent is unknown.
    private func give(up lost: [Operation<Call>], unsentFrom firstUnsent: Int, _ reason: String) {
        var repeatable: [Operation<Call>] = []
        for (index, operation) in lost.enumerated() {
            if index >= firstUnsent || !operation.isWrite {
                repeatable.append(operation)
            } else {
                operation.payload.answer(.failure(.outcomeUnknown(reason)))
            }
        }
        state.retry(repeatable) { _ in .unavailable(reason) }
    }
}
