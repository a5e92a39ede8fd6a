import AuthPostgres
import LibPQ
import Logging

extension PostgresDatabase {
    /// No request waits for the work in the background.
    private static let backgroundTimeout: Duration = .seconds(10)

    /// A quarter of the connections serve look-ups by key and nothing else. One more works in the background.
    init(_ settings: DatabaseSettings, logger: Logger) {
        let (lineage, outages) = (PostgresLineage(), PostgresOutageLog())
        func client(connections: Int, timeout: Duration) -> PostgresClient {
            PostgresClient(
                configuration: .init(
                    conninfo: settings.url, connections: connections, operationTimeout: timeout, applicationName: "auth-api",
                    sessionSettings: Self.sessionSettings, lineage: lineage, outages: outages),
                logger: logger)
        }
        let guardConnections = max(1, settings.connections / 4)
        self.init(
            lookups: client(connections: guardConnections, timeout: settings.timeout),
            work: client(connections: settings.connections - guardConnections, timeout: settings.timeout),
            background: client(connections: 1, timeout: Self.backgroundTimeout))
    }
}
