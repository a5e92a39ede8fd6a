package import AuthCore
import AuthPostgres

/// What the domain stores through.
package struct Stores: Sendable {
    package var accounts: any AccountStore
    package var sessions: any SessionStore
    package var refreshes: any RefreshStore
    package var ownSessions: any OwnSessionStore
    package var clients: any ClientStore
    package var attempts: any AttemptStore

    init(database: PostgresDatabase) {
        let sessionStore = PostgresSessionStore(database: database)
        accounts = PostgresAccountStore(database: database)
        sessions = sessionStore
        refreshes = sessionStore
        ownSessions = sessionStore
        clients = PostgresClientStore(database: database)
        attempts = PostgresAttemptStore(database: database)
    }
}
