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
        /// The PostgreSQL process behind a pooler; `nil` without a pooler.
        let pooled: PooledProcesses.Process?
    }

    /// A connection to the first host that may be used.
    private func open() throws(PostgresError) -> Connection {
        var reasons: [String] = []
        for attempt in state.configuration.connectionAttempts where !isStopping {
            do throws(PostgresError) {
                let connection = try LibpqConnection(parameters: attempt)
                let serverTerm = try state.configuration.lineage.admit(try connection.position())
                let pooled = try connection.require(state.configuration.requiredSettings)
                guard connection.enterPipelineMode() else { throw .unavailable(connection.errorMessage) }
                if let pooled { try state.configuration.lineage.pooled.hold(pooled) }
                return Connection(libpq: connection, serverTerm: serverTerm, pooled: pooled)
            } catch {
                reasons.append("\(error)")
            }
        }
        throw .unavailable(reasons.joined(separator: "; "))
    }

    /// - Returns: whether PostgreSQL is still at work on a write that was given up.
    private func serve(_ connection: Connection) -> Bool {
        defer { if let pooled = connection.pooled { state.configuration.lineage.pooled.release(pooled) } }
        state.shared.withLockedValue { shared in
            shared.connects += 1
            shared.dispatcher.becameReady(number)
        }
        var conversation = Conversation(connection: connection.libpq, serverTerm: connection.serverTerm, state: state, number: number)
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
