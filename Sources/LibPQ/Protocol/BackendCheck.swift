/// The first step of every transaction through a pooler.
///
/// What was checked when a connection was made may not hold for the process that a pooler lends to its next transaction. So each
/// transaction checks its own process first, and limits itself. If the check fails, PostgreSQL skips the rest of the transaction.
struct BackendCheck: Sendable {
    let step: BoundStatement
    /// Whether a prepared statement keeps its name even if PostgreSQL could not prepare it: the pooler prepares it again.
    let poolerKeepsNames: Bool

    static let statementName = "check_backend"
    private static let otherProcess = "another process than before"

    /// - Parameters:
    ///   - serverStart: the start of the server whose position was admitted; `nil` if it has none.
    ///   - settings: what must hold.
    ///   - limits: what the transaction sets for itself.
    init(_ pooling: Pooling, serverStart: Int64?, settings: SessionSettings, limits: [String: String]) {
        let process: Int32? = if case .sessions(let process) = pooling { process.number } else { nil }
        poolerKeepsNames = pooling == .transactions
        step = BoundStatement(
            Self.statement(settings, limits),
            inOrder: [serverStart.map(PostgresValue.timestamptz) ?? .null, process.map(PostgresValue.int4) ?? .null])
    }

    /// Whether this failure tells of a pooler that lends one process to several connections and keeps no account of their statements.
    static func tellsOfSharing(_ error: PostgresServerError) -> Bool {
        // A prepared statement of this name that is not there, or that another connection has prepared.
        ["26000", "42P05"].contains(error.sqlState) || error.messageForLog.contains(otherProcess)
    }

    /// Casts text to a number in order to fail: PostgreSQL has no function for it, and its message then quotes the text.
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
