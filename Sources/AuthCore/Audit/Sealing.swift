/// Seals the audit trail: every few seconds it seals the events that wait, in steps.
struct Sealing: Sendable {
    private let trail: any AuditTrailStore
    private let clock: any WallClock

    private static let interval: Duration = .seconds(5)
    /// The most events of one step. A full step takes a core a fifth of a second, and a commit.
    static let stepSize = 5000
    private static let longestDelay: Duration = .seconds(3600)
    private static let roundsPerCheck = 120

    /// - Parameter clock: tells how long events have waited.
    init(trail: any AuditTrailStore, clock: any WallClock) {
        (self.trail, self.clock) = (trail, clock)
    }

    var job: Job {
        var job = Job("sealing", every: Self.interval, failure: "the audit trail was not sealed", round: sealAll)
        job.firstPause = .zero
        job.lag = Job.Lag(everyRounds: Self.roundsPerCheck, check: noticeOfDelay)
        return job
    }

    @Sendable private func sealAll(rest: Job.Rest) async throws -> Job.Outcome {
        var (events, step) = (0, Self.stepSize)
        while true {
            let start = ContinuousClock.now
            let sealed: Int
            do {
                sealed = try await trail.seal(limit: step)
            } catch {
                // The events may be too large to seal so many of them in time.
                guard step > 1 else { throw error }
                step = max(1, step / 8)
                continue
            }
            events += sealed
            // Other instances have some of the chains, so a step may be short although more events wait.
            guard sealed > 0, sealed >= step / 2 else { break }
            step = min(Self.stepSize, step * 2)
            try await rest(.now - start)
        }
        return Job.Outcome(notice: events > 0 ? Job.Notice(.debug, "sealed", ["events": events]) : nil)
    }

    /// - Returns: an error for the log if an event has waited for its seal for more than an hour.
    @Sendable private func noticeOfDelay() async -> Job.Notice? {
        guard let pending = try? await trail.pending(), let oldest = pending.oldest, clock.now() - oldest > Self.longestDelay else {
            return nil
        }
        return Job.Notice(
            .error, "the audit trail has not been sealed for an hour: sealing fails, or another session holds the lock of a chain",
            ["events": pending.count, "oldest": oldest])
    }
}
