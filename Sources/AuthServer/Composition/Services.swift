import AuthCrypto
import AuthPostgres
import ServiceLifecycle

/// The connections to PostgreSQL, from the start of the server to its end.
struct DatabaseService: Service {
    let database: PostgresDatabase

    func run() async throws {
        try database.start()
        try? await gracefulShutdown()
        await database.shutdown()
    }
}

/// The threads that hash passwords.
struct HasherService: Service {
    let hasher: Argon2idHasher

    func run() async throws {
        try hasher.start()
        try? await gracefulShutdown()
        await hasher.shutdown()
    }
}
