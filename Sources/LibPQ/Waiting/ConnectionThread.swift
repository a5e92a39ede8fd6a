import CLibpq
import Glibc
import Logging
import NIOConcurrencyHelpers
import Synchronization

/// Keeps one connection alive and moves operations through it. Everything that blocks, blocks here.
struct ConnectionThread: Sendable {
    let core: Core
    let number: Int

    func run() {
        var backOff = BackOff()
        var unanswered = Unanswered()
        while !isStopping {
            core.wakeups[number].clear()
            if isStopping { return }
            unanswered.settle(orUntil: core.wakeups[number])
            if unanswered.isFull { continue }
            do throws(PostgresError) {
                let (connection, epoch) = try open()
                backOff.reset()
                if serve(connection, epoch) { unanswered.append(connection) }
            } catch {
                core.logger.warning("cannot connect to PostgreSQL", metadata: ["error": "\(error)"])
                core.wakeups[number].clear()
                if isStopping { return }
                core.wakeups[number].wait(until: .now + backOff.next(jitter: .random(in: 0...1)))
            }
        }
    }

    private var isStopping: Bool { core.isStopping.load(ordering: .acquiring) }

    /// A connection to the first host that may be used.
    private func open() throws(PostgresError) -> (LibpqConnection, epoch: Int) {
        var reasons: [String] = []
        for attempt in core.configuration.connectionAttempts where !isStopping {
            do throws(PostgresError) {
                let connection = try LibpqConnection(parameters: attempt)
                let epoch = try core.configuration.lineage.admit(try connection.position())
                guard connection.enterPipelineMode() else { throw .unavailable(connection.errorMessage) }
                return (connection, epoch)
            } catch {
                reasons.append("\(error)")
            }
        }
        throw .unavailable(reasons.joined(separator: "; "))
    }

    /// - Returns: whether PostgreSQL is still at work on a write that was given up.
    private func serve(_ connection: LibpqConnection, _ epoch: Int) -> Bool {
        core.shared.withLockedValue { shared in
            shared.connects += 1
            shared.dispatcher.becameReady(number)
        }
        var conversation = Conversation(connection: connection, epoch: epoch, core: core, number: number)
        let reason = conversation.run()
        let lost = conversation.pipeline.lose() + conversation.unsent
        core.shared.withLockedValue { $0.dispatcher.becameLost(number) }
        if !isStopping { core.logger.notice("connection to PostgreSQL closed", metadata: ["reason": "\(reason)"]) }
        give(up: lost, unsentFrom: lost.count - conversation.unsent.count, reason)
        return conversation.isOverdue && lost.contains(where: \.isWrite)
    }

    /// Reads, and what libpq never saw, may be tried again; of a write that was sent nobody knows.
    private func give(up lost: [Operation<Call>], unsentFrom firstUnsent: Int, _ reason: String) {
        var repeatable: [Operation<Call>] = []
        for (index, operation) in lost.enumerated() {
            if index >= firstUnsent || !operation.isWrite {
                repeatable.append(operation)
            } else {
                operation.payload.answer(.failure(.outcomeUnknown(reason)))
            }
        }
        core.retry(repeatable) { _ in .unavailable(reason) }
    }
}
