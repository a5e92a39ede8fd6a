public import AuthCore

public struct InMemoryAccountStore: AccountStore {
    private let database: InMemoryDatabase

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public func create(
        _ account: NewAccount, ip: String?, policy: AttemptPolicy, event: AuditEvent
    ) async throws(AuthError) -> User? {
        let user = User(id: account.id, email: account.email.text, createdAt: database.clock.now())
        let now = user.createdAt
        return try database.run { tables -> User? in
            let isTaken = tables.accounts.values.contains { $0.address == account.email.canonical }
            if !isTaken {
                tables.accounts[account.id] = .init(user: user, address: account.email.canonical, passwordHash: account.passwordHash)
            }
            if !isTaken { tables.welcomeOwner(of: account.email.canonical, from: ip, at: now) }
            tables.record(event, user: isTaken ? nil : account.id, email: account.email.canonical)
            return isTaken ? nil : user
        }
    }

    /// There are no tokens in memory.
    public func create(
        _ account: NewAccount, redeeming token: PresentedOneTimeToken, ip: String?, policy: AttemptPolicy, event: AuditEvent
    ) async throws(AuthError) -> User? { nil }

    public func credentials(for email: EmailAddress, verificationGrace: Duration?) async throws(AuthError) -> Credentials? {
        try database.run { tables -> Credentials? in
            tables.accounts.values.first { $0.address == email.canonical }.map {
                Credentials(
                    userID: $0.user.id, passwordHash: $0.passwordHash, obstacle: $0.isDisabled ? .disabled : nil, sessionEpoch: $0.epoch)
            }
        }
    }

    public func recordFailedLogin(_ attempt: LoginAttempt, userID: UserID?, events: [AuditEvent]) async throws(AuthError) {
        try database.run { tables in
            for event in events { tables.record(event, user: userID, email: attempt.email.canonical) }
        }
    }
}
