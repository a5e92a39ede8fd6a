public import AuthCore
import LibPQ

/// The one row of `global_epoch`.
public struct PostgresEpochStore: EpochStore {
    private let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let beginEpoch = PostgresStatement(
        "begin_epoch", .writes, parameters: AuditBinds.parameters + [.timestamptz],
        sql: """
            WITH epoch AS (
                UPDATE global_epoch
                SET began_at = greatest(began_at, coalesce($7, now())),
                    set_at = CASE WHEN began_at < coalesce($7, now()) THEN now() ELSE set_at END
                WHERE is_only AND coalesce($7, now()) <= now()
                RETURNING began_at
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'success', $4::inet, $5, $6, jsonb_build_object('before', coalesce($7, now()), 'epoch', began_at)
                FROM epoch
            )
            SELECT began_at FROM epoch
            """)

    public func begin(at moment: Timestamp?, event: AuditEvent) async throws(AuthError) -> Timestamp? {
        let rows = try await database.run(
            Self.beginEpoch, AuditBinds.values(event) + [moment.map { .timestamptz(microseconds: $0.microseconds) } ?? .null])
        return try decoding(Self.beginEpoch) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.timestamp(0) }
        }
    }
}
