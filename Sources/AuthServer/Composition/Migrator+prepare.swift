import AuthPostgres
import LibPQ
import Logging

extension Migrator {
    /// How long a starting server waits for a database that is starting too.
    private static let patience: Duration = .seconds(60)

    /// Makes sure that the schema is this release's before anything is served.
    ///
    /// - Throws: ``StartFailure`` where it is not and may not be made so, or the database stays away.
    func prepare(_ configuration: ServerConfiguration, logger: Logger) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await prepareOnce(configuration, logger: logger)
            } catch PostgresError.unavailable(let reason) where ContinuousClock.now < deadline {
                logger.warning("waiting for the database", metadata: ["reason": "\(reason)"])
                try await Task.sleep(for: .milliseconds(500))
            } catch {
                throw StartFailure(error)
            }
        }
    }

    private func prepareOnce(_ configuration: ServerConfiguration, logger: Logger) async throws {
        guard configuration.database.migrateOnStart else { return try await verify() }
        let numbers = try await migrate()
        if !numbers.isEmpty { logger.notice("migrated", metadata: ["applied": "\(numbers)"]) }
    }
}

extension StartFailure {
    static func explaining<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch {
            throw StartFailure(error)
        }
    }
}
