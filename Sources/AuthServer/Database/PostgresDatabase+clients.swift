import AuthCore
import AuthCrypto
import AuthPostgres
import LibPQ
import Logging

extension PostgresDatabase {
    /// - Parameter isDistributed: whether Citus distributes the tables. Then `DATABASE_URL` is used for each node, with the node's host and
    ///   port.
    init(_ settings: DatabaseSettings, isDistributed: Bool, logger: Logger) {
        let coordinator = PostgresNode(settings, conninfo: settings.url, lineage: PostgresLineage(), logger: logger)
        guard isDistributed, let conninfo = PostgresConninfo(settings.url) else {
            self.init(coordinator)
            return
        }
        let routing = RoutingKeys(cryptography: OpenSSLTokenCryptography())
        self.init(
            CitusCluster(coordinator: coordinator, routing: routing) { host, port, lineage in
                PostgresNode(settings, conninfo: conninfo.at(host: host, port: port), lineage: lineage, logger: logger)
            })
    }
}

extension PostgresNode {
    /// No request waits for the work in the background.
    private static let backgroundTimeout: Duration = .seconds(10)

    /// A quarter of the connections serve look-ups by key and nothing else. One more works in the background.
    fileprivate init(_ settings: DatabaseSettings, conninfo: String, lineage: PostgresLineage, logger: Logger) {
        let outages = PostgresOutageLog()
        func client(connections: Int, timeout: Duration) -> PostgresClient {
            PostgresClient(
                configuration: .init(
                    conninfo: conninfo, connections: connections, operationTimeout: timeout, applicationName: "auth-api",
                    sessionSettings: PostgresDatabase.sessionSettings, lineage: lineage, outages: outages),
                logger: logger)
        }
        let guardConnections = max(1, settings.connections / 4)
        self.init(
            lookups: client(connections: guardConnections, timeout: settings.timeout),
            work: client(connections: settings.connections - guardConnections, timeout: settings.timeout),
            background: client(connections: 1, timeout: Self.backgroundTimeout))
    }
}
