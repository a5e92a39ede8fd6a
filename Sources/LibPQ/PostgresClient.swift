public import Logging
import NIOConcurrencyHelpers
import SystemThread

/// Runs statements on a few connections that many callers share.
///
/// What one call brings is a transaction of its own. Statements are prepared once on each connection, their parameters and
/// rows in binary form. Those of concurrent callers leave together in libpq's pipeline mode. Connections heal by themselves.
public final class PostgresClient: Sendable {
    let configuration: Configuration
    private let logger: Logger
    private let state = NIOLockedValueBox<ClientState?>(nil)

    public init(configuration: Configuration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    deinit {
        state.withLockedValue { $0?.stop() }
    }

    /// Starts the connections' threads, which connect by themselves; statements wait for them until their deadline.
    ///
    /// - Throws: ``PostgresError/unavailable(_:)`` where the system refuses descriptors or threads.
    public func start() throws(PostgresError) {
        let state = try ClientState(configuration: configuration, logger: logger)
        let isFirst = self.state.withLockedValue { current in
            guard current == nil else { return false }
            current = state
            return true
        }
        guard isFirst else { return }
        try launch(state, named: "pg-clock") { Timekeeper(state: state).run() }
        for number in 0..<configuration.connections {
            try launch(state, named: "pg-\(number)") { ConnectionThread(state: state, number: number).run() }
        }
    }

    /// Runs one statement.
    ///
    /// - Parameter deadline: when the caller stops waiting, if that is sooner than the configured timeout.
    /// - Throws: ``PostgresError``, which tells whether the statement may have been executed.
    public func execute(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue> = [:], deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresRows {
        try await execute([BoundStatement(statement, values)], deadline: deadline)
    }

    /// Runs statements one after another as one transaction, in one round trip. Each sees what was committed before *it*
    /// began, so that a later one may build on a lock that an earlier one took.
    ///
    /// - Returns: the rows of the last.
    /// - Throws: ``PostgresError``; where one statement fails, none has happened.
    public func execute(
        _ steps: [BoundStatement], deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresRows {
        if let misuse = steps.lazy.compactMap(\.misuse).first { throw misuse }
        let start = ContinuousClock.now
        defer {
            logger.trace(
                "executed",
                metadata: [
                    "statements": .array(steps.map { .string($0.statement.name) }),
                    "milliseconds": .stringConvertible((ContinuousClock.now - start) / .milliseconds(1)),
                ])
        }
        return PostgresRows(result: try await reply(to: Call(steps: steps), deadline: deadline).result)
    }

    /// Runs a statement for some items, together with those of others who wait: while one execution is under way the next gathers,
    /// and none joins one that was sent before it came.
    ///
    /// - Parameters:
    ///   - items: the arrays of the statement's parameters in their order, of one length.
    ///   - first: a statement that runs before it in the same transaction. All callers of one statement pass the same one.
    /// - Returns: the row of each item.
    /// - Throws: ``PostgresError``; where the execution fails, for all who share it.
    public func executeTogether(
        _ statement: PostgresStatement, items: [PostgresValue], after first: BoundStatement? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresMatches {
        let bound = BoundStatement(statement, inOrder: items)
        if let misuse = first?.misuse { throw misuse }
        return PostgresMatches(try await reply(to: Call(bound, after: first, items: try bound.itemCount()), deadline: deadline))
    }

    /// The same without a task that waits.
    ///
    /// - Parameter recipient: called once, on a thread that serves other callers too: it must neither block nor take long.
    public func executeTogether(
        _ statement: PostgresStatement, items: [PostgresValue], after first: BoundStatement? = nil, deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<PostgresMatches, PostgresError>) -> Void
    ) {
        do throws(PostgresError) {
            let bound = BoundStatement(statement, inOrder: items)
            if let misuse = first?.misuse { throw misuse }
            let call = Call(bound, after: first, items: try bound.itemCount()) { recipient($0.map(PostgresMatches.init)) }
            _ = try submit(call, deadline: deadline)
        } catch {
            recipient(.failure(error))
        }
    }

    private func reply(to call: Call, deadline: ContinuousClock.Instant?) async throws(PostgresError) -> Call.Reply {
        let (state, id) = try submit(call, deadline: deadline)
        let answer = await withTaskCancellationHandler {
            await call.wait()
        } onCancel: {
            state.cancel(id, call)
        }
        return try answer.get()
    }

    private func submit(_ call: Call, deadline: ContinuousClock.Instant?) throws(PostgresError) -> (ClientState, UInt64) {
        guard let state = state.withLockedValue({ $0 }) else { throw .unavailable("not started") }
        let ours = ContinuousClock.now + configuration.operationTimeout
        return (state, state.submit(call, deadline: min(deadline ?? ours, ours)))
    }

    /// Refuses new statements, lets those here finish for `grace`, then closes every connection.
    public func shutdown(grace: Duration = .seconds(2)) async {
        guard let state = state.withLockedValue({ $0 }) else { return }
        state.shared.withLockedValue { $0.dispatcher.close() }
        await Self.wait(atMost: grace) { state.shared.withLockedValue { $0.dispatcher.isIdle } }
        state.stop()
        await Self.wait(atMost: configuration.operationTimeout + .seconds(3)) { state.shared.withLockedValue { $0.runningThreads == 0 } }
    }

    /// What the client is doing at this moment.
    public var snapshot: Snapshot {
        state.withLockedValue { $0 }?.shared.withLockedValue { shared in
            Snapshot(
                ready: shared.dispatcher.readyCount, queued: shared.dispatcher.queuedCount,
                inFlight: shared.dispatcher.inFlightCount, connects: shared.connects)
        } ?? Snapshot(ready: 0, queued: 0, inFlight: 0, connects: 0)
    }

    /// Counts. There are no metrics yet: tests look at them.
    public struct Snapshot: Sendable, Hashable {
        /// Connections that take statements.
        public let ready: Int
        /// Statements that wait for a connection.
        public let queued: Int
        /// Statements that a connection has.
        public let inFlight: Int
        /// Connections made since the start.
        public let connects: Int
    }

    private func launch(_ state: ClientState, named name: String, _ body: @Sendable @escaping () -> Void) throws(PostgresError) {
        state.shared.withLockedValue { $0.runningThreads += 1 }
        do {
            try SystemThread.start(named: name) {
                body()
                state.shared.withLockedValue { $0.runningThreads -= 1 }
            }
        } catch {
            state.shared.withLockedValue { $0.runningThreads -= 1 }
            state.stop()
            throw .unavailable("\(error)")
        }
    }

    private static func wait(atMost limit: Duration, until condition: () -> Bool) async {
        let deadline = ContinuousClock.now + limit
        while !condition(), .now < deadline {
            // A caller that is cancelled still wants its threads gone.
            await Task { try? await Task.sleep(for: .milliseconds(5)) }.value
        }
    }
}
