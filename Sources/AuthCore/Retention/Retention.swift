/// Removes dead sessions, old audit rows and forgotten attempts, a few at a time, so that requests do not get slower.
public struct Retention: Sendable {
    /// What one sweep through both tables did.
    public struct Report: Hashable, Sendable {
        public var examined = 0
        public var sessions = 0
        public var events = 0
        public var duration: Duration = .zero

        public init() {}
    }

    /// Rows that one step looks at. They are few, so that a step is over in half a millisecond: requests wait for cores, too.
    static let stepSize = 25
    /// The time to the next sweep if another instance is at work, or if the database failed.
    static let retry: Duration = .seconds(60)
    /// A sweep reads every row, and what is kept for months may stay an hour longer.
    static let shortestRest: Duration = .seconds(3600)

    private typealias Step = (RetentionStep.PrimaryKey?) async throws(AuthError) -> RetentionStep?

    private let store: any RetentionStore
    private let identifiers: IdentifierGenerator
    private let policy: RetentionPolicy

    init(store: any RetentionStore, identifiers: IdentifierGenerator, policy: RetentionPolicy) {
        self.store = store
        self.identifiers = identifiers
        self.policy = policy
    }

    /// Goes through all tables once. What was removed is audited, also where the sweep ends before its time.
    ///
    /// - Parameter pause: called after each step with the time that it took.
    /// - Returns: `nil` where another instance is at work.
    /// - Throws: what `pause` throws, and ``AuthError/unavailable(cause:)``, after each had its turn.
    public func sweep(pause: (Duration) async throws -> Void) async throws -> Report? {
        let start = ContinuousClock.now
        let sessions = await removal(as: .sessionsRemoved, pause) { key throws(AuthError) in
            try await store.removeSessions(deadFor: policy.deadSessions, after: key, limit: Self.stepSize)
        }
        let events = await removal(as: .eventsRemoved, pause) { _ throws(AuthError) in
            try await store.removeEvents(olderThan: policy.auditEvents)
        }
        let attempts = await removal(as: nil, pause) { _ throws(AuthError) in try await store.removeAttempts(limit: Self.stepSize) }
        guard let sessions = try sessions.get(), let events = try events.get(), let attempts = try attempts.get() else { return nil }
        var report = Report()
        report.examined = sessions.examined + events.examined + attempts.examined
        report.sessions = sessions.removed
        report.events = events.removed
        report.duration = .now - start
        return report
    }

    /// From the end of a sweep to the next: as long as it took, and not less than an hour.
    ///
    /// - Parameter report: `nil` where the sweep was not carried through.
    public static func rest(after report: Report?) -> Duration {
        report.map { max(shortestRest, $0.duration) } ?? retry
    }

    /// Goes through one table.
    private func removal(
        as kind: AuditKind?, _ pause: (Duration) async throws -> Void, _ step: Step
    ) async -> Result<(examined: Int, removed: Int)?, any Error> {
        var sum = (examined: 0, removed: 0)
        do {
            let isOurs = try await steps(&sum, pause, step)
            try await record(sum.removed, as: kind)
            return .success(isOurs ? sum : nil)
        } catch {
            try? await record(sum.removed, as: kind)
            return .failure(error)
        }
    }

    /// - Returns: whether the table is ours to the end.
    private func steps(
        _ sum: inout (examined: Int, removed: Int), _ pause: (Duration) async throws -> Void, _ step: Step
    ) async throws -> Bool {
        var key: RetentionStep.PrimaryKey?
        repeat {
            let start = ContinuousClock.now
            guard let done = try await step(key) else { return false }
            sum.examined += done.examined
            sum.removed += done.removed
            key = done.last
            try await pause(.now - start)
        } while key != nil
        return true
    }

    private func record(_ removed: Int, as kind: AuditKind?) async throws(AuthError) {
        guard let kind, removed > 0 else { return }
        try await store.record(removed: removed, event: identifiers.event(kind, .server("retention")))
    }
}

extension AuditKind {
    public static let sessionsRemoved = AuditKind("sessions_removed")
    public static let eventsRemoved = AuditKind("audit_events_removed")
}
