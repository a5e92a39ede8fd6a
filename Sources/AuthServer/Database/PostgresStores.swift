import AuthCore
import AuthCrypto
import AuthPostgres

/// The stores on PostgreSQL, with the two that collect in memory until they are flushed.
struct PostgresStores {
    let tally: PostgresFailureTally
    let activity: PostgresSessionActivity
    let all: Stores

    /// - Parameter replacing: replaces stores by others.
    init(_ database: PostgresDatabase, readiness: any Readiness, replacing: (inout Stores) -> Void) {
        let tally = PostgresFailureTally(database: database, identifiers: IdentifierGenerator(clock: SystemWallClock()))
        let activity = PostgresSessionActivity(database: database)
        var stores = Stores(
            readiness: readiness, attempts: PostgresAttemptStore(database: database, tally: tally),
            tokens: PostgresOneTimeTokenStore(database: database), mails: MailStores(PostgresMailStore(database: database)),
            accounts: AccountStores(
                accounts: PostgresAccountStore(database: database, tally: tally),
                administration: PostgresAccountAdministrationStore(database: database)),
            sessions: SessionStores(
                PostgresSessionStore(database: database), cutoff: PostgresSessionCutoffStore(database: database), activity: activity),
            clients: PostgresServiceClientStore(database: database, tally: tally),
            audit: AuditStores(PostgresAuditTrailStore(database: database)),
            owners: OwnerStores(
                emails: PostgresEmailStore(database: database), recovery: PostgresRecoveryStore(database: database),
                profiles: PostgresProfileStore(database: database), deletion: PostgresDeletionStore(database: database)),
            retention: PostgresRetentionStore(database: database))
        replacing(&stores)
        (self.tally, self.activity, all) = (tally, activity, stores)
    }
}
