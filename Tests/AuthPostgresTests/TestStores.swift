import AuthCore
import AuthCrypto
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import Testing

/// The stores over one database, with short ways to make accounts and sessions.
struct TestStores {
    let database: TestDatabase
    let opened: PostgresDatabase
    let accounts: PostgresAccountStore
    let sessions: PostgresSessionStore
    let activity: PostgresSessionActivity
    let retention: PostgresRetentionStore
    let clients: PostgresServiceClientStore
    let attempts: PostgresAttemptStore
    let tally: PostgresFailureTally
    let cutoff: PostgresSessionCutoffStore
    let trail: PostgresAuditTrailStore
    /// The domain over these stores.
    let domain: Domain
    let mails = MailSink()
    let mint = TokenMint(cryptography: OpenSSLTokenCryptography())
    let identifiers = IdentifierGenerator(clock: SystemWallClock())

    static let hash = PasswordHash(phc: "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU")

    static func with<Value>(_ body: (TestStores) async throws -> Value) async throws -> Value {
        try await TestDatabase.with { test in
            try await test.withDatabase { database in
                try await body(TestStores(test, database))
            }
        }
    }

    init(_ test: TestDatabase, _ database: PostgresDatabase, policies: Policies = .standard) {
        self.database = test
        opened = database
        tally = PostgresFailureTally(database: database, identifiers: identifiers)
        accounts = PostgresAccountStore(database: database, tally: tally)
        sessions = PostgresSessionStore(database: database)
        activity = PostgresSessionActivity(database: database)
        retention = PostgresRetentionStore(database: database)
        clients = PostgresServiceClientStore(database: database, tally: tally)
        attempts = PostgresAttemptStore(database: database, tally: tally)
        cutoff = PostgresSessionCutoffStore(database: database)
        trail = PostgresAuditTrailStore(database: database)
        let all = Stores(
            readiness: SchemaReadiness(database: database, newest: 1) {}, attempts: attempts,
            tokens: PostgresOneTimeTokenStore(database: database), mails: MailStores(PostgresMailStore(database: database)),
            accounts: AccountStores(accounts: accounts, administration: PostgresAccountAdministrationStore(database: database)),
            sessions: SessionStores(sessions, cutoff: cutoff, activity: activity), clients: clients, audit: AuditStores(trail),
            owners: OwnerStores(
                emails: PostgresEmailStore(database: database), recovery: PostgresRecoveryStore(database: database),
                profiles: PostgresProfileStore(database: database), deletion: PostgresDeletionStore(database: database)),
            retention: retention)
        let kit = Kit(
            clock: SystemWallClock(), cryptography: OpenSSLTokenCryptography(), hasher: FastHasher(), estimator: ZxcvbnEstimator(),
            rules: UnicodeTextRules())
        domain = Domain(all, kit, policies, MailOutlet(mails))
    }

    /// Another instance over the same database.
    init(_ stores: TestStores, _ database: PostgresDatabase) {
        self.init(stores.database, database)
    }

    static let origin = RequestOrigin(ip: "192.0.2.7", userAgent: "curl/8", requestID: "request-1")

    func event(_ kind: AuditKind, routing: RoutingKey, origin: RequestOrigin = origin) -> AuditEvent {
        AuditEvent(id: identifiers.event(routing: routing), kind: kind, origin: origin)
    }

    static let routing = RoutingKeys(cryptography: OpenSSLTokenCryptography())

    /// The event of a network that has used up its allowance.
    func limitEvent(_ origin: RequestOrigin) -> AuditEvent {
        event(.rateLimitExceeded, routing: try! Self.routing.key(ofNetworksOf: origin.ip), origin: origin)
    }

    /// The session after a refresh.
    func rotated(_ opened: Opened, from origin: RequestOrigin = origin) async throws -> Opened? {
        guard let times = try await rotate(opened, from: origin), let pair = try mint.successor(of: opened.pair.refresh, salt: opened.salt)
        else {
            return nil
        }
        return Opened(pair: pair, salt: opened.salt, times: times)
    }

    func register(_ email: String = "ada@example.org") async throws -> User? {
        let email = EmailAddress(email, rules: UnicodeTextRules())!
        let id = identifiers.user(routing: try Self.routing.key(of: email))
        let account = NewAccount(id: id, email: email, passwordHash: Self.hash)
        return try await accounts.create(
            account, ip: Self.origin.ip, policy: .standard(), event: event(.userCreated, routing: id.routing))
    }

    struct Opened {
        let pair: TokenPair
        let salt: Octets32
        let times: IssuedSession
        var id: SessionID { pair.access.sessionID }
    }

    func open(
        for user: UserID, epoch: Int32 = 0, name: String? = nil, policy: SessionPolicy = .standard(),
        verified: PasswordHash = hash, rehash: PasswordHash? = nil, attempt: LoginAttempt? = nil
    ) async throws -> Opened? {
        let id = identifiers.session(of: user)
        let salt = Octets32.random()
        let pair = try mint.first(for: id, salt: salt)
        let account = Credentials(userID: user, passwordHash: verified, sessionEpoch: epoch)
        let session = NewSession(
            id: id, account: account, proof: .password(rehash: rehash), attempt: attempt, name: try name.map(DeviceName.init), salt: salt,
            digests: try mint.digests(of: pair))
        let times = try await sessions.create(
            session, policy: policy, event: event(.loginSucceeded, routing: user.routing),
            surplusEvent: event(.sessionLimitReached, routing: user.routing))
        if let attempt { try await attempts.returnAllowance(of: attempt) }
        return times.map { Opened(pair: pair, salt: salt, times: $0) }
    }

    func rotate(
        _ opened: Opened, from origin: RequestOrigin = origin, policy: SessionPolicy = .standard()
    ) async throws -> IssuedSession? {
        let successor = try mint.digests(of: try mint.successor(of: opened.pair.refresh, salt: opened.salt)!)
        let rotation = Rotation(
            sessionID: opened.id, presented: opened.pair.refresh.generation,
            presentedDigest: try mint.digest(of: opened.pair.refresh.secret), successor: successor)
        return try await sessions.rotate(
            rotation, policy: policy, event: event(.sessionRenewed, routing: opened.id.routing, origin: origin))
    }

    /// So many statements wait for somebody's lock.
    func waitUntilBlocked(_ count: Int) async throws {
        let blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        for _ in 0..<500 {
            if try await database.value(blocked) == "\(count)" { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("never \(count) statements that wait")
    }

    /// Again where the row was locked for longer than a second, which a busy machine may take for what is to be done meanwhile.
    func rotateDespiteLocks(_ opened: Opened) async throws -> IssuedSession? {
        while true {
            do { return try await rotate(opened) } catch AuthError.unavailable(let cause) where cause.contains("lock timeout") {}
        }
    }
}

extension TestStores {
    /// The queue of mails, for what no sender does.
    var mailStore: PostgresMailStore { PostgresMailStore(database: opened) }

    static func address(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text, rules: UnicodeTextRules())) }

    /// As if nobody had tried anything yet.
    func forgetLimits() async throws {
        for table in ["mail_budgets", "network_attempts", "login_failures"] { try await database.query("DELETE FROM \(table)") }
    }

    /// How many sessions are alive by their own rows and by their accounts.
    var liveSessions: String? {
        get async throws {
            try await database.value(
                """
                SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id AND u.session_epoch = s.session_epoch
                WHERE s.ended_at IS NULL
                """)
        }
    }
}
