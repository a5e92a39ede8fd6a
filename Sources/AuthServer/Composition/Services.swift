import AuthCore
import AuthCrypto
import AuthPostgres
import Logging
import ServiceLifecycle

/// What serves HTTP. A stop lets it finish what it has begun, but not for ever; what stops after it has its whole time.
struct DrainedService<Server: Service>: Service {
    let server: Server
    let drainTime: Duration

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: drainTime)
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

/// The connections to PostgreSQL, from the start of the server to its end.
struct DatabaseService: Service {
    let database: PostgresDatabase

    func run() async throws {
        try database.start()
        try? await gracefulShutdown()
        await database.shutdown()
    }
}

/// The threads that hash passwords.
struct HasherService: Service {
    let hasher: Argon2idHasher

    func run() async throws {
        try hasher.start()
        try? await gracefulShutdown()
        await hasher.shutdown()
    }
}

/// Writes down at intervals what is collected in memory, and a last time when all requests are served.
struct FlushService: Service {
    let interval: Duration
    /// What the log says where it fails.
    let failure: Logger.Message
    let logger: Logger
    let flush: @Sendable () async throws -> Void

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: interval)
                await flushOnce()
            }
        }
        await flushOnce()
    }

    private func flushOnce() async {
        do {
            try await flush()
        } catch {
            logger.warning(failure, metadata: ["cause": "\(error)"])
        }
    }
}

/// Seals the audit trail: what is over every half a minute, in small steps. Says so where it makes no way.
struct SealingService: Service {
    let trail: any AuditTrailStore
    let clock: any WallClock
    let logger: Logger

    /// So long an event may lie open at the least.
    private static let interval: Duration = .seconds(30)
    /// Events of one seal: two milliseconds of a core and a commit.
    private static let stepSize = 250
    /// A step is followed by a rest so many times as long: some thousand events a second at the most.
    private static let restPerStep = 5
    /// A transaction that stays open, or who holds the lock, keeps everything after it from being sealed.
    private static let patience: Duration = .seconds(3600)
    private static let roundsPerCheck = 20

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            for round in 1... {
                try await sealAll()
                if round.isMultiple(of: Self.roundsPerCheck) { await tellOfDelay() }
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    func tellOfDelay() async {
        guard let unsealed = try? await trail.unsealed(), let oldest = unsealed.oldest, clock.now() - oldest > Self.patience else { return }
        logger.error(
            "the audit trail has not been sealed for an hour: a transaction stays open, or somebody holds the lock",
            metadata: ["events": "\(unsealed.count)", "oldest": "\(oldest)"])
    }

    private func sealAll() async throws {
        do {
            while true {
                let start = ContinuousClock.now
                guard let sealed = try await trail.seal(limit: Self.stepSize), sealed >= Self.stepSize else { return }
                try await Task.sleep(for: (.now - start) * Self.restPerStep)
            }
        } catch let error as AuthError {
            logger.warning("the audit trail was not sealed", metadata: ["cause": "\(error)"])
        }
    }
}

/// Removes what was kept long enough: one sweep after another, most of the time at rest.
struct RetentionService: Service {
    let retention: Retention
    let logger: Logger

    /// A step is followed by a rest so many times as long. At a hundredth of the time not one request in a hundred meets one.
    private static let restPerStep = 100

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var report: Retention.Report?
            while true {
                try await Task.sleep(for: Retention.rest(after: report))
                report = try await sweep()
            }
        }
    }

    /// - Returns: `nil` where it was not carried through.
    private func sweep() async throws -> Retention.Report? {
        do {
            let report = try await retention.sweep { step in try await Task.sleep(for: max(.milliseconds(20), step * Self.restPerStep)) }
            if let report, report.sessions + report.events > 0 { tell(report) }
            return report
        } catch let error as AuthError {
            logger.warning("retention stopped", metadata: ["cause": "\(error)"])
            return nil
        }
    }

    private func tell(_ report: Retention.Report) {
        logger.info(
            "removed what was kept long enough",
            metadata: [
                "sessions": "\(report.sessions)", "audit_events": "\(report.events)", "examined": "\(report.examined)",
                "duration": "\(report.duration)",
            ])
    }
}
