/// Seals the audit trail: what is complete, twice a minute, in small steps.
struct Sealing: Sendable {
    private let trail: any AuditTrailStore
    private let clock: any WallClock

    /// An event is sealed after at least this time.
    private static let interval: Duration = .seconds(30)
    /// Events of one seal: two milliseconds of a core and a commit.
    private static let stepSize = 250
    /// It allows some thousand events a second.
    private static let restPerStep = 5
    /// A transaction that stays open, or a session that holds the lock, keeps everything after it from being sealed.
    private static let longestDelay: Duration = .seconds(3600)
    private static let roundsPerCheck = 20

    /// - Parameter clock: tells how long events have waited.
    init(trail: any AuditTrailStore, clock: any WallClock) {
        (self.trail, self.clock) = (trail, clock)
    }

    var job: Job {
        var job = Job("sealing", every: Self.interval, failure: "the audit trail was not sealed", round: sealAll)
        job.firstPause = .zero
        job.restPerStep = Self.restPerStep
        job.lag = Job.Lag(everyRounds: Self.roundsPerCheck, check: noticeOfDelay)
        return job
    }

    @Sendable private func sealAll(rest: Job.Rest) async throws -> Job.Outcome {
        var events: Int?
        while true {
            let start = ContinuousClock.now
            guard let sealed = try await trail.seal(limit: Self.stepSize) else { break }
            events = (events ?? 0) + sealed
            guard sealed >= Self.stepSize else { break }
            try await rest(.now - start)
        }
        return Job.Outcome(notice: events.map { Job.Notice(.debug, "sealed", ["events": $0]) })
    }

    /// - Returns: an error for the log if an event has waited for its seal for more than an hour.
    @Sendable private func noticeOfDelay() async -> Job.Notice? {
        guard let unsealed = try? await trail.unsealed(), let oldest = unsealed.oldest, clock.now() - oldest > Self.longestDelay else {
            return nil
        }
        return Job.Notice(
            .error, "the audit trail has not been sealed for an hour: a transaction stays open, or another session holds the lock",
            ["events": unsealed.count, "oldest": oldest])
    }
}
