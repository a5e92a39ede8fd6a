public import AuthCore
import AuthCrypto
import AuthText

/// The real domain over stores in memory, a hasher without work and a clock that is moved by hand.
public struct World: Sendable {
    public static let email = "ada@example.org"
    public static let password = "correct horse battery staple"

    public let clock = ManualClock()
    public let hasher = FastHasher()
    public let readiness = SwitchableReadiness()
    public let database: InMemoryDatabase
    public let activity: InMemoryActivity
    public let mint = TokenMint(cryptography: OpenSSLTokenCryptography())
    public let domain: Domain
    private let policies: Policies
    private let blocklist: (any PasswordBlocklist)?

    public init(
        passwords: PasswordPolicy = .standard(), sessions: SessionPolicy = .standard(), attempts: AttemptPolicy = .standard(),
        blocklist: (any PasswordBlocklist)? = nil
    ) {
        self.blocklist = blocklist
        database = InMemoryDatabase(clock: clock)
        activity = InMemoryActivity(database: database)
        var policies = Policies.standard
        (policies.passwords, policies.attempts, policies.sessions) = (passwords, attempts, sessions)
        self.policies = policies
        domain = Self.domain(Self.stores(database, readiness, activity), hasher, clock, policies, blocklist)
    }

    /// Another domain over the same data and with the same policies, with other parts.
    public func domain(
        cryptography: (any TokenCryptography)? = nil, replacing: (inout Stores) -> Void = { _ in }
    ) -> Domain {
        var stores = Self.stores(database, readiness, activity)
        replacing(&stores)
        return Self.domain(stores, hasher, clock, policies, blocklist, cryptography: cryptography ?? OpenSSLTokenCryptography())
    }

    private static func stores(_ database: InMemoryDatabase, _ readiness: any Readiness, _ activity: any SessionActivity) -> Stores {
        let absent = AbsentStore()
        var audit = AuditStores(absent)
        audit.history = InMemoryOwnHistoryStore(database: database)
        return Stores(
            readiness: readiness, attempts: InMemoryAttemptStore(database: database), tokens: absent, mails: MailStores(absent),
            accounts: AccountStores(accounts: InMemoryAccountStore(database: database), administration: absent),
            sessions: SessionStores(InMemorySessionStore(database: database), cutoff: absent, activity: activity),
            clients: InMemoryServiceClientStore(database: database), audit: audit,
            owners: OwnerStores(emails: absent, recovery: absent, profiles: absent, deletion: absent), retention: absent)
    }

    private static func domain(
        _ stores: Stores, _ hasher: FastHasher, _ clock: ManualClock, _ policies: Policies, _ blocklist: (any PasswordBlocklist)?,
        cryptography: any TokenCryptography = OpenSSLTokenCryptography()
    ) -> Domain {
        let kit = Kit(
            clock: clock, cryptography: cryptography, hasher: hasher, estimator: ZxcvbnEstimator(), rules: UnicodeTextRules(),
            blocklist: blocklist)
        return Domain(stores, kit, policies, MailOutlet(MailSink()))
    }

    public var registration: Registration { domain.accounts.registration }
    public var limits: AttemptLimits { domain.attempts }
    public var signIn: SignIn { domain.sessions.signIn }
    public var authentication: SessionAuthentication { domain.sessions.authentication }
    public var refresh: SessionRefresh { domain.sessions.refresh }
    public var signOut: SignOut { domain.sessions.signOut }
    public var ownSessions: OwnSessions { domain.sessions.own }
    public var clients: ServiceClients { domain.clients }
    public var revocation: TokenRevocation { domain.clients.revocation }

    public static let origin = RequestOrigin(ip: "192.0.2.7", userAgent: "curl/8", requestID: "request-1")

    @discardableResult
    public func register(_ email: String = email, password: String = password) async throws -> User {
        try await registration.register(email: email, password: password, confirmation: password, origin: Self.origin)!
    }

    public func logIn(
        _ email: String = email, password: String = password, deviceName: String? = nil
    ) async throws -> IssuedTokens {
        try await signIn.signIn(email: email, password: password, deviceName: deviceName, origin: Self.origin)
    }

    /// The kinds of the audit trail in their order.
    public var eventKinds: [AuditKind] { database.events.map(\.kind) }
}

extension Policies {
    /// The defaults of every policy.
    public static let standard = Policies(
        passwords: .standard(), attempts: .standard(), sessions: .standard(), retention: .standard,
        registration: RegistrationPolicy(mode: .open, verificationGrace: nil),
        tokens: OneTimeTokenPolicy(deletionGrace: .seconds(7 * 86_400)),
        mail: MailPolicy(isOn: true, service: "Example", publicURL: "https://auth.example.org"))
}
