public import AuthCore
import FoundationEssentials
import LibPQ

/// Rows whose age is in their id. A step goes through the next of them in the order of their primary key, so it reads no younger ones.
extension PostgresRetentionStore {
    static let agedStatements = [removeSessions, removeMails, removeTokens]

    static let removeSessions = removal("remove_sessions", of: "sessions", died: "coalesce(ended_at, least(idle_expires_at, expires_at))")
    /// A mail that is not finished stays, whatever its age.
    static let removeMails = removal("remove_mails", of: "mails", died: "finished_at")
    static let removeTokens = removal("remove_tokens", of: "one_time_tokens", died: "coalesce(ended_at, expires_at)")

    /// An id begins with the milliseconds of its creation (RFC 9562 §5.7), so the primary key has the order of time.
    ///
    /// - Parameter died: SQL for the time since which a row is dead; NULL if it is not.
    private static func removal(_ name: String, of table: String, died: String) -> PostgresStatement {
        PostgresStatement(
            name, .writes, parameters: ["creation_age": .int8, "age": .int8, "after_routing": .int4, "after_id": .uuid, "limit": .int4],
            sql: """
                WITH bound AS MATERIALIZED (
                    SELECT rpad(lpad(to_hex((extract(epoch FROM greatest(now() - :creation_age * interval '1 microsecond', '1970-01-01'))
                                             * 1000)::bigint), 12, '0'), 32, '0')::uuid AS id
                ), batch AS MATERIALIZED (
                    SELECT routing, id, \(died) AS died_at
                    FROM \(table)
                    WHERE (id, routing) > (:after_id, :after_routing) AND id < (SELECT id FROM bound)
                    ORDER BY id, routing
                    LIMIT :limit
                ), dead AS MATERIALIZED (
                    SELECT s.routing, s.id
                    FROM \(table) s
                    JOIN batch b ON b.routing = s.routing AND b.id = s.id
                    WHERE b.died_at < now() - :age * interval '1 microsecond'
                    FOR UPDATE OF s SKIP LOCKED
                ), gone AS (
                    DELETE FROM \(table) s
                    USING dead
                    WHERE s.routing = dead.routing AND s.id = dead.id
                    RETURNING s.id
                ), last AS (
                    SELECT routing, id FROM batch ORDER BY id DESC, routing DESC LIMIT 1
                )
                SELECT (SELECT count(*) FROM batch) AS examined, (SELECT count(*) FROM gone) AS removed, last.routing, last.id
                FROM (VALUES (true)) AS always LEFT JOIN last ON true
                """)
    }

    public func removeSessions(
        createdBefore creation: Duration, deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep {
        try await remove(Self.removeSessions, ["creation_age": .microseconds(creation), "age": .microseconds(age)], after: key, limit)
    }

    public func removeMails(
        finishedFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep {
        try await remove(Self.removeMails, ["creation_age": .microseconds(age), "age": .microseconds(age)], after: key, limit)
    }

    public func removeTokens(
        deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep {
        try await remove(Self.removeTokens, ["creation_age": .microseconds(age), "age": .microseconds(age)], after: key, limit)
    }

    /// Goes on in the next shard at the end of one.
    private func remove(
        _ statement: PostgresStatement, _ ages: PostgresNamed<PostgresValue>, after key: RetentionStep.PrimaryKey?, _ limit: Int
    ) async throws(AuthError) -> RetentionStep {
        var key = key ?? .init(routing: RoutingKey(0), id: Self.leastID)
        while true {
            let values =
                ages + ["after_routing": .int4(key.routing.value), "after_id": .uuid(key.id), "limit": .int4(Int32(limit))]
            guard let rows = try await database.run(statement, values, onShard: key.shard) else {
                return RetentionStep(examined: 0, removed: 0, last: nil)
            }
            let step = try Self.step(statement, [rows], shard: key.shard)
            if step.last != nil { return step }
            key = .init(routing: RoutingKey(0), id: Self.leastID, shard: key.shard + 1)
        }
    }

    private static let leastID = UUID(uuidString: "00000000-0000-0000-0000-000000000000")!
}
