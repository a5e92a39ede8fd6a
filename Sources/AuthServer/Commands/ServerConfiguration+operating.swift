import AuthCore
import AuthPostgres
import FoundationEssentials
import Logging

extension ServerConfiguration {
    /// Does an operator's work in the domain over the configured database, whose schema must be this release's.
    ///
    /// - Parameters:
    ///   - program: the user agent in the audit trail.
    ///   - role: the database role that the work needs, named if PostgreSQL refuses it.
    /// - Throws: ``Refusal``, or ``StartFailure`` if the configuration is invalid.
    static func operating<Value: Sendable>(
        as program: String, role: DatabaseRole = .owner,
        _ body: (Domain, RequestOrigin) async throws -> Value
    ) async throws -> Value {
        try await operatingServer(as: program, role: role) { server, origin in try await body(server.domain, origin) }
    }

    /// The same for work that also needs the other parts of the server. Nothing but its database is started.
    static func operatingServer<Value: Sendable>(
        as program: String, role: DatabaseRole = .owner,
        _ body: (Server, RequestOrigin) async throws -> Value
    ) async throws -> Value {
        let (configuration, logger) = try ofProcess()
        let origin = RequestOrigin(ip: nil, userAgent: program, requestID: UUID().uuidString.lowercased())
        do {
            let migrator = try Migrator(configuration.database)
            try await PostgresDatabase(configuration.database, isDistributed: false, logger: logger).checkPooler()
            try await migrator.verify()
            let server = Server(
                configuration, newestMigration: migrator.newest, isDistributed: try await migrator.isDistributed(), logger: logger)
            try server.database.start()
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(server, origin)) } catch { outcome = .failure(error) }
            await server.database.shutdown()
            return try outcome.get()
        } catch let refusal as Refusal {
            throw refusal
        } catch let failure as StartFailure {
            throw failure
        } catch {
            throw Refusal(error, role: role)
        }
    }
}
