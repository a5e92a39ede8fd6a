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

    static let statements = [removeSessions, removeEvents, removeAttempts, recordRemoval]

    static let removeSessions = PostgresStatement(
        "remove_sessions", .writes,
        parameters: ["age": .int8, "after_routing": .int4, "after_id": .uuid, "limit": .int4, "lock": .int8],
        sql: """
            WITH turn AS MATERIALIZED (
                SELECT pg_try_advisory_lock(:lock) AS is_ours
            ), batch AS MATERIALIZED (
                SELECT routing, id, coalesce(ended_at, least(idle_expires_at, expires_at)) AS died_at
                FROM sessions
                WHERE (SELECT is_ours FROM turn) AND (routing, id) > (:after_routing, :after_id)
                ORDER BY routing, id
                LIMIT :limit
            ), dead AS MATERIALIZED (
                SELECT s.routing, s.id
                FROM sessions s
                JOIN batch b ON b.routing = s.routing AND b.id = s.id
                WHERE b.died_at < now() - :age * interval '1 microsecond'
                FOR UPDATE OF s SKIP LOCKED
            ), gone AS (
                DELETE FROM sessions s
                USING dead
                WHERE s.routing = dead.routing AND s.id = dead.id
                RETURNING s.id
            ), last AS (
                SELECT routing, id FROM batch ORDER BY routing DESC, id DESC LIMIT 1
            )
            SELECT (SELECT count(*) FROM batch) AS examined, (SELECT count(*) FROM gone) AS removed, last.routing, last.id
            FROM turn LEFT JOIN last ON true
            WHERE turn.is_ours
            """)

    public func removeSessions(
        deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep? {
        // Before every key: the least routing key, and an id that no row has.
        let key = key ?? .init(routing: RoutingKey(.min), id: UUID(uuidString: "00000000-0000-0000-0000-000000000000")!)
        return try await step(
            Self.removeSessions,
            [
                "age": .microseconds(age), "after_routing": .int4(key.routing.value), "after_id": .uuid(key.id),
                "limit": .int4(Int32(limit)), "lock": .int8(Self.lock),
            ])
    }

    /// The function deletes where the server's own role may not, and nothing young. What it finds is gone, so there is no key to go on
    /// from, and any says that there may be more.
    static let removeEvents = PostgresStatement(
        "remove_events", .writes, parameters: ["age": .int8, "lock": .int8],
        sql: """
            WITH turn AS MATERIALIZED (
                SELECT pg_try_advisory_lock(:lock) AS is_ours
            )
            SELECT coalesce(removed, 0) AS examined, coalesce(removed, 0) AS removed,
                   CASE WHEN removed IS NOT NULL THEN 0 END AS routing,
                   CASE WHEN removed IS NOT NULL THEN '00000000-0000-0000-0000-000000000000'::uuid END AS id
            FROM turn, LATERAL audit.remove_sealed(:age * interval '1 microsecond') AS removed
            WHERE turn.is_ours
            """)

    public func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep? {
        try await step(Self.removeEvents, ["age": .microseconds(age), "lock": .int8(Self.lock)])
    }

    /// By the moment at which they are forgotten, which an index of theirs knows: what it finds is gone, so there is no key to go on from,
    /// and any says that there may be more.
    static let removeAttempts = PostgresStatement(
        "remove_attempts", .writes, parameters: ["limit": .int4, "lock": .int8],
        sql: """
            WITH turn AS MATERIALIZED (
                SELECT pg_try_advisory_lock(:lock) AS is_ours
            ), failures AS (
                DELETE FROM login_failures
                WHERE (address, network) IN (
                    SELECT address, network FROM login_failures
                    WHERE (SELECT is_ours FROM turn) AND forgotten_at <= now()
                    ORDER BY forgotten_at LIMIT :limit FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), networks AS (
                DELETE FROM network_attempts
                WHERE (network, kind) IN (
                    SELECT network, kind FROM network_attempts
                    WHERE (SELECT is_ours FROM turn)
                      -- So far ahead only where the clock was set back.
                      AND (spent_until <= now() OR spent_until > now() + interval '1 day')
                    ORDER BY spent_until LIMIT :limit FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), removed AS (
                SELECT (SELECT count(*) FROM failures) + (SELECT count(*) FROM networks) AS count
            )
            SELECT count AS examined, count AS removed, CASE WHEN count > 0 THEN 0 END AS routing,
                   CASE WHEN count > 0 THEN '00000000-0000-0000-0000-000000000000'::uuid END AS id
            FROM turn, removed
            WHERE is_ours
            """)

    public func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep? {
        try await step(Self.removeAttempts, ["limit": .int4(Int32(limit)), "lock": .int8(Self.lock)])
    }

    static let recordRemoval = PostgresStatement(
        "record_removal", .writes, parameters: AuditColumns.parameters + ["count": .int8],
        sql: AuditColumns.insert(details: "jsonb_build_object('count', :count)"))

    public func record(removed count: Int, event: AuditEvent) async throws(AuthError) {
        _ = try await database.run(Self.recordRemoval, AuditColumns.values(event) + ["count": .int8(Int64(count))], on: .background)
    }

    private func step(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue>
    ) async throws(AuthError) -> RetentionStep? {
        let rows = try await database.run(statement, values, on: .background)
        return try decoding(statement) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in
                let (routing, id) = (try row.optionalInt4("routing"), try row.optionalUUID("id"))
                return RetentionStep(
                    examined: Int(try row.int8("examined")), removed: Int(try row.int8("removed")),
                    last: routing.flatMap { routing in id.map { id in .init(routing: RoutingKey(routing), id: id) } })
            }
        }
    }
}
