public import AuthCore
import LibPQ

/// Removes rows that were kept long enough, a step at a time, the oldest first. It needs no index of dead sessions, so a refresh stays a
/// heap-only update. Instances that work at the same time skip each other's rows.
public struct PostgresRetentionStore: RetentionStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = agedStatements + [openVolume, removeEvents, removeHeldAddresses, removeAttempts, recordRemoval]

    static let openVolume = PostgresStatement(
        "open_volume", .writes, parameters: ["longest": .int8], sql: "SELECT audit.open_volume(:longest * interval '1 microsecond')")

    public func openVolume(longest: Duration) async throws(AuthError) {
        _ = try await database.runOnCoordinator(Self.openVolume, ["longest": .microseconds(longest)])
    }

    /// The removed rows are gone, so the next step needs no key. Any key means that there may be more to remove. This is also true of
    /// attempts.
    static let removeEvents = PostgresStatement(
        "remove_events", .writes, parameters: ["age": .int8],
        sql: """
            SELECT coalesce(removed, 0) AS examined, coalesce(removed, 0) AS removed, CASE WHEN removed IS NOT NULL THEN 0 END AS routing,
                   CASE WHEN removed IS NOT NULL THEN '00000000-0000-0000-0000-000000000000'::uuid END AS id
            FROM audit.remove_volume(:age * interval '1 microsecond') AS removed
            """)

    public func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep {
        let rows = try await database.runOnCoordinator(Self.removeEvents, ["age": .microseconds(age)])
        return try Self.step(Self.removeEvents, [rows])
    }

    /// In the order of the time at which they are forgotten. Each table has an index of that time.
    static let removeAttempts = PostgresStatement(
        "remove_attempts", .writes, parameters: ["limit": .int4],
        sql: """
            WITH failures AS (
                DELETE FROM login_failures
                WHERE (address, network, routing) IN (
                    SELECT address, network, routing FROM login_failures
                    WHERE forgotten_at <= now()
                    ORDER BY forgotten_at LIMIT :limit FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), networks AS (
                DELETE FROM network_attempts
                WHERE (network, kind, routing) IN (
                    SELECT network, kind, routing FROM network_attempts
                    -- So far ahead only if the clock was set back.
                    WHERE spent_until <= now() OR spent_until > now() + interval '1 day'
                    ORDER BY spent_until LIMIT :limit FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), budgets AS (
                DELETE FROM mail_budgets
                WHERE (address, routing) IN (
                    SELECT address, routing FROM mail_budgets
                    WHERE forgotten_at <= now()
                    ORDER BY forgotten_at LIMIT :limit FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), removed AS (
                SELECT (SELECT count(*) FROM failures) + (SELECT count(*) FROM networks) + (SELECT count(*) FROM budgets) AS count
            )
            \(counted)
            """)

    private static let counted = """
        SELECT count AS examined, count AS removed, CASE WHEN count > 0 THEN 0 END AS routing,
               CASE WHEN count > 0 THEN '00000000-0000-0000-0000-000000000000'::uuid END AS id
        FROM removed
        """

    public func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep {
        try Self.step(Self.removeAttempts, try await database.runOnAllShards(Self.removeAttempts, ["limit": .int4(Int32(limit))]))
    }

    static let removeHeldAddresses = PostgresStatement(
        "remove_held_addresses", .writes, parameters: ["age": .int8, "limit": .int4],
        sql: """
            WITH gone AS (
                DELETE FROM user_emails
                WHERE (address, routing) IN (
                    SELECT address, routing FROM user_emails
                    WHERE held_until <= now() - :age * interval '1 microsecond'
                    ORDER BY held_until LIMIT :limit FOR UPDATE SKIP LOCKED
                )
                RETURNING true
            ), removed AS (
                SELECT count(*) AS count FROM gone
            )
            \(counted)
            """)

    public func removeHeldAddresses(freeFor age: Duration, limit: Int) async throws(AuthError) -> RetentionStep {
        let values: PostgresNamed<PostgresValue> = ["age": .microseconds(age), "limit": .int4(Int32(limit))]
        return try Self.step(Self.removeHeldAddresses, try await database.runOnAllShards(Self.removeHeldAddresses, values))
    }

    static let recordRemoval = PostgresStatement(
        "record_removal", .writes, parameters: AuditColumns.parameters + ["count": .int8],
        sql: AuditColumns.insert(details: "jsonb_build_object('count', :count)"))

    public func record(removed count: Int, event: AuditEvent) async throws(AuthError) {
        _ = try await database.run(
            Self.recordRemoval, AuditColumns.values(event) + ["count": .int8(Int64(count))], at: .key(event.id.routing), on: .background)
    }

    /// - Parameter results: the rows of one shard or of several.
    static func step(
        _ statement: PostgresStatement, _ results: [PostgresRows], shard: Int = 0
    ) throws(AuthError) -> RetentionStep {
        try decoding(statement) { () throws(PostgresError) in
            var (examined, removed, last) = (0, 0, RetentionStep.PrimaryKey?.none)
            for row in results.lazy.map({ rows in rows[0] }) {
                examined += Int(try row.int8("examined"))
                removed += Int(try row.int8("removed"))
                guard let routing = try row.optionalInt4("routing"), let id = try row.optionalUUID("id") else { continue }
                last = .init(routing: RoutingKey(routing), id: id, shard: shard)
            }
            return RetentionStep(examined: examined, removed: removed, last: last)
        }
    }
}
