import AuthCore
import AuthPostgres
import FoundationEssentials

extension ServerConfiguration {
    /// Does an operator's work on the configured database, whose schema must be this release's.
    ///
    /// - Parameter program: what the audit trail has for the user agent.
    static func operating<Value: Sendable>(
        as program: String, _ body: (ServerConfiguration, PostgresDatabase, RequestOrigin) async throws -> Value
    ) async throws -> Value {
        let configuration = try fromEnvironment()
        let logger = try configuration.bootstrapLogging()
        try await StartFailure.explaining { try await configuration.migrator().verify() }
        let database = configuration.postgresDatabase(logger: logger)
        let origin = RequestOrigin(ip: nil, userAgent: program, requestID: UUID().uuidString.lowercased())
        return try await StartFailure.explaining {
            try database.start()
            let outcome: Result<Value, any Error>
            do { outcome = .success(try await body(configuration, database, origin)) } catch { outcome = .failure(error) }
            await database.shutdown()
            return try outcome.get()
        }
    }
}
