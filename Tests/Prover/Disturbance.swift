import NIOConcurrencyHelpers

/// How many of the requests are given up between their sending and their answer.
final class Disturbance: Sendable {
    /// Networks are never quite still.
    private static let usual = 0.03

    private let share: NIOLockedValueBox<Double>

    /// - Parameter isStill: whether nothing at all goes wrong.
    init(isStill: Bool) { share = NIOLockedValueBox(isStill ? 0 : Self.usual) }

    func cutsNow() -> Bool { Double.random(in: 0..<1) < share.withLockedValue { $0 } }

    func storm(_ body: () async throws -> Void) async rethrows {
        share.withLockedValue { $0 = 0.3 }
        defer { share.withLockedValue { $0 = Self.usual } }
        try await body()
    }
}
