import AuthCore
import AuthCrypto
import AuthFastPath
import AuthMail
import AuthMiddleware
import AuthPostgres
import AuthRoutes
import AuthText
import FoundationEssentials
import HTTPEdge
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The server, from its configuration to its services, in this order. Nothing starts before ``run()``.
struct Server: Sendable {
    /// How long a stop waits for the requests being served.
    private static let drainTime: Duration = .seconds(10)
    /// How long a stop may take in all, after the delay: also the last sightings are written and PostgreSQL's connections closed.
    private static let stopTime: Duration = .seconds(20)
    /// One for two cores: fewer loops gather more look-ups at a time, and PostgreSQL and Argon2id want the cores too.
    private static let eventLoops = MultiThreadedEventLoopGroup(
        numberOfThreads: max(1, ProcessInfo.processInfo.activeProcessorCount / 2))

    let configuration: ServerConfiguration
    let logger: Logger
    let database: PostgresDatabase
    let shutdownDelay: ShutdownDelay
    let stores: PostgresStores
    let hasher: Argon2idHasher
    let mail: MailWay
    let domain: Domain

    /// The part that operators' commands use too: the domain over PostgreSQL.
    ///
    /// - Parameters:
    ///   - newestMigration: the server is ready if the database has it.
    ///   - isDistributed: whether Citus distributes the database.
    ///   - replacing: replaces stores before the domain is built.
    init(
        _ configuration: ServerConfiguration, newestMigration: Int, isDistributed: Bool, logger: Logger,
        replacing: (inout Stores) -> Void = { _ in }
    ) {
        (self.configuration, self.logger) = (configuration, logger)
        database = PostgresDatabase(configuration.database, isDistributed: isDistributed, logger: logger)
        let readiness = SchemaReadiness(database: database, newest: newestMigration, lookUp: PostgresSessionStore(database: database).probe)
        shutdownDelay = ShutdownDelay(readiness: readiness, delay: configuration.listening.shutdownDelay)
        stores = PostgresStores(database, readiness: shutdownDelay, replacing: replacing)
        hasher = Argon2idHasher(configuration.passwords, logger: logger)
        let kit = Kit(
            clock: SystemWallClock(), cryptography: OpenSSLTokenCryptography(), hasher: hasher, estimator: ZxcvbnEstimator(),
            rules: UnicodeTextRules(), blocklist: configuration.passwords.blocklist)
        mail = MailWay(configuration.mail)
        let outlet = MailOutlet(rendering: configuration.mail.templates, transport: mail.transport)
        domain = Domain(stores.all, kit, configuration.policies, outlet)
    }

    /// Services start in this order and stop in the reverse: no request outlives what it needs.
    private func serviceGroup() throws -> ServiceGroup {
        let listening = configuration.listening
        // Below `info` the framework logs only about itself.
        var frameworkLogger = logger
        frameworkLogger.logLevel = max(logger.logLevel, .info)

        let jobs = domain.jobs + [stores.tally.job, stores.activity.job]
        let options = HTTPOptions(configuration, logger: frameworkLogger)
        let routes = RouteMap(domain, options)
        let certificate = try listening.tls?.serverCertificate(logger: logger)
        let connections = OpenFiles.affordableConnections(configuration, logger: frameworkLogger)
        let places = ConnectionPlaces(
            total: connections, perNetwork: configuration.connections.perNetwork(of: connections), proxies: listening.trustedProxies,
            logger: frameworkLogger)
        let fastPath = FastPath(routes.fastRoutes, options).server(paths: routes.edgePaths, places: places) { channel in
            try certificate?.addHandler(to: channel)
        }
        let application = Application(
            router: routes.router, server: fastPath,
            configuration: ApplicationConfiguration(
                address: .hostname(listening.host, port: listening.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    connections + OpenFiles.extraConnections, logger: frameworkLogger)),
            onServerRunning: listens, eventLoopGroupProvider: .shared(Self.eventLoops), logger: frameworkLogger)

        configuration.warnOfMissingMail(logger)
        let operations = OperationsService(configuration, mail, eventLoops: Self.eventLoops, logger: frameworkLogger)
        let optional: [any Service] = [certificate as (any Service)?, operations].compactMap(\.self)
        var group = ServiceGroupConfiguration(
            services: optional + [ReloadService(certificate: certificate, blocklist: configuration.passwords.blocklist, logger: logger)]
                + [DatabaseService(database: database), HasherService(hasher: hasher), MailService(way: mail)]
                + jobs.map { JobService($0, logger: logger) }
                + [DrainedService(server: application, drainTime: Self.drainTime), shutdownDelay],
            logger: frameworkLogger)
        group.maximumGracefulShutdownDuration = listening.shutdownDelay + Self.stopTime
        return ServiceGroup(configuration: group)
    }

    @Sendable private func listens(on channel: any Channel) async {
        // The framework asks whether one more may come before each round of accepting; this makes a round one connection.
        try? await channel.setOption(.maxMessagesPerRead, value: 1)
        let listening = configuration.listening
        logger.info(
            "listening",
            metadata: [
                "host": "\(listening.host)", "port": .stringConvertible(channel.localAddress?.port ?? listening.port),
                "environment": "\(configuration.environment)", "tls": .stringConvertible(listening.tls != nil),
            ])
    }

    /// Serves until a signal ends it.
    func run() async throws {
        let group: ServiceGroup
        do {
            try database.start()
            group = try serviceGroup()
        } catch {
            throw StartFailure(error)
        }
        let signals = await StopSignals()
        let signalTask = Task { await signals.stop(group, logger: logger) }
        defer { signalTask.cancel() }
        do {
            try await group.run()
        } catch {
            guard let failure = ListeningFailure(error, host: configuration.listening.host, port: configuration.listening.port) else {
                throw error
            }
            throw StartFailure(failure)
        }
    }
}
