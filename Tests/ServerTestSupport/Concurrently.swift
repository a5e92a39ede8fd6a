import NIOConcurrencyHelpers

/// Runs the body so many times in parallel. The results are in the order of the numbers.
package func concurrently<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Value) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        for number in 0..<count { group.addTask { (number, try await body(number)) } }
        return try await group.reduce(into: [(Int, Value)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// When something happened.
package final class Moment: Sendable {
    package init() {}

    private let stored = NIOLockedValueBox<ContinuousClock.Instant?>(nil)

    package var instant: ContinuousClock.Instant? { stored.withLockedValue { $0 } }

    package func set() { stored.withLockedValue { $0 = .now } }
}
