import AuthCore
import AuthCrypto
import AuthMiddleware
import AuthPostgres
import AuthRoutes
import AuthText
import FoundationEssentials
import Hummingbird
import HummingbirdCore
import LibPQ
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

extension ServerConfiguration {
    /// How long a stop waits for the requests being served.
    private static let drainTime: Duration = .seconds(10)
    /// And for all: the last sightings, and the good-bye to PostgreSQL.
    private static let stopTime: Duration = .seconds(20)
    /// One for two cores: fewer loops gather more look-ups at a time, and PostgreSQL and Argon2id want the cores too.
    private static let eventLoops = MultiThreadedEventLoopGroup(
        numberOfThreads: max(1, ProcessInfo.processInfo.activeProcessorCount / 2))

    /// The whole server. Services start in this order and stop in the reverse: no request outlives what it needs.
    func serviceGroup(_ database: PostgresDatabase, _ stores: Stores, newestMigration: Int, logger: Logger) throws -> ServiceGroup {
        let hasher = Argon2idHasher(
            parameters: Argon2Parameters(memoryKiB: argon2.memoryKiB, iterations: argon2.iterations), slots: argon2.slots)
        let activity = PostgresSessionActivity(database: database)
        let departure = Departure(readiness: SchemaReadiness(database: database, newest: newestMigration), delay: shutdownDelay)
        let services = authServices(over: stores, hasher: hasher, activity: activity, readiness: departure)
        let retention = Retention(
            store: PostgresRetentionStore(database: database), identifiers: IdentifierGenerator(clock: SystemWallClock()),
            policy: retention)
        let certificate = try tls.map { files throws(TLSProblem) in try TLSCertificate(files: files, logger: logger) }
        let application = application(services, certificate, logger: logger)
        var group = ServiceGroupConfiguration(
            services: (certificate.map { [$0] } ?? []) + [
                DatabaseService(database: database), HasherService(hasher: hasher), RetentionService(retention: retention, logger: logger),
                SealingService(trail: PostgresAuditTrailStore(database: database), clock: SystemWallClock(), logger: logger),
                // Failures beyond those that have rows of their own, and who was seen.
                FlushService(interval: .seconds(10), failure: "counts of failures wait to be written", logger: logger) {
                    try await stores.tally.flush()
                },
                FlushService(interval: .seconds(1), failure: "sightings of sessions were lost", logger: logger) {
                    try await activity.flush()
                },
                DrainedService(server: application, drainTime: Self.drainTime),
                departure,
            ],
            logger: logger)
        group.maximumGracefulShutdownDuration = shutdownDelay + Self.stopTime
        return ServiceGroup(configuration: group)
    }

    /// The domain over its adapters.
    private func authServices(
        over stores: Stores, hasher: Argon2idHasher, activity: any SessionActivity, readiness: any Readiness
    ) -> AuthServices {
        let mint = TokenMint(cryptography: SwiftCryptoTokenCryptography())
        let identifiers = IdentifierGenerator(clock: SystemWallClock())
        let rules = UnicodeTextRules()
        let limits = AttemptLimits(store: stores.attempts, identifiers: identifiers, policy: attempts)
        return AuthServices(
            registration: Registration(
                accounts: stores.accounts, hasher: hasher, estimator: ZxcvbnEstimator(), rules: rules,
                identifiers: identifiers, policy: passwords, limits: limits),
            signIn: SignIn(
                accounts: stores.accounts, sessions: stores.sessions, hasher: hasher, rules: rules,
                mint: mint, identifiers: identifiers, policy: sessions, limits: limits),
            authentication: SessionAuthentication(sessions: stores.sessions, activity: activity, mint: mint),
            refresh: SessionRefresh(
                refreshes: stores.refreshes, sessions: stores.sessions, mint: mint, identifiers: identifiers, policy: sessions,
                limits: limits),
            signOut: SignOut(sessions: stores.sessions, identifiers: identifiers),
            ownSessions: OwnSessions(store: stores.ownSessions, identifiers: identifiers),
            clients: Clients(store: stores.clients, mint: mint, identifiers: identifiers, limits: limits),
            revocation: TokenRevocation(
                sessions: stores.sessions, refreshes: stores.refreshes, mint: mint, identifiers: identifiers),
            hasher: hasher, readiness: readiness)
    }

    private func application(_ services: AuthServices, _ certificate: TLSCertificate?, logger: Logger) -> some ApplicationProtocol {
        let limits = HTTPLimits()
        let isSecure = certificate != nil
        let addresses = ClientAddress(proxies: trustedProxies)
        let lane = GuardedLane(
            routes: .all(services), addresses: addresses, limits: limits, origins: allowedOrigins, isSecure: isSecure, logger: logger)
        return Application(
            router: buildRouter(services, limits: limits, addresses: addresses, origins: allowedOrigins, isSecure: isSecure),
            server: HTTPEdge.http1(limits: limits, lane: lane) { channel in
                if let certificate {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context), position: .first)
                }
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(affordableConnections(logger: logger), logger: logger)),
            onServerRunning: { channel in
                // The framework asks whether one more may come before each turn of accepting; this makes a turn one connection.
                try? await channel.setOption(.maxMessagesPerRead, value: 1)
                logger.info(
                    "listening",
                    metadata: [
                        "host": "\(host)", "port": "\(channel.localAddress?.port ?? port)", "environment": "\(environment)",
                        "tls": "\(isSecure)",
                    ])
            },
            eventLoopGroupProvider: .shared(Self.eventLoops),
            logger: logger)
    }
}
