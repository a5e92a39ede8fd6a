/// Removes dead sessions, old audit events, old mails and forgotten attempts, in small steps, so that requests do not get slower.
public struct Retention: Sendable {
    /// What one sweep through the tables did.
    public struct Report: Hashable, Sendable {
        public var examined = 0
        public var sessions = 0
        public var events = 0
        public var duration: Duration = .zero

        public init() {}
    }

    /// Rows of one step. They are few, so that a step takes half a millisecond, because requests need the cores too.
    static let stepSize = 25
    /// The time to the next sweep if the database failed.
    static let retry: Duration = .seconds(60)
    /// A sweep need not follow sooner: rows that are kept for months may stay an hour longer.
    static let shortestRest: Duration = .seconds(3600)
    /// A volume of the audit trail is the last one for at most this part of the time for which events are kept: a sixteenth.
    static let volumesPerRetention = 16

    private typealias Removal = Result<(examined: Int, removed: Int), any Error>
    private typealias Step = (RetentionStep.PrimaryKey?) async throws(AuthError) -> RetentionStep

    private let store: any RetentionStore
    private let identifiers: IdentifierGenerator
    private let policy: RetentionPolicy
    /// The longest time that a session lasts.
    private let longestSession: Duration
    /// How long mails and one-time tokens are kept after their end.
    private let mails: Duration

    init(store: any RetentionStore, identifiers: IdentifierGenerator, policies: Policies) {
        self.store = store
        self.identifiers = identifiers
        policy = policies.retention
        longestSession = policies.sessions.absoluteLifetime
        mails = policies.mail.retention
    }

    /// Goes through all tables once, each from its oldest row to the first one that is too young. It writes the numbers of removed rows to
    /// the audit trail, even if a table was not finished.
    ///
    /// - Parameter pause: called after each step with the time that the step took.
    /// - Throws: what `pause` throws, and ``AuthError/unavailable(cause:)``, after it has tried every table.
    public func sweep(pause: (Duration) async throws -> Void) async throws -> Report {
        let start = ContinuousClock.now
        let sessions = await removal(as: .sessionsRemoved, pause) { key throws(AuthError) in
            try await store.removeSessions(
                createdBefore: longestSession + policy.deadSessions, deadFor: policy.deadSessions, after: key, limit: Self.stepSize)
        }
        let events = await removal(as: .eventsRemoved, pause) { _ throws(AuthError) in
            try await store.openVolume(longest: policy.auditEvents / Self.volumesPerRetention)
            return try await store.removeEvents(olderThan: policy.auditEvents)
        }
        let others = await removalsWithoutEvent(pause)
        var report = Report()
        (report.sessions, report.events) = (try sessions.get().removed, try events.get().removed)
        report.examined = try ([sessions, events] + others).reduce(0) { sum, removal in sum + (try removal.get().examined) }
        report.duration = .now - start
        return report
    }

    /// The rows that are no news for the trail.
    private func removalsWithoutEvent(_ pause: (Duration) async throws -> Void) async -> [Removal] {
        [
            await removal(as: nil, pause) { key throws(AuthError) in
                try await store.removeMails(finishedFor: mails, after: key, limit: Self.stepSize)
            },
            await removal(as: nil, pause) { key throws(AuthError) in
                try await store.removeTokens(deadFor: mails, after: key, limit: Self.stepSize)
            },
            // As long as mails to an address are kept, the erasure of the account must know the address.
            await removal(as: nil, pause) { _ throws(AuthError) in
                try await store.removeHeldAddresses(freeFor: mails, limit: Self.stepSize)
            },
            await removal(as: nil, pause) { _ throws(AuthError) in try await store.removeAttempts(limit: Self.stepSize) },
        ]
    }

    /// From the end of a sweep to the next: as long as it took, and not less than an hour.
    public static func rest(after report: Report) -> Duration {
        max(shortestRest, report.duration)
    }

    /// Goes through one table.
    private func removal(
        as kind: AuditKind?, _ pause: (Duration) async throws -> Void, _ step: Step
    ) async -> Removal {
        var sum = (examined: 0, removed: 0)
        do {
            try await steps(&sum, pause, step)
            try await record(sum.removed, as: kind)
            return .success(sum)
        } catch {
            try? await record(sum.removed, as: kind)
            return .failure(error)
        }
    }

    private func steps(
        _ sum: inout (examined: Int, removed: Int), _ pause: (Duration) async throws -> Void, _ step: Step
    ) async throws {
        var key: RetentionStep.PrimaryKey?
        repeat {
            let start = ContinuousClock.now
            let done = try await step(key)
            sum.examined += done.examined
            sum.removed += done.removed
            key = done.last
            try await pause(.now - start)
        } while key != nil
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
