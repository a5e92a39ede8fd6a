import AuthPostgres
import LibPQ
import Logging

extension ServerConfiguration {
    /// A quarter of the connections serve the guard's look-ups and nothing else. One more works in the background.
    func postgresDatabase(logger: Logger) -> PostgresDatabase {
        let guardConnections = max(1, database.connections / 4)
        // PostgreSQL would plan a statement anew for every execution while it takes custom plans to be worth it.
        let guardSettings = Self.sessionSettings.merging(["plan_cache_mode": "force_generic_plan"]) { $1 }
        return PostgresDatabase(
            guardLane: client(connections: guardConnections, settings: guardSettings, logger: logger),
            workLane: client(connections: database.connections - guardConnections, settings: Self.sessionSettings, logger: logger),
            backgroundLane: client(connections: 1, timeout: Self.backgroundTimeout, settings: Self.sessionSettings, logger: logger))
    }

    /// Nobody waits for it.
    private static let backgroundTimeout: Duration = .seconds(10)

    /// A fixed path, so that no schema of somebody else's comes before ours.
    private static let sessionSettings = ["search_path": "public, pg_temp"]

    private func client(
        connections: Int, timeout: Duration? = nil, settings: [String: String], logger: Logger
    ) -> PostgresClient {
        PostgresClient(
            configuration: .init(
                conninfo: database.url, connections: connections, operationTimeout: timeout ?? database.timeout,
                applicationName: "auth-api", sessionSettings: settings),
            logger: logger)
    }

    func migrator() throws -> Migrator {
        do {
            return try Migrator(conninfo: database.url, directory: database.sqlDirectory)
        } catch {
            throw StartFailure(error)
        }
    }
}
