import CLibpq
import SystemThread

/// One plain blocking connection on a thread of its own: for migrations, tests and tools, where scripts run and time is no matter.
public final class PostgresScriptConnection {
    private let connection: LibpqConnection

    /// Connects, runs the body on a thread of its own, and closes the connection.
    public static func with<Value: Sendable>(
        _ conninfo: String, applicationName: String, _ body: @Sendable @escaping (PostgresScriptConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try SystemThread.start(named: "pg-script") {
                    continuation.resume(with: Result { try body(PostgresScriptConnection(conninfo, applicationName)) })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private init(_ conninfo: String, _ applicationName: String) throws(PostgresError) {
        connection = try LibpqConnection(
            parameters: PostgresClient.Configuration.defaults + [
                ("connect_timeout", "20"), ("fallback_application_name", applicationName), ("dbname", conninfo),
                ("client_encoding", "UTF8"),
            ])
    }

    /// Runs several statements.
    public func run(_ script: String) throws(PostgresError) {
        _ = try checked(connection.execute(script))
    }

    /// Runs one statement with text parameters.
    public func query(_ sql: String, _ parameters: [String?] = []) throws(PostgresError) -> [[String?]] {
        let result = try checked(connection.execute(sql, parameters))
        return (0..<result.rowCount).map { row in (0..<result.columnCount).map { result.text(row: row, column: $0) } }
    }

    private func checked(_ result: LibpqResult?) throws(PostgresError) -> LibpqResult {
        guard let result else { throw .outcomeUnknown(connection.errorMessage) }
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return result
        default: throw connection.isBad ? .outcomeUnknown(connection.errorMessage) : .server(result.error)
        }
    }
}
