/// The services of the server, noun by noun. The server, its commands, the fast path and the tests build this value; nothing else
/// composes services.
public struct Domain: Sendable {
    public let readiness: any Readiness
    public let passwords: Passwords
    public let attempts: AttemptLimits
    public let accounts: Accounts
    public let sessions: Sessions
    public let clients: ServiceClients
    public let audit: Audit
    public let retention: Retention
    /// The work in the background.
    public let jobs: [Job]

    public init(_ stores: Stores, _ kit: Kit, _ policies: Policies) {
        readiness = stores.readiness
        passwords = Passwords(kit, policies.passwords)
        attempts = AttemptLimits(
            store: stores.attempts, identifiers: kit.identifiers, routing: kit.routing, policy: policies.attempts)
        accounts = Accounts(stores.accounts, kit, passwords, attempts)
        sessions = Sessions(stores.sessions, kit, accounts, passwords, attempts, policies.sessions)
        clients = ServiceClients(stores.clients, kit, sessions: stores.sessions, attempts)
        audit = Audit(stores.audit, clock: kit.clock, retention: policies.retention.auditEvents)
        retention = Retention(
            store: stores.retention, identifiers: kit.identifiers, policy: policies.retention,
            longestSession: policies.sessions.absoluteLifetime)
        jobs = [retention.job, audit.job]
    }
}
