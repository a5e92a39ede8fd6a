/// Where the domain keeps its data: one field for each noun. PostgreSQL's stores fill it in the server, stores in memory in tests.
public struct Stores: Sendable {
    public var readiness: any Readiness
    public var attempts: any AttemptStore
    public var accounts: AccountStores
    public var sessions: SessionStores
    public var clients: any ServiceClientStore
    public var audit: any AuditTrailStore
    public var retention: any RetentionStore

    public init(
        readiness: any Readiness, attempts: any AttemptStore, accounts: AccountStores, sessions: SessionStores,
        clients: any ServiceClientStore, audit: any AuditTrailStore, retention: any RetentionStore
    ) {
        self.readiness = readiness
        self.attempts = attempts
        self.accounts = accounts
        self.sessions = sessions
        self.clients = clients
        self.audit = audit
        self.retention = retention
    }
}
