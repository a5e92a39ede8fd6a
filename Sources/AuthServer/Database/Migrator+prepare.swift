import AuthPostgres
import LibPQ
import Logging

extension Migrator {
    /// How long a starting server waits for a database that is also starting.
    private static let startTimeout: Duration = .seconds(60)

    /// - Throws: ``StartFailure`` if the folder of the migrations cannot be read.
    init(_ settings: DatabaseSettings) throws(StartFailure) {
        do { try self.init(conninfo: settings.url, directory: settings.sqlDirectory) } catch { throw StartFailure(error) }
    }

    /// Makes sure that the schema is this release's before anything is served.
    ///
    /// - Returns: whether the database is distributed.
    /// - Throws: ``StartFailure`` if the schema is another one and may not be migrated, if a pooler cannot serve this server, or if the
    ///   database does not answer in time.
    func prepare(_ settings: DatabaseSettings, logger: Logger) async throws -> Bool {
        let start = ContinuousClock.now
        var isWaiting = false
        while true {
            do {
                let isDistributed = try await prepareOnce(settings, logger: logger)
                if isWaiting { logger.notice("the database answers", metadata: ["after": "\(ContinuousClock.now - start)"]) }
                return isDistributed
            } catch PostgresError.unavailable(let reason) where ContinuousClock.now < start + Self.startTimeout {
                if !isWaiting { logger.warning("waiting for the database, at most a minute", metadata: ["reason": "\(reason)"]) }
                isWaiting = true
                try await Task.sleep(for: .milliseconds(500))
            } catch {
                throw StartFailure(Refusal(error, role: .owner))
            }
        }
    }

    private func prepareOnce(_ settings: DatabaseSettings, logger: Logger) async throws -> Bool {
        try await PostgresDatabase(settings, isDistributed: false, logger: logger).checkPooler()
        guard settings.migrateOnStart else {
            try await verify()
            return try await isDistributed()
        }
        let numbers = try await migrate()
        if !numbers.isEmpty { logger.notice("migrated", metadata: ["applied": .array(numbers.map { .stringConvertible($0) })]) }
        return try await isDistributed()
    }
}
