public import LibPQ

/// Every statement that the stores run, for the tests that hold them against the catalogue.
public enum Statements {
    public static let all: [PostgresStatement] = [
        PostgresAccountStore.createAccount, PostgresAccountStore.findAddress, PostgresAccountStore.findCredentials,
        PostgresAccountStore.recordFailedLogin,
        PostgresSessionStore.lockAccount, PostgresSessionStore.createSession, PostgresSessionStore.findGuarded,
        PostgresSessionStore.findRefreshable, PostgresSessionStore.rotateFreeSessions, PostgresSessionStore.rotateSession,
        PostgresSessionStore.recordRetry,
        PostgresSessionStore.listSessions, PostgresSessionStore.endOwnSession, PostgresSessionStore.endOtherSessions,
        PostgresSessionStore.endSession, PostgresSessionStore.endAllSessions,
        PostgresSessionActivity.recordSightings, PostgresEpochStore.beginEpoch,
        PostgresRetentionStore.removeSessions, PostgresRetentionStore.removeEvents, PostgresRetentionStore.recordRemoval,
        PostgresRetentionStore.removeAttempts,
        PostgresAttemptStore.beginLogin, PostgresAttemptStore.countAttempt, PostgresAttemptStore.withdrawLogin,
        PostgresAttemptStore.forgetFailures, PostgresAttemptStore.unlockLogin,
        PostgresClientStore.findClient, PostgresClientStore.listClients, PostgresClientStore.createClient,
        PostgresClientStore.revokeClient, PostgresClientStore.recordRefusal, PostgresFailureTally.recordCounts,
        PostgresAuditTrailStore.sealEvents, PostgresAuditTrailStore.findRanges, PostgresAuditTrailStore.countUnsealed,
        PostgresAuditTrailStore.findHead,
        SchemaReadiness.findMigration,
    ]
}
