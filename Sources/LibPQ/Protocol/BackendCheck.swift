/// The first step of every transaction through a pooler.
///
/// The client checks a PostgreSQL process when it makes a connection. But a pooler may lend another process to the next transaction. So
/// each transaction first checks its own process, and sets its own limits. If the check fails, PostgreSQL skips the rest of it.
struct BackendCheck: Sendable {
    let step: BoundStatement
    /// Whether a prepared statement keeps its name even if PostgreSQL could not prepare it, because the pooler prepares it again.
    let poolerKeepsNames: Bool

    static let statementName = "check_backend"
    private static let otherProcess = "another process than before"

    /// - Parameters:
    ///   - serverStart: when the server started whose position was admitted; `nil` if it has no position.
    ///   - settings: the settings that the process must have.
    ///   - limits: the settings that the transaction sets for itself.
    init(_ pooling: Pooling, serverStart: Int64?, settings: SessionSettings, limits: [String: String]) {
        let process: Int32? = if case .sessions(let process) = pooling { process.number } else { nil }
        poolerKeepsNames = pooling == .transactions
        step = BoundStatement(
            Self.statement(settings, limits),
            inOrder: [serverStart.map(PostgresValue.timestamptz) ?? .null, process.map(PostgresValue.int4) ?? .null])
    }

    /// Whether this failure shows a pooler that lends one process to several connections and does not track their prepared statements.
    static func tellsOfSharing(_ error: PostgresServerError) -> Bool {
        // There is no prepared statement of this name, or another connection has prepared it.
        ["26000", "42P05"].contains(error.sqlState) || error.messageForLog.contains(otherProcess)
    }

    /// The check fails by casting text to a number: PostgreSQL has no function that fails, and the message of the cast quotes the text.
    private static func statement(_ settings: SessionSettings, _ limits: [String: String]) -> PostgresStatement {
        let limiting = limits.sorted { $0.key < $1.key }
            .map { "set_config(\(SessionSettings.literal($0.key)), \(SessionSettings.literal($0.value)), true)" }
        let checks = settings.demanded.filter { $0.key != "server_encoding" }.sorted { $0.key < $1.key }.map { name, value in
            let name = SessionSettings.literal(name)
            return
                "WHEN current_setting(\(name)) <> \(SessionSettings.literal(value)) THEN (\(name) || ' is ' || current_setting(\(name)))::integer"
        }
        return PostgresStatement(
            statementName, .reads, parameters: ["server_start": .timestamptz, "process": .int4],
            sql: """
                SELECT CASE
                    WHEN pg_postmaster_start_time() <> :server_start THEN ('another server than before: ' || pg_postmaster_start_time())::integer
                    WHEN pg_backend_pid() <> :process THEN ('\(otherProcess): ' || pg_backend_pid())::integer
                    \(checks.joined(separator: "\n    "))
                    ELSE 0 END\(limiting.map { ", \($0)" }.joined())
                """)
    }
}
