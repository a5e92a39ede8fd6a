import CLibpq

/// The kind of pooler between a connection and PostgreSQL.
enum Pooling: Hashable, Sendable {
    /// There is no pooler: one process serves the connection to its end.
    case none
    /// A pooler that does not change the names of prepared statements. This process must serve the connection to its end.
    case sessions(PooledProcesses.Process)
    /// A pooler that tracks prepared statements: any process may serve the next transaction.
    case transactions
}

extension LibpqConnection {
    private static let answerTimeout: Duration = .seconds(2)
    private static let ownName = "libpq_own_name"

    /// The SQLSTATEs of a duplicate and of an undefined prepared statement.
    private static let namesOfOthers = ["42P05", "26000"]

    /// Finds out whether a pooler tracks prepared statements. Such a pooler gives them other names.
    ///
    /// - Parameter process: the process behind the pooler.
    /// - Returns: `nil` if the process has prepared statements of other connections.
    func pooling(of process: PooledProcesses.Process) throws(PostgresError) -> Pooling? {
        let question = "SELECT EXISTS (SELECT FROM pg_prepared_statements WHERE name = '\(Self.ownName)')"
        let prepared = try answer(PQsendPrepare(pointer, Self.ownName, question, 0, nil))
        let result =
            prepared.status == PGRES_COMMAND_OK ? try answer(PQsendQueryPrepared(pointer, Self.ownName, 0, nil, nil, nil, 0)) : prepared
        guard result.status == PGRES_TUPLES_OK else {
            if Self.namesOfOthers.contains(result.error.sqlState) { return nil }
            throw .unavailable("\(result.error)")
        }
        return result.text(row: 0, column: 0) == "t" ? .sessions(process) : .transactions
    }

    private func answer(_ sent: Int32) throws(PostgresError) -> LibpqResult {
        guard sent == 1, let result = lastResult(until: .now + Self.answerTimeout) else { throw .unavailable("no answer: \(errorMessage)") }
        return result
    }
}
