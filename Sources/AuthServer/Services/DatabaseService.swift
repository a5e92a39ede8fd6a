import AuthPostgres
import ServiceLifecycle

/// Ends the connections to PostgreSQL when nothing needs them any more. They are started before all services.
struct DatabaseService: Service {
    let database: PostgresDatabase

    func run() async throws {
        try? await gracefulShutdown()
        await database.shutdown()
    }
}
