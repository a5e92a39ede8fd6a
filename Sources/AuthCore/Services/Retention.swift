/// Removes dead sessions and old audit rows, a few at a time, so that nobody else notices.
public struct Retention: Sendable {
    /// What one sweep through both tables did.
    public struct Report: Hashable, Sendable {
        public var examined = 0
        public var sessions = 0
        public var events = 0

        public init() {}
    }

    /// Rows that one step looks at.
    static let stepSize = 1000

    private let store: any RetentionStore
    private let identifiers: IdentifierGenerator
    private let policy: RetentionPolicy

    public init(store: any RetentionStore, identifiers: IdentifierGenerator, policy: RetentionPolicy) {
        self.store = store
        self.identifiers = identifiers
        self.policy = policy
    }

    /// Goes through both tables once.
    ///
    /// - Parameter pause: called after each step with the time that it took.
    /// - Returns: `nil` where another instance is at work.
    public func sweep(pause: (Duration) async throws -> Void) async throws -> Report? {
        var report = Report()
        let sessions = try await steps(pause, &report) { key throws(AuthError) in
            try await store.removeSessions(
                deadFor: policy.deadSessions, after: key, limit: Self.stepSize, event: event(.sessionsRemoved))
        }
        let events = try await steps(pause, &report) { key throws(AuthError) in
            try await store.removeEvents(
                olderThan: policy.auditEvents, after: key, limit: Self.stepSize, event: event(.eventsRemoved))
        }
        guard let sessions, let events else { return nil }
        report.sessions = sessions
        report.events = events
        return report
    }

    /// - Returns: how many rows were removed.
    private func steps(
        _ pause: (Duration) async throws -> Void, _ report: inout Report,
        _ step: (RetentionStep.Key?) async throws(AuthError) -> RetentionStep?
    ) async throws -> Int? {
        var removed = 0
        var key: RetentionStep.Key?
        repeat {
            let start = ContinuousClock.now
            guard let done = try await step(key) else { return nil }
            report.examined += done.examined
            removed += done.removed
            key = done.last
            try await pause(.now - start)
        } while key != nil
        return removed
    }

    private func event(_ kind: AuditEvent.Kind) -> AuditEvent {
        AuditEvent(
            id: identifiers.event(), kind: kind, origin: RequestOrigin(ip: nil, userAgent: nil, requestID: "retention"))
    }
}
