public import LibPQ

/// Every statement that the stores run, for the tests that hold them against the catalogue.
public enum Statements {
    public static let all: [PostgresStatement] =
        [SchemaReadiness.findMigration, PostgresFailureTally.recordCounts] + PostgresAttemptStore.statements
        + PostgresOneTimeTokenStore.statements + PostgresMailStore.statements + KnownDevices.statements
        + AccountRow.statements + PostgresAccountStore.statements + PostgresAccountAdministrationStore.statements
        + PostgresSessionStore.statements + [PostgresSessionActivity.recordSightings] + PostgresSessionCutoffStore.statements
        + PostgresServiceClientStore.statements + PostgresAuditTrailStore.statements
        + PostgresEmailStore.statements + PostgresRecoveryStore.statements + PostgresProfileStore.statements
        + PostgresDeletionStore.statements + PostgresRetentionStore.statements
}
