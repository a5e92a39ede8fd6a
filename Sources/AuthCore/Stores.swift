/// Where the domain keeps its data: one field for each noun. PostgreSQL's stores fill it in the server, stores in memory in tests.
public struct Stores: Sendable {
    public var readiness: any Readiness
    public var attempts: any AttemptStore
    public var tokens: any OneTimeTokenStore
    public var mails: MailStores
    public var accounts: AccountStores
    public var sessions: SessionStores
    public var clients: any ServiceClientStore
    public var audit: AuditStores
    public var owners: OwnerStores
    public var retention: any RetentionStore

    /// One store for each noun.
    public init(
        readiness: any Readiness, attempts: any AttemptStore, tokens: any OneTimeTokenStore, mails: MailStores, accounts: AccountStores,
        sessions: SessionStores, clients: any ServiceClientStore, audit: AuditStores, owners: OwnerStores,
        retention: any RetentionStore
    ) {
        self.readiness = readiness
        self.attempts = attempts
        self.tokens = tokens
        self.mails = mails
        self.accounts = accounts
        self.sessions = sessions
        self.clients = clients
        self.audit = audit
        self.owners = owners
        self.retention = retention
    }
}

/// What the owners of accounts change.
public struct OwnerStores: Sendable {
    public var emails: any EmailStore
    public var recovery: any RecoveryStore
    public var profiles: any ProfileStore
    public var deletion: any DeletionStore

    /// One store for each noun.
    public init(emails: any EmailStore, recovery: any RecoveryStore, profiles: any ProfileStore, deletion: any DeletionStore) {
        self.emails = emails
        self.recovery = recovery
        self.profiles = profiles
        self.deletion = deletion
    }
}
