import AuthTestSupport
import LibPQ
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
        lineage: PostgresLineage = PostgresLineage(), _ body: (PostgresClient) async throws -> Value
    ) async throws -> Value {
        let client = PostgresClient(
            configuration: .init(
                conninfo: conninfo, connections: connections, maximumInFlightPerConnection: inFlight, maximumQueued: queued,
                operationTimeout: timeout, lineage: lineage),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try client.start()
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(client)) } catch { outcome = .failure(error) }
        await client.shutdown()
        return try outcome.get()
    }
}

extension PostgresClient {
    /// The one row of a query whose parameters have the types of the values; a NULL is a text.
    func one(_ sql: String, _ binds: PostgresValue...) async throws -> PostgresRow {
        let statement = PostgresStatement("q\(sql.hashValue)", .reads, parameters: binds.map(\.testType), sql: sql)
        return try await execute(statement, binds)[0]
    }

    /// Runs a statement without parameters that changes something.
    @discardableResult
    func change(_ sql: String) async throws -> PostgresRows {
        try await execute(PostgresStatement("c\(sql.hashValue)", .writes, sql: sql))
    }
}

extension PostgresValue {
    fileprivate var testType: PostgresType {
        switch self {
        case .null, .text: .text
        case .bool: .bool
        case .int4: .int4
        case .int8: .int8
        case .bytea: .bytea
        case .uuid: .uuid
        case .timestamptz: .timestamptz
        case .textArray: .textArray
        case .uuidArray: .uuidArray
        case .byteaArray: .byteaArray
        case .int4Array: .int4Array
        case .int8Array: .int8Array
        }
    }
}
