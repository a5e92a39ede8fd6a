public import LibPQ

/// Every statement that the stores run, for the tests that hold them against the catalogue.
public enum Statements {
    public static let all: [PostgresStatement] =
        [SchemaReadiness.findMigration, PostgresFailureTally.recordCounts] + PostgresAttemptStore.statements
        + PostgresAccountStore.statements + PostgresAccountAdministrationStore.statements
        + PostgresSessionStore.statements + [PostgresSessionActivity.recordSightings] + PostgresSessionCutoffStore.statements
        + PostgresServiceClientStore.statements + PostgresAuditTrailStore.statements + PostgresRetentionStore.statements
}
