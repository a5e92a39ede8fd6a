public import AuthCore
import FoundationEssentials
import LibPQ

/// Removes what was kept long enough, a step at a time through the primary key. No index has to know what is dead, so that a
/// refresh stays a heap-only update.
///
/// The lock is the session's of the one background connection: held until that ends, taken again for nothing by its holder.
public struct PostgresRetentionStore: RetentionStore {
    private let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    /// Any number, the same in every instance.
    private static let lock: Int64 = 0x6175_7468_5F72_6574

    private static let parameters: [PostgresType] = [.int8, .int4, .uuid, .int4, .int8]

    static let removeSessions = PostgresStatement(
        "remove_sessions", .writes, parameters: parameters,
        sql: """
            WITH turn AS MATERIALIZED (
                SELECT pg_try_advisory_lock($5) AS is_ours
            ), batch AS MATERIALIZED (
                SELECT routing, id, coalesce(ended_at, least(idle_expires_at, expires_at)) AS died_at
                FROM sessions
                WHERE (SELECT is_ours FROM turn) AND (routing, id) > ($2, $3)
                ORDER BY routing, id
                LIMIT $4
            ), dead AS MATERIALIZED (
                SELECT s.routing, s.id
                FROM sessions s
                JOIN batch b ON b.routing = s.routing AND b.id = s.id
                WHERE b.died_at < now() - $1 * interval '1 microsecond'
                FOR UPDATE OF s SKIP LOCKED
            ), gone AS (
                DELETE FROM sessions s
                USING dead
                WHERE s.routing = dead.routing AND s.id = dead.id
                RETURNING s.id
            ), last AS (
                SELECT routing, id FROM batch ORDER BY routing DESC, id DESC LIMIT 1
            )
            SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM gone), last.routing, last.id
            FROM turn LEFT JOIN last ON true
            WHERE turn.is_ours
            """)

    public func removeSessions(
        deadFor age: Duration, after key: RetentionStep.Key?, limit: Int
    ) async throws(AuthError) -> RetentionStep? {
        try await step(Self.removeSessions, age, key, limit)
    }

    /// The function deletes where the server's own role may not, and nothing young. What it finds is gone, so there is no key to go on
    /// from, and any says that there may be more.
    static let removeEvents = PostgresStatement(
        "remove_events", .writes, parameters: [.int8, .int8],
        sql: """
            WITH turn AS MATERIALIZED (
                SELECT pg_try_advisory_lock($2) AS is_ours
            )
            SELECT coalesce(removed, 0), coalesce(removed, 0), CASE WHEN removed IS NOT NULL THEN 0 END AS routing,
                   CASE WHEN removed IS NOT NULL THEN '00000000-0000-0000-0000-000000000000'::uuid END
            FROM turn, LATERAL audit.remove_sealed($1 * interval '1 microsecond') AS removed
            WHERE turn.is_ours
            """)

    public func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep? {
        try await step(Self.removeEvents, [.microseconds(age), .int8(Self.lock)])
    }

    /// By the moment at which they are forgotten, which an index of theirs knows: what it finds is gone, so there is no key to go on from,
    /// and any says that there may be more.
    static let removeAttempts = PostgresStatement(
        "remove_attempts", .writes, parameters: [.int4, .int8],
        sql: """
            WITH turn AS MATERIALIZED (
                SELECT pg_try_advisory_lock($2) AS is_ours
            ), failures AS (
                DELETE FROM login_failures
                WHERE (address, network) IN (
                    SELECT address, network FROM login_failures
                    WHERE (SELECT is_ours FROM turn) AND forgotten_at <= now()
                    ORDER BY forgotten_at LIMIT $1 FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), networks AS (
                DELETE FROM network_attempts
                WHERE (network, kind) IN (
                    SELECT network, kind FROM network_attempts
                    WHERE (SELECT is_ours FROM turn)
                      -- So far ahead only where the clock was set back.
                      AND (spent_until <= now() OR spent_until > now() + interval '1 day')
                    ORDER BY spent_until LIMIT $1 FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), removed AS (
                SELECT (SELECT count(*) FROM failures) + (SELECT count(*) FROM networks) AS count
            )
            SELECT count, count, CASE WHEN count > 0 THEN 0 END AS routing,
                   CASE WHEN count > 0 THEN '00000000-0000-0000-0000-000000000000'::uuid END
            FROM turn, removed
            WHERE is_ours
            """)

    public func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep? {
        try await step(Self.removeAttempts, [.int4(Int32(limit)), .int8(Self.lock)])
    }

    static let recordRemoval = PostgresStatement(
        "record_removal", .writes, parameters: AuditBinds.parameters + [.int8],
        sql: """
            INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
            VALUES ($1, $2, $3, 'success', $4::inet, $5, $6, jsonb_build_object('count', $7))
            """)

    public func record(removed count: Int, event: AuditEvent) async throws(AuthError) {
        _ = try await database.run(Self.recordRemoval, AuditBinds.values(event) + [.int8(Int64(count))], on: .background)
    }

    private func step(
        _ statement: PostgresStatement, _ age: Duration, _ key: RetentionStep.Key?, _ limit: Int
    ) async throws(AuthError) -> RetentionStep? {
        // Before every key: the least routing key, and an id that is nobody's.
        let key = key ?? .init(routing: RoutingKey(.min), id: UUID(uuidString: "00000000-0000-0000-0000-000000000000")!)
        return try await step(
            statement, [.microseconds(age), .int4(key.routing.value), .uuid(key.id), .int4(Int32(limit)), .int8(Self.lock)])
    }

    private func step(_ statement: PostgresStatement, _ binds: [PostgresValue]) async throws(AuthError) -> RetentionStep? {
        let rows = try await database.run(statement, binds, on: .background)
        return try decoding(statement) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in
                let (routing, id) = (try row.optionalInt4(2), try row.optionalUUID(3))
                return RetentionStep(
                    examined: Int(try row.int8(0)), removed: Int(try row.int8(1)),
                    last: routing.flatMap { routing in id.map { .init(routing: RoutingKey(routing), id: $0) } })
            }
        }
    }
}
