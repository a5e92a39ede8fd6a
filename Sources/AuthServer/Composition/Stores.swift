package import AuthCore
import AuthCrypto
import AuthPostgres

/// What the domain stores through.
package struct Stores: Sendable {
    package var accounts: any AccountStore
    package var sessions: any SessionStore
    package var refreshes: any RefreshStore
    package var ownSessions: any OwnSessionStore
    package var clients: any ClientStore
    package var attempts: any AttemptStore
    let tally: PostgresFailureTally

    init(database: PostgresDatabase) {
        tally = PostgresFailureTally(database: database, identifiers: IdentifierGenerator(clock: SystemWallClock()))
        let sessionStore = PostgresSessionStore(database: database)
        accounts = PostgresAccountStore(database: database, tally: tally)
        sessions = sessionStore
        refreshes = sessionStore
        ownSessions = sessionStore
        clients = PostgresClientStore(database: database, tally: tally)
        attempts = PostgresAttemptStore(database: database)
    }
}
