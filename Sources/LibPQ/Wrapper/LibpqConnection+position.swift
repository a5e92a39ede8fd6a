import CLibpq

extension LibpqConnection {
    private static let answerTimeout: Duration = .seconds(2)

    /// Of the two functions that tell a timeline, this one tells the new one immediately. The control file has it only after a checkpoint.
    private static let question =
        """
        SELECT (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
               (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
        """

    /// Undefined function, no right to it, not supported: what speaks PostgreSQL's protocol and is something else.
    private static let cannotTell = ["42883", "42501", "0A000"]

    /// A position, and the time at which its server started, in microseconds since 1970. A server keeps its position as long as it runs.
    struct Standing {
        let position: PostgresLineage.Position
        let serverStart: Int64
    }

    /// Where the server stands; `nil` where it has no such notion.
    ///
    /// - Throws: ``PostgresError/unavailable(_:)`` where it does not answer, or is in recovery: what it reads may be old.
    func standing() throws(PostgresError) -> Standing? {
        guard let result = execute(Self.question, until: .now + Self.answerTimeout) else {
            throw .unavailable("no answer: \(errorMessage)")
        }
        guard result.status == PGRES_TUPLES_OK else {
            if Self.cannotTell.contains(result.error.sqlState) { return nil }
            throw .unavailable("\(result.error)")
        }
        guard let system = result.text(row: 0, column: 0), let timeline = result.text(row: 0, column: 1).flatMap({ UInt32($0, radix: 16) }),
            let serverStart = result.text(row: 0, column: 2).flatMap({ Int64($0) })
        else { throw .unavailable("the server does not tell its timeline") }
        return Standing(position: PostgresLineage.Position(system: system, timeline: timeline), serverStart: serverStart)
    }
}
