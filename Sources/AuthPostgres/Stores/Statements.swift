public import LibPQ

/// Every statement that the stores run, for the tests that hold them against the catalogue.
public enum Statements {
    public static let all: [PostgresStatement] = [
        PostgresAccountStore.createAccount, PostgresAccountStore.findAddress, PostgresAccountStore.findCredentials,
        PostgresAccountStore.recordFailedLogin,
        PostgresSessionStore.createSession, PostgresSessionStore.findGuarded, PostgresSessionStore.findRefreshable,
        PostgresSessionStore.rotateSession, PostgresSessionStore.recordReuse, PostgresSessionStore.endSession,
        PostgresSessionStore.endAllSessions,
        SchemaReadiness.findMigration,
    ]
}
