import AuthPostgres
import LibPQ
import Logging

extension ServerConfiguration {
    /// A quarter of the connections serve look-ups by key and nothing else. One more works in the background.
    func postgresDatabase(logger: Logger) -> PostgresDatabase {
        let guardConnections = max(1, database.connections / 4)
        let lineage = PostgresLineage()
        return PostgresDatabase(
            guardLane: client(connections: guardConnections, lineage: lineage, logger: logger),
            workLane: client(connections: database.connections - guardConnections, lineage: lineage, logger: logger),
            backgroundLane: client(connections: 1, lineage: lineage, timeout: Self.backgroundTimeout, logger: logger))
    }

    /// Nobody waits for it.
    private static let backgroundTimeout: Duration = .seconds(10)

    private static let sessionSettings = [
        // A fixed path, so that no schema of somebody else's comes before ours.
        "search_path": "public, pg_temp",
        // PostgreSQL would plan a statement over arrays anew for every execution while it takes that to be worth it.
        "plan_cache_mode": "force_generic_plan",
        // A plan stays until the table is analysed again. Where that was last done while it was small, all that an attack fills it with
        // would be read for each login.
        "enable_seqscan": "off",
        // Compiling would take many times as long as any statement of ours runs.
        "jit": "off",
    ]

    private func client(
        connections: Int, lineage: PostgresLineage, timeout: Duration? = nil, logger: Logger
    ) -> PostgresClient {
        PostgresClient(
            configuration: .init(
                conninfo: database.url, connections: connections, operationTimeout: timeout ?? database.timeout,
                applicationName: "auth-api", sessionSettings: Self.sessionSettings, lineage: lineage),
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
