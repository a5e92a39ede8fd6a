/// The services of the server, noun by noun. The server, its commands, the fast path and the tests build this value; nothing else
/// composes services.
public struct Domain: Sendable {
    public let readiness: any Readiness
    public let passwords: Passwords
    public let attempts: AttemptLimits
    public let mails: Mails
    public let accounts: Accounts
    public let sessions: Sessions
    public let clients: ServiceClients
    public let audit: Audit
    public let emails: Emails
    public let recovery: Recovery
    public let profiles: Profiles
    public let deletion: Deletion
    public let retention: Retention
    /// The work in the background.
    public let jobs: [Job]

    public init(_ stores: Stores, _ kit: Kit, _ policies: Policies, _ outlet: MailOutlet) {
        readiness = stores.readiness
        passwords = Passwords(kit, policies.passwords)
        attempts = AttemptLimits(
            store: stores.attempts, identifiers: kit.identifiers, routing: kit.routing, policy: policies.attempts)
        let tokens = OneTimeTokens(stores.tokens, kit, passwords, policies.tokens)
        mails = Mails(stores.mails, kit, tokens, attempts, outlet, policies.mail)
        accounts = Accounts(stores.accounts, kit, passwords, attempts, tokens, mails, policies)
        sessions = Sessions(stores.sessions, kit, accounts, passwords, attempts, mails, policies.sessions)
        clients = ServiceClients(stores.clients, kit, sessions: stores.sessions, attempts)
        audit = Audit(stores.audit, kit, retention: policies.retention.auditEvents)
        emails = Emails(stores.owners.emails, kit, tokens, mails, attempts, recent: sessions.recent)
        recovery = Recovery(stores.owners.recovery, kit, passwords, tokens, mails, attempts)
        profiles = Profiles(stores.owners.profiles, kit, history: audit.history, recent: sessions.recent)
        deletion = Deletion(
            stores.owners.deletion, kit, tokens, mails, attempts, recent: sessions.recent,
            Erasure(stores.owners.deletion, stores.accounts.administration, audit.erasure, kit))
        retention = Retention(store: stores.retention, identifiers: kit.identifiers, policies: policies)
        jobs = [retention.job, audit.job, deletion.job] + (policies.mail.isOn ? [mails.delivery.job] : [])
    }
}
