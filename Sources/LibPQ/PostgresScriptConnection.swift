import CLibpq
import SystemThread

/// One plain blocking connection on a thread of its own: for migrations, tests and tools, where scripts run and time is no matter.
public final class PostgresScriptConnection {
    private let connection: LibpqConnection

    /// Connects, runs the body on a thread of its own, and closes the connection.
    ///
    /// - Parameter settings: the settings that the body relies on: see ``PostgresClient/Configuration/sessionSettings``. With them, no
    ///   timeout of the role, the database or the environment applies. `nil`: the connection is used as it is.
    /// - Throws: what the body throws; ``PostgresError/unsuitable(_:)`` if no such connection can be made, however long the caller waits.
    public static func with<Value: Sendable>(
        _ conninfo: String, applicationName: String, settings: [String: String]? = nil,
        _ body: @Sendable @escaping (PostgresScriptConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try SystemThread.start(named: "pg-script") {
                    continuation.resume(with: Result { try body(PostgresScriptConnection(conninfo, applicationName, settings)) })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private init(_ conninfo: String, _ applicationName: String, _ settings: [String: String]?) throws(PostgresError) {
        let options = settings.map {
            SessionSettings.options([:], PostgresConninfo(conninfo)?["options"], $0.merging(Self.unlimited) { $1 })
        }
        let parameters =
            PostgresClient.Configuration.defaults + [
                ("connect_timeout", "20"), ("fallback_application_name", applicationName), ("dbname", conninfo),
                ("client_encoding", "UTF8"),
            ] + (options.map { [("options", $0)] } ?? [])
        do {
            connection = try LibpqConnection(parameters: parameters)
        } catch .unavailable(let reason) where settings != nil {
            throw ConnectionRefusal.error(reason, sqlState: ConnectionRefusal.sqlState(parameters))
        }
        guard let settings else { return }
        try connection.require(SessionSettings(values: settings))
        // Set again, for a pooler that drops the options and has the other settings from the role.
        try run(Self.unlimited.sorted { $0.key < $1.key }.map { "SET \($0.key) = '\($0.value)'" }.joined(separator: "; "))
    }

    private static let unlimited = [
        "statement_timeout": "0", "lock_timeout": "0", "idle_in_transaction_session_timeout": "0", "client_min_messages": "warning",
    ]

    /// Runs several statements.
    public func run(_ script: String) throws(PostgresError) {
        _ = try checked(connection.execute(script))
    }

    /// Runs one statement with text parameters by name (`:name`), each of which occurs in it.
    public func query(_ sql: String, _ parameters: PostgresNamed<String?>) throws(PostgresError) -> [[String?]] {
        let named = NamedSQL(sql, names: parameters.elements.map(\.0))
        if let fault = named.fault { throw .misuse(fault) }
        return try query(named.text, parameters.elements.map(\.1))
    }

    /// Runs one statement with text parameters by number (`$n`).
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
