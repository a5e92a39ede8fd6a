import AuthCore
import AuthCrypto
import AuthMiddleware
import AuthPostgres
import AuthRoutes
import AuthText
import Hummingbird
import LibPQ
import Logging
import ServiceLifecycle
import UnixSignals

extension ServerConfiguration {
    /// How long a stop waits for the requests being served.
    private static let drainTime: Duration = .seconds(10)

    /// The whole server. Services start in this order and stop in the reverse: no request outlives what it needs.
    func serviceGroup(newestMigration: Int, logger: Logger) -> ServiceGroup {
        let database = postgresDatabase(logger: logger)
        let hasher = Argon2idHasher(
            parameters: Argon2Parameters(memoryKiB: argon2.memoryKiB, iterations: argon2.iterations), slots: argon2.slots)
        let activity = PostgresSessionActivity(database: database)
        let services = authServices(database: database, hasher: hasher, activity: activity, newestMigration: newestMigration)
        let retention = Retention(
            store: PostgresRetentionStore(database: database), identifiers: IdentifierGenerator(clock: SystemWallClock()),
            policy: retention)
        let application = application(services, logger: logger)
        var group = ServiceGroupConfiguration(
            services: [
                DatabaseService(database: database), HasherService(hasher: hasher), RetentionService(retention: retention, logger: logger),
                ActivityService(activity: activity, logger: logger), application,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = Self.drainTime
        return ServiceGroup(configuration: group)
    }

    /// The domain over its adapters.
    private func authServices(
        database: PostgresDatabase, hasher: Argon2idHasher, activity: any SessionActivity, newestMigration: Int
    ) -> AuthServices {
        let accounts = PostgresAccountStore(database: database)
        let sessionStore = PostgresSessionStore(database: database)
        let mint = TokenMint(cryptography: SwiftCryptoTokenCryptography())
        let identifiers = IdentifierGenerator(clock: SystemWallClock())
        let rules = UnicodeTextRules()
        return AuthServices(
            registration: Registration(
                accounts: accounts, hasher: hasher, estimator: ZxcvbnEstimator(), rules: rules,
                identifiers: identifiers, policy: passwords),
            signIn: SignIn(
                accounts: accounts, sessions: sessionStore, hasher: hasher, rules: rules,
                mint: mint, identifiers: identifiers, policy: sessions),
            authentication: SessionAuthentication(sessions: sessionStore, activity: activity, mint: mint),
            refresh: SessionRefresh(
                refreshes: sessionStore, sessions: sessionStore, mint: mint, identifiers: identifiers, policy: sessions),
            signOut: SignOut(sessions: sessionStore, identifiers: identifiers),
            ownSessions: OwnSessions(store: sessionStore, identifiers: identifiers),
            clients: Clients(store: PostgresClientStore(database: database), mint: mint, identifiers: identifiers),
            revocation: TokenRevocation(sessions: sessionStore, refreshes: sessionStore, mint: mint, identifiers: identifiers),
            readiness: SchemaReadiness(database: database, newest: newestMigration))
    }

    private func application(_ services: AuthServices, logger: Logger) -> some ApplicationProtocol {
        let limits = HTTPLimits()
        return Application(
            router: buildRouter(services, limits: limits),
            server: HTTPEdge.http1(limits: limits),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                logger.info(
                    "listening",
                    metadata: ["host": "\(host)", "port": "\(channel.localAddress?.port ?? port)", "environment": "\(environment)"])
            },
            logger: logger)
    }
}
