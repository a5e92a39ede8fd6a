public import AuthCore
import LibPQ

/// The session cutoff: the one row of `session_cutoff`.
public struct PostgresSessionCutoffStore: SessionCutoffStore {
    private let database: PostgresDatabase

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
        let moment = moment.map { moment in PostgresValue.timestamptz(microseconds: moment.microseconds) }
        let rows = try await database.run(Self.moveCutoff, AuditColumns.values(event) + ["moment": moment ?? .null])
        return try decoding(Self.moveCutoff) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.timestamp("began_at") }
        }
    }
}
