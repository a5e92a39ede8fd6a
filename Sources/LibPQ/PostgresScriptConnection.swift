import CLibpq
import SystemThread

/// One plain blocking connection on a thread of its own: for migrations, tests and tools, where scripts run and time is no matter.
public final class PostgresScriptConnection {
    private let connection: LibpqConnection
    /// The required settings, with all limits switched off; `nil` if the connection is used as it is.
    private let settings: [String: String]?

    /// Connects, runs the body on a thread of its own, and closes the connection.
    ///
    /// - Parameter settings: the settings that the body relies on: see ``PostgresClient/Configuration/sessionSettings``. With them, no
    ///   timeout of the role, the database or the environment applies. Through a pooler they apply only in ``transaction(_:)``. If this is
    ///   `nil`, the connection is used as it is.
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
        self.settings = settings.map { $0.merging(Self.unlimited) { $1 } }
        let options = self.settings.map { SessionSettings.options([:], PostgresConninfo(conninfo)?["options"], $0) }
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
        // Behind a pooler each transaction sets them for itself.
        let answer = try connection.ask(SessionSettings(values: settings))
        try connection.require(SessionSettings(values: answer.pooled == nil ? settings : [:]), in: answer)
    }

    private static let unlimited = [
        "statement_timeout": "0", "lock_timeout": "0", "idle_in_transaction_session_timeout": "0", "client_min_messages": "warning",
    ]

    /// Runs the body in one transaction that has the settings, and at the isolation level `read committed`.
    ///
    /// The settings apply until its end, because a pooler may then lend the PostgreSQL process to others.
    ///
    /// - Throws: what the body throws, after the transaction was rolled back.
    public func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try run("BEGIN ISOLATION LEVEL READ COMMITTED")
        do {
            if let settings { try run(SessionSettings(values: settings).localSQL) }
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            // If the connection is lost, PostgreSQL rolls back by itself.
            try? run("ROLLBACK")
            throw error
        }
    }

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
