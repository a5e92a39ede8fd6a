extension Retention {
    /// The job rests this many times as long as the step before took.
    private static let restPerStep = 5

    public var job: Job {
        var job = Job("retention", every: Self.shortestRest, failure: "retention stopped") { rest in
            let report = try await sweep(pause: rest)
            return Job.Outcome(pause: Self.rest(after: report), notice: Self.notice(report))
        }
        job.firstPause = Self.retry
        job.pauseAfterFailure = Self.retry
        job.restPerStep = Self.restPerStep
        job.shortestRest = .milliseconds(1)
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
