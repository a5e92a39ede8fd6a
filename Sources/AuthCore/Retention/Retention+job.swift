extension Retention {
    /// A step is followed by a rest this many times as long. At a hundredth of the time not one request in a hundred meets a step.
    private static let restPerStep = 100

    public var job: Job {
        var job = Job("retention", every: Self.shortestRest, failure: "retention stopped") { rest in
            let report = try await sweep(pause: rest)
            return Job.Outcome(pause: Self.rest(after: report), notice: report.flatMap(Self.notice))
        }
        job.firstPause = Self.retry
        job.pauseAfterFailure = Self.retry
        job.restPerStep = Self.restPerStep
        job.shortestRest = .milliseconds(20)
        return job
    }

    private static func notice(_ report: Report) -> Job.Notice? {
        guard report.sessions + report.events > 0 else { return nil }
        return Job.Notice(
            .info, "removed what was kept long enough",
            [
                "sessions": report.sessions, "audit_events": report.events, "examined": report.examined,
                "seconds": report.duration / .seconds(1),
            ])
    }
}
