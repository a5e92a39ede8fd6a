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
    public let mint = TokenMint(cryptography: SwiftCryptoTokenCryptography())
    public let registration: Registration
    public let signIn: SignIn
    public let authentication: SessionAuthentication
    public let refresh: SessionRefresh
    public let signOut: SignOut
    public let ownSessions: OwnSessions
    public let clients: Clients
    public let revocation: TokenRevocation
    public let activity: InMemoryActivity
    public let limits: AttemptLimits

    public init(
        passwords: PasswordPolicy = PasswordPolicy(), sessions policy: SessionPolicy = SessionPolicy(),
        attempts: AttemptPolicy = AttemptPolicy()
    ) {
        database = InMemoryDatabase(clock: clock)
        let accounts = InMemoryAccountStore(database: database)
        let sessions = InMemorySessionStore(database: database)
        let identifiers = IdentifierGenerator(clock: clock)
        let rules = UnicodeTextRules()
        limits = AttemptLimits(
            store: InMemoryAttemptStore(database: database), identifiers: identifiers, policy: attempts)
        registration = Registration(
            accounts: accounts, hasher: hasher, estimator: ZxcvbnEstimator(), rules: rules, identifiers: identifiers, policy: passwords,
            limits: limits)
        signIn = SignIn(
            accounts: accounts, sessions: sessions, hasher: hasher, rules: rules, mint: mint, identifiers: identifiers, policy: policy,
            limits: limits)
        activity = InMemoryActivity(database: database)
        authentication = SessionAuthentication(sessions: sessions, activity: activity, mint: mint)
        refresh = SessionRefresh(
            refreshes: sessions, sessions: sessions, mint: mint, identifiers: identifiers, policy: policy, limits: limits)
        signOut = SignOut(sessions: sessions, identifiers: identifiers)
        ownSessions = OwnSessions(store: sessions, identifiers: identifiers)
        clients = Clients(store: InMemoryClientStore(database: database), mint: mint, identifiers: identifiers, limits: limits)
        revocation = TokenRevocation(sessions: sessions, refreshes: sessions, mint: mint, identifiers: identifiers)
    }

    public static let origin = RequestOrigin(ip: "192.0.2.7", userAgent: "curl/8", requestID: "request-1")

    @discardableResult
    public func register(_ email: String = email, password: String = password) async throws -> User {
        try await registration.register(email: email, password: password, confirmation: password, origin: Self.origin)
    }

    public func logIn(
        _ email: String = email, password: String = password, deviceName: String? = nil
    ) async throws -> IssuedTokens {
        try await signIn.signIn(email: email, password: password, deviceName: deviceName, origin: Self.origin)
    }

    /// The kinds of the audit trail in their order.
    public var eventKinds: [AuditEvent.Kind] { database.events.map(\.kind) }
}
