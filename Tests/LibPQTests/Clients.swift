import AuthTestSupport
public import LibPQ
import Logging

/// Clients for tests.
enum Clients {
    /// Runs the body with a started client over an empty database of its own, shut down at the end.
    static func with<Value>(
        connections: Int = 2, timeout: Duration = .seconds(10), queued: Int = 1024, _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        try await TestDatabase.withEmpty { database in
            try await with(database.conninfo, connections: connections, timeout: timeout, queued: queued, body)
        }
    }

    /// The same over any connection string.
    static func with<Value>(
        _ conninfo: String, connections: Int = 2, timeout: Duration = .seconds(10), queued: Int = 1024, inFlight: Int = 32,
        lineage: PostgresLineage = PostgresLineage(), settings: [String: String] = [:], _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        let client = PostgresClient(
            configuration: .init(
                conninfo: conninfo, connections: connections, maximumInFlightPerConnection: inFlight, maximumQueued: queued,
                operationTimeout: timeout, sessionSettings: settings, lineage: lineage),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try client.start()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(client)) } catch { outcome = .failure(error) }
        await client.shutdown()
        return try outcome.get()
    }
}

extension PostgresClient {
    /// The one row of a query without parameters.
    func one(_ sql: String) async throws -> PostgresRow {
        try await execute(PostgresStatement("q\(sql.hashValue)", .reads, sql: sql))[0]
    }

    /// Runs a statement without parameters that changes something.
    @discardableResult
    func change(_ sql: String) async throws -> PostgresRows {
        try await execute(PostgresStatement("c\(sql.hashValue)", .writes, sql: sql))
    }
}

/// Columns by number, for queries that name none.
extension PostgresColumn: ExpressibleByIntegerLiteral {
    public init(integerLiteral number: Int) { self = .number(number) }
}
