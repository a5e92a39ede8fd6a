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
        while !isStopping {
            do throws(PostgresError) {
                let connection = try open()
                backOff.reset()
                serve(connection)
            } catch {
                core.logger.warning("cannot connect to PostgreSQL", metadata: ["error": "\(error)"])
                core.wakeups[number].clear()
                if isStopping { return }
                core.wakeups[number].wait(until: .now + backOff.next(jitter: .random(in: 0...1)))
            }
        }
    }

    private var isStopping: Bool { core.isStopping.load(ordering: .acquiring) }

    private func open() throws(PostgresError) -> LibpqConnection {
        let connection = try LibpqConnection(parameters: core.configuration.connectionParameters)
        guard connection.enterPipelineMode() else { throw .unavailable(connection.errorMessage) }
        return connection
    }

    private func serve(_ connection: LibpqConnection) {
        core.shared.withLockedValue { shared in
            shared.connects += 1
            shared.dispatcher.becameReady(number)
        }
        var conversation = Conversation(connection: connection, core: core, number: number)
        let reason = conversation.run()
        let lost = conversation.pipeline.lose() + conversation.unsent
        core.shared.withLockedValue { $0.dispatcher.becameLost(number) }
        if !isStopping { core.logger.notice("connection to PostgreSQL closed", metadata: ["reason": "\(reason)"]) }
        give(up: lost, unsentFrom: lost.count - conversation.unsent.count, reason)
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
