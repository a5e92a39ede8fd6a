import NIOConcurrencyHelpers

/// Everything that all clients did, in the order of its end.
package final class History: Sendable {
    private let begin = ContinuousClock.now
    private let recorded = NIOLockedValueBox<[Operation]>([])

    package init() {}

    var now: Duration { begin.duration(to: .now) }
    package var operations: [Operation] { recorded.withLockedValue { $0 } }

    /// Runs the work and notes what came of it.
    @discardableResult
    func record(
        _ kind: Operation.Kind, client: Int, instance: Int, account: String, token: Token? = nil,
        _ work: () async -> Operation.Outcome
    ) async -> Operation {
        let start = now
        let outcome = await work()
        return append(
            Operation(kind, client: client, instance: instance, account: account, token: token, start: start, end: now, outcome: outcome))
    }

    @discardableResult
    package func append(_ operation: Operation) -> Operation {
        recorded.withLockedValue { operations in
            var operation = operation
            operation.number = operations.count
            operations.append(operation)
            return operation
        }
    }
}
