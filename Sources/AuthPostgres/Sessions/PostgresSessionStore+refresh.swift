public import AuthCore
import LibPQ

extension PostgresSessionStore: RefreshStore {
    static let refreshStatements = [findRefreshable, rotateFreeSessions, rotateSession, recordRetry]

    static let findRefreshable = PostgresStatement(
        "find_refreshable", .readsTogether, parameters: keyParameters,
        sql: """
            SELECT k.number, u.id AS user_id, u.email, u.created_at, now(), s.access_expires_at, s.idle_expires_at,
                   s.generation, s.refresh_digest, s.salt, s.rotated_at, s.successor_used_at IS NOT NULL AS is_successor_used
            \(fromLiveSessions)
            """)

    public func findForRefresh(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        guard let row = try await database.runTogether(Self.findRefreshable, Self.keys([id]), at: .key(id.routing), on: .lookups)[0] else {
            return nil
        }
        return try decoding(Self.findRefreshable) { () throws(PostgresError) in
            RefreshableSession(
                generation: TokenGeneration(try row.int4("generation")), refreshDigest: try row.octets32("refresh_digest"),
                salt: try row.octets32("salt"), rotatedAt: try row.timestamp("rotated_at"),
                isSuccessorUsed: try row.bool("is_successor_used"), issued: try IssuedSession(row))
        }
    }

    /// Rotates many sessions in one statement and skips locked ones. A skipped session, or one that lost a race for its token, is then
    /// rotated alone.
    public func rotate(
        _ rotation: Rotation, policy: SessionPolicy, event: AuditEvent
    ) async throws(AuthError) -> IssuedSession? {
        let values = Self.values(rotation, policy, event)
        let placement = Placement.key(rotation.sessionID.routing)
        if let row = try await database.runTogether(Self.rotateFreeSessions, values, at: placement, on: .work)[0] {
            return try Self.times(row, of: Self.rotateFreeSessions)
        }
        let row = try await database.run([BoundStatement(Self.rotateSession, inOrder: values)], at: placement).first
        return try row.map { row throws(AuthError) in try Self.times(row, of: Self.rotateSession) }
    }

    static let rotateFreeSessions = rotating("rotate_free_sessions", .writesTogether, lock: "FOR NO KEY UPDATE OF s SKIP LOCKED")
    static let rotateSession = rotating("rotate_session", .writes, lock: "FOR NO KEY UPDATE OF s")

    /// The guard on generation and digest lets exactly one of many callers rotate a generation.
    private static func rotating(_ name: String, _ effect: PostgresStatement.Effect, lock: String) -> PostgresStatement {
        PostgresStatement(
            name, effect,
            parameters: AuditColumns.itemParameters + rotationParameters,
            sql: """
                WITH held AS MATERIALIZED (
                    SELECT p.*, s.unrecorded_renewals, origin, is_soon,
                           is_soon AND (s.renewal_origin IS NOT DISTINCT FROM origin
                                        OR s.renewal_rows >= \(SessionPolicy.renewalRowsPerInterval))
                               AS shares_next_row
                    FROM unnest(:routings, :event_ids, :event_types, :ips, :user_agents, :request_ids,
                                :sessions, :generations, :refresh_digests, :next_access_digests, :next_refresh_digests,
                                :access_times, :idle_times, :graces, :record_intervals) WITH ORDINALITY
                      AS p (routing, event_id, event_type, ip, user_agent, request_id,
                            id, generation, refresh_digest, next_access_digest, next_refresh_digest,
                            access_time, idle_time, grace, record_interval, number)
                    JOIN sessions s ON s.routing = p.routing AND s.id = p.id,
                    LATERAL (
                        SELECT sha256(convert_to(concat_ws(' ', coalesce(p.ip, '-'), p.user_agent), 'UTF8')) AS origin,
                               s.renewal_recorded_at > now() - p.record_interval * interval '1 microsecond'
                                   AND s.renewal_recorded_at <= now() AS is_soon
                    ) AS row
                    \(lock)
                ), renewed AS (
                    UPDATE sessions s
                    SET generation = s.generation + 1,
                        previous_access_digest = s.access_digest,
                        previous_access_expires_at = least(s.access_expires_at, now() + p.grace * interval '1 microsecond'),
                        access_digest = p.next_access_digest, refresh_digest = p.next_refresh_digest,
                        rotated_at = now(), successor_used_at = NULL, last_seen_at = now(),
                        access_expires_at = least(now() + least(p.access_time, p.idle_time) * interval '1 microsecond', s.expires_at),
                        idle_expires_at = least(now() + p.idle_time * interval '1 microsecond', s.expires_at),
                        renewal_recorded_at = CASE WHEN p.is_soon THEN s.renewal_recorded_at ELSE now() END,
                        renewal_rows = CASE WHEN p.is_soon THEN s.renewal_rows + (NOT p.shares_next_row)::int ELSE 1 END,
                        renewal_origin = CASE WHEN p.shares_next_row THEN s.renewal_origin ELSE p.origin END,
                        unrecorded_renewals = CASE WHEN p.shares_next_row THEN s.unrecorded_renewals + 1 ELSE 0 END
                    FROM held p, users u
                    WHERE s.routing = p.routing AND s.id = p.id AND s.generation = p.generation AND s.refresh_digest = p.refresh_digest
                      AND u.routing = p.routing AND u.id = s.user_id AND \(SessionCondition.isAlive("s", of: "u", byID: true))
                    RETURNING p.number, s.user_id, u.email, u.created_at, s.access_expires_at, s.idle_expires_at,
                              p.routing, p.event_id, p.event_type, s.id, p.ip, p.user_agent, p.request_id,
                              p.unrecorded_renewals, p.shares_next_row
                ), event AS (
                    \(AuditColumns.insert(
                        .row, user: "user_id", session: "id", details: renewalDetails,
                        from: "renewed WHERE shares_next_row IS NOT TRUE"))
                )
                SELECT number, user_id, email, created_at, now(), access_expires_at, idle_expires_at FROM renewed
                """)
    }

    private static let renewalDetails = """
        CASE WHEN unrecorded_renewals > 0 THEN jsonb_build_object('renewals', unrecorded_renewals + 1) ELSE '{}' END
        """

    private static let rotationParameters: PostgresNamed<PostgresType> = [
        "sessions": .uuidArray, "generations": .int4Array,
        "refresh_digests": .byteaArray, "next_access_digests": .byteaArray,
        "next_refresh_digests": .byteaArray, "access_times": .int8Array,
        "idle_times": .int8Array, "graces": .int8Array,
        "record_intervals": .int8Array,
    ]

    /// In the order of the parameters, since every refresh passes here.
    private static func values(_ rotation: Rotation, _ policy: SessionPolicy, _ event: AuditEvent) -> [PostgresValue] {
        AuditColumns.items([event]) + [
            .uuidArray([rotation.sessionID.uuid]), .int4Array([rotation.presented.value]),
            .byteaArray([rotation.presentedDigest.array]), .byteaArray([rotation.successor.access.array]),
            .byteaArray([rotation.successor.refresh.array]), .int8Array([policy.accessTokenLifetime.inMicroseconds]),
            .int8Array([policy.idleLifetime.inMicroseconds]), .int8Array([policy.refreshGrace.inMicroseconds]),
            .int8Array([policy.renewalRecordInterval.inMicroseconds]),
        ]
    }

    private static func times(_ row: PostgresRow, of statement: PostgresStatement) throws(AuthError) -> IssuedSession {
        try decoding(statement) { () throws(PostgresError) in try IssuedSession(row) }
    }

    static let recordRetry = PostgresStatement(
        "record_retry", .writes, parameters: AuditColumns.parameters + ["session": .uuid, "generation": .int4],
        sql: """
            WITH retried AS (
                UPDATE sessions SET retried_generation = :generation
                WHERE routing = :routing AND id = :session AND coalesce(retried_generation, 0) < :generation
                RETURNING user_id, id
            )
            \(AuditColumns.insert(user: "user_id", session: "id", from: "retried"))
            """)

    public func recordRetry(of id: SessionID, generation: TokenGeneration, event: AuditEvent) async throws(AuthError) {
        _ = try await database.run(
            Self.recordRetry, AuditColumns.values(event) + ["session": .uuid(id.uuid), "generation": .int4(generation.value)],
            at: .key(id.routing))
    }
}
