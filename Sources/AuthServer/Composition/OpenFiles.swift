import Glibc
import Logging

extension ServerConfiguration {
    /// Descriptors for all that is no client's connection: the log, event loops, certificates, the database's own sockets.
    private static let reservedFiles = 32

    /// How many connections are accepted at one time: as many as are configured, and no more than leave the database its own.
    func affordableConnections(logger: Logger) -> Int {
        let files = Self.raiseFileLimit()
        let affordable = max(1, files - Self.reservedFiles - 3 * database.connections)
        guard affordable < maximumConnections else { return maximumConnections }
        logger.warning(
            "MAX_CONNECTIONS is more than the limit of open files allows", metadata: ["files": "\(files)", "connections": "\(affordable)"])
        return affordable
    }

    /// Raises the soft limit of open files, which is low for programs that use `select`, to the hard one.
    private static func raiseFileLimit() -> Int {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(files, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
        getrlimit(files, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
