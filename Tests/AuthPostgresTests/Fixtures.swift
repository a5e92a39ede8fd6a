import AuthCore
import AuthCrypto
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import Testing

/// The stores over one database, with short ways to make accounts and sessions.
struct Stores {
    let database: TestDatabase
    let accounts: PostgresAccountStore
    let sessions: PostgresSessionStore
    let activity: PostgresSessionActivity
    let retention: PostgresRetentionStore
    let clients: PostgresClientStore
    let attempts: PostgresAttemptStore
    let tally: PostgresFailureTally
    let epoch: PostgresEpochStore
    let trail: PostgresAuditTrailStore
    let mint = TokenMint(cryptography: SwiftCryptoTokenCryptography())
    let identifiers = IdentifierGenerator(clock: SystemWallClock())

    static let hash = PasswordHash(phc: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA")

    static func with<Value>(_ body: (Stores) async throws -> Value) async throws -> Value {
        try await TestDatabase.with { test in
            try await test.withDatabase { database in
                try await body(Stores(test, database))
            }
        }
    }

    init(_ test: TestDatabase, _ database: PostgresDatabase) {
        self.database = test
        tally = PostgresFailureTally(database: database, identifiers: identifiers)
        accounts = PostgresAccountStore(database: database, tally: tally)
        sessions = PostgresSessionStore(database: database)
        activity = PostgresSessionActivity(database: database)
        retention = PostgresRetentionStore(database: database)
        clients = PostgresClientStore(database: database, tally: tally)
        attempts = PostgresAttemptStore(database: database)
        epoch = PostgresEpochStore(database: database)
        trail = PostgresAuditTrailStore(database: database)
    }

    /// Another instance over the same database.
    init(_ stores: Stores, _ database: PostgresDatabase) {
        self.init(stores.database, database)
    }

    func event(_ kind: AuditEvent.Kind, routing: RoutingKey) -> AuditEvent {
        AuditEvent(
            id: identifiers.event(routing: routing), kind: kind,
            origin: RequestOrigin(ip: "192.0.2.7", userAgent: "curl/8", requestID: "request-1"))
    }

    /// The session after a refresh.
    func rotated(_ opened: Opened) async throws -> Opened? {
        guard let times = try await rotate(opened), let pair = mint.successor(of: opened.pair.refresh, salt: opened.salt) else {
            return nil
        }
        return Opened(pair: pair, salt: opened.salt, times: times)
    }

    func register(_ email: String = "ada@example.org") async throws -> User? {
        let id = identifiers.user()
        let account = NewAccount(id: id, email: EmailAddress(email, rules: UnicodeTextRules())!, passwordHash: Self.hash)
        return try await accounts.create(account, event: event(.userCreated, routing: id.routing))
    }

    struct Opened {
        let pair: TokenPair
        let salt: Octets32
        let times: IssuedTimes
        var id: SessionID { pair.access.sessionID }
    }

    func open(
        for user: UserID, epoch: Int32 = 0, name: String? = nil, policy: SessionPolicy = SessionPolicy(),
        rehashed: NewSession.Rehash? = nil, attempt: LoginAttempt? = nil
    ) async throws -> Opened? {
        let id = identifiers.session(of: user)
        let salt = Octets32.random()
        let pair = mint.first(for: id, salt: salt)
        let session = NewSession(
            id: id, userID: user, epoch: epoch, name: name, salt: salt, digests: mint.digests(of: pair), rehashed: rehashed,
            attempt: attempt)
        let times = try await sessions.create(
            session, policy: policy, event: event(.loginSucceeded, routing: user.routing),
            excess: event(.sessionLimitReached, routing: user.routing))
        return times.map { Opened(pair: pair, salt: salt, times: $0) }
    }

    func rotate(_ opened: Opened, policy: SessionPolicy = SessionPolicy()) async throws -> IssuedTimes? {
        let successor = mint.digests(of: mint.successor(of: opened.pair.refresh, salt: opened.salt)!)
        let rotation = Rotation(
            sessionID: opened.id, presented: opened.pair.refresh.generation,
            presentedDigest: mint.digest(of: opened.pair.refresh.secret), successor: successor)
        return try await sessions.rotate(rotation, policy: policy, event: event(.sessionRenewed, routing: opened.id.routing))
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
    func rotatePatiently(_ opened: Opened) async throws -> IssuedTimes? {
        while true {
            do { return try await rotate(opened) } catch AuthError.unavailable(let cause) where cause.contains("lock timeout") {}
        }
    }
}
