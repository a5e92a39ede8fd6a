import Glibc
import HTTPEdge
import Logging

/// The limit of open files, and the connections of clients that it allows.
enum OpenFiles {
    /// Descriptors for everything else than clients' connections: the log, event loops, certificates, the database's own sockets.
    private static let reserved = 32

    /// Connections that may ask only for health, and connections that are accepted while those that they replace are still being closed.
    static let extraConnections = ConnectionPlaces.healthPlaces + 8

    /// The number of connections that are accepted at one time: the configured one, unless the database would have too few descriptors.
    static func affordableConnections(_ configuration: ServerConfiguration, logger: Logger) -> Int {
        let (wanted, files) = (configuration.connections.maximum, raiseLimit())
        let affordable = max(1, files - reserved - extraConnections - 3 * configuration.database.connections)
        guard affordable < wanted else { return wanted }
        logger.warning(
            "MAX_CONNECTIONS is more than the limit of open files allows",
            metadata: ["files": .stringConvertible(files), "connections": .stringConvertible(affordable)])
        return affordable
    }

    /// Raises the soft limit of open files, which is low for programs that use `select`, to the hard one.
    private static func raiseLimit() -> Int {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(files, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
        getrlimit(files, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
