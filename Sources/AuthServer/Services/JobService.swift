import AuthCore
import Logging
import ServiceLifecycle

/// Repeats the rounds of one job until the server stops.
struct JobService: Service {
    let job: Job
    let logger: Logger

    init(_ job: Job, logger: Logger) {
        self.job = job
        var logger = logger
        logger[metadataKey: "job"] = "\(job.name)"
        self.logger = logger
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var pause = job.firstPause ?? job.interval
            for number in 1... {
                try await Task.sleep(for: pause)
                pause = await round()
                if let lag = job.lag, number.isMultiple(of: lag.rounds), let notice = await lag.check() { log(notice) }
            }
        }
        if job.stop == .completes { _ = await round() }
    }

    /// - Returns: the time to the next round.
    private func round() async -> Duration {
        switch job.stop {
        case .cancels: await roundOnce()
        // A stop cancels this task but not that one.
        case .completes: await Task { await roundOnce() }.value
        }
    }

    /// Does not throw, so that the next round follows whatever the error. A stop ends the loop in ``run()``.
    private func roundOnce() async -> Duration {
        do {
            let outcome = try await job.round { step in
                try await Task.sleep(for: max(job.shortestRest, step * job.restPerStep))
            }
            if let notice = outcome.notice { log(notice) }
            return outcome.pause ?? job.interval
        } catch {
            // A stop may interrupt a step or a rest.
            if !Task.isCancelled { logger.warning("\(job.failure)", metadata: ["cause": "\(error)"]) }
            return job.pauseAfterFailure ?? job.interval
        }
    }

    private func log(_ notice: Job.Notice) {
        logger.log(
            level: Logger.Level(rawValue: notice.level.rawValue)!, "\(notice.text)",
            metadata: notice.values.mapValues { .stringConvertible($0) })
    }
}
