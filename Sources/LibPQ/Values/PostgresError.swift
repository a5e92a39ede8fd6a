/// What became of a statement that returned no rows.
public enum PostgresError: Error, Sendable {
    /// PostgreSQL said no: the statement was rolled back.
    case server(PostgresServerError)
    /// It was not executed, or it only read. The reason is safe to log.
    case unavailable(String)
    /// It was not executed, and trying again does not help: the database, the role, the password or a setting must be changed first. The
    /// reason is safe to log and says which.
    case unsuitable(String)
    /// It may have been executed: the connection was lost, or the deadline passed, after it was sent.
    case outcomeUnknown(String)
    /// The caller was cancelled before it was sent, or it only read.
    case cancelled
    /// A column is not what the caller asked for.
    case decoding(String)
    /// The values do not fit the parameters.
    case misuse(String)
}

extension PostgresError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .server(let error): "\(error)"
        case .unavailable(let reason): "not executed: \(reason)"
        case .unsuitable(let reason): reason
        case .outcomeUnknown(let reason): "outcome unknown: \(reason)"
        case .cancelled: "cancelled"
        case .decoding(let reason): "decoding: \(reason)"
        case .misuse(let reason): "misuse: \(reason)"
        }
    }
}

/// PostgreSQL's own error fields, without DETAIL and HINT, which quote values.
public struct PostgresServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Five characters (PostgreSQL, appendix A); empty where libpq itself reports.
    public let sqlState: String
    public let severity: String
    public let constraint: String?
    /// May quote identifiers and fragments of a statement: for the log, never for a client.
    public let messageForLog: String

    public init(sqlState: String, severity: String, constraint: String? = nil, messageForLog: String) {
        self.sqlState = sqlState
        self.severity = severity
        self.constraint = constraint
        self.messageForLog = messageForLog
    }

    public var description: String { "\(severity) \(sqlState): \(messageForLog)" }

    /// The session is over, or libpq lost it.
    var endsConnection: Bool {
        sqlState.isEmpty || severity == "FATAL" || severity == "PANIC"
    }

    /// The statement was not executed because this connection is not fit for it: one to a server that was demoted, or one
    /// whose prepared statements were overtaken by a migration.
    var asksForNewConnection: Bool {
        isReadOnly || ["26000", "0A000"].contains(sqlState)
    }

    /// This transaction was rolled back because of another one: serialization failure, deadlock.
    var isConflict: Bool { ["40001", "40P01"].contains(sqlState) }

    /// Whether one item may have caused it: the cause is not resources, locks, cancellation, the system, or the statement that runs first
    /// in the transaction (class AA, which PostgreSQL itself does not use).
    var mayBeOfOneItem: Bool { !["53", "55", "57", "58", "AA"].contains(sqlState.prefix(2)) }

    /// Whether the same statement with the same values and rows would fail again: a value cannot be stored or computed (class 22), a CHECK
    /// or NOT NULL refuses it, or it is too large (class 54).
    public var isDefinite: Bool {
        ["22", "54"].contains(sqlState.prefix(2)) || ["23502", "23514"].contains(sqlState)
    }

    /// The server does not take writes: it was demoted.
    var isReadOnly: Bool { sqlState == "25006" }
}
