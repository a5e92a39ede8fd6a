public import AuthCore
import LibPQ

/// The session cutoff: the one row of `session_cutoff`.
public struct PostgresSessionCutoffStore: SessionCutoffStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let moveCutoff = PostgresStatement(
        "move_cutoff", .writes, parameters: AuditColumns.parameters + ["moment": .timestamptz],
        sql: """
            WITH cutoff AS (
                UPDATE session_cutoff
                SET began_at = greatest(began_at, coalesce(:moment, now())),
                    set_at = CASE WHEN began_at < coalesce(:moment, now()) THEN now() ELSE set_at END
                WHERE is_only AND coalesce(:moment, now()) <= now()
                RETURNING began_at
            ), event AS (
                \(AuditColumns.insert(
                    details: "jsonb_build_object('before', coalesce(:moment, now()), 'cutoff', began_at)", from: "cutoff"))
            )
            SELECT began_at FROM cutoff
            """)

    public func move(to moment: Timestamp?, event: AuditEvent) async throws(AuthError) -> Timestamp? {
        guard let nodes = try await database.replicas() else { return try await moveOnce(to: moment, event: event) }
        let now = try await latestClock(of: nodes)
        let moment = moment ?? now
        guard moment <= now else { return nil }
        // The copies come before the event. If the command fails between them, the operator repeats it, and it then writes the event.
        try await copy(moment, to: nodes)
        return try await waiting { () async throws(AuthError) in try await moveOnce(to: moment, event: event) }
    }

    /// - Returns: `nil` if the moment is in the future.
    private func moveOnce(to moment: Timestamp?, event: AuditEvent) async throws(AuthError) -> Timestamp? {
        let moment = moment.map { moment in PostgresValue.timestamptz(microseconds: moment.microseconds) }
        let rows = try await database.run(
            Self.moveCutoff, AuditColumns.values(event) + ["moment": moment ?? .null], at: .key(event.id.routing))
        return try decoding(Self.moveCutoff) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.timestamp("began_at") }
        }
    }
}
