public import AuthCore
import LibPQ

extension PostgresSessionStore: RefreshStore {
    static let findRefreshable = PostgresStatement(
        "find_refreshable", .readsTogether, parameters: [.int4Array, .uuidArray],
        sql: """
            SELECT k.number, u.id, u.email, u.created_at, now(), s.access_expires_at, s.idle_expires_at,
                   s.generation, s.refresh_digest, s.salt, s.rotated_at, s.successor_used_at IS NOT NULL
            FROM unnest($1, $2) WITH ORDINALITY AS k (routing, id, number)
            JOIN sessions s ON s.routing = k.routing AND s.id = k.id
            JOIN users u ON u.routing = s.routing AND u.id = s.user_id
            WHERE s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
              AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
              AND s.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
            """)

    public func refreshable(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        guard let row = try await database.runTogether(Self.findRefreshable, Self.keys([id]), on: .guarding)[0] else { return nil }
        return try decoding(Self.findRefreshable) { () throws(PostgresError) in
            RefreshableSession(
                generation: TokenGeneration(try row.int4(7)), refreshDigest: try row.octets32(8), salt: try row.octets32(9),
                rotatedAt: try row.timestamp(10), isSuccessorUsed: try row.bool(11), times: try IssuedTimes(row, from: 1))
        }
    }

    /// Together with others, without waiting for a session that somebody else has: whoever changes it keeps no other waiting. Who was
    /// left out, or was not the one of several with one token, has his turn after the others.
    public func rotate(
        _ rotation: Rotation, policy: SessionPolicy, event: AuditEvent
    ) async throws(AuthError) -> IssuedTimes? {
        let binds = Self.binds(rotation, policy, event)
        if let row = try await database.runTogether(Self.rotateFreeSessions, binds, on: .work)[0] {
            return try Self.times(row, of: Self.rotateFreeSessions)
        }
        let row = try await database.run(Self.rotateSession, binds).first
        return try row.map { row throws(AuthError) in try Self.times(row, of: Self.rotateSession) }
    }

    static let rotateFreeSessions = rotating("rotate_free_sessions", .writesTogether, lock: "FOR NO KEY UPDATE OF s SKIP LOCKED")
    static let rotateSession = rotating("rotate_session", .writes, lock: "FOR NO KEY UPDATE OF s")

    /// The guard on generation and digest lets exactly one of many callers rotate a generation.
    private static func rotating(_ name: String, _ effect: PostgresStatement.Effect, lock: String) -> PostgresStatement {
        PostgresStatement(
            name, effect,
            parameters: AuditBinds.itemParameters + [
                .uuidArray, .int4Array, .byteaArray, .byteaArray, .byteaArray, .int8Array, .int8Array, .int8Array,
            ],
            sql: """
                WITH held AS MATERIALIZED (
                    SELECT p.*
                    FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) WITH ORDINALITY
                      AS p (routing, event_id, event_type, ip, user_agent, request_id, id, generation, refresh_digest,
                            next_access_digest, next_refresh_digest, access_time, idle_time, grace, number)
                    JOIN sessions s ON s.routing = p.routing AND s.id = p.id
                    \(lock)
                ), renewed AS (
                    UPDATE sessions s
                    SET generation = s.generation + 1,
                        previous_access_digest = s.access_digest,
                        previous_access_expires_at = least(s.access_expires_at, now() + p.grace * interval '1 microsecond'),
                        access_digest = p.next_access_digest, refresh_digest = p.next_refresh_digest,
                        rotated_at = now(), successor_used_at = NULL, last_seen_at = now(),
                        access_expires_at = least(now() + least(p.access_time, p.idle_time) * interval '1 microsecond', s.expires_at),
                        idle_expires_at = least(now() + p.idle_time * interval '1 microsecond', s.expires_at)
                    FROM held p, users u
                    WHERE s.routing = p.routing AND s.id = p.id AND s.generation = p.generation AND s.refresh_digest = p.refresh_digest
                      AND s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
                      AND u.routing = p.routing AND u.id = s.user_id AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
                      AND s.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
                    RETURNING p.number, s.user_id, u.email, u.created_at, s.access_expires_at, s.idle_expires_at,
                              p.routing, p.event_id, p.event_type, s.id, p.ip, p.user_agent, p.request_id
                ), event AS (
                    INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id)
                    SELECT routing, event_id, event_type, 'success', user_id, id, ip::inet, user_agent, request_id FROM renewed
                )
                SELECT number, user_id, email, created_at, now(), access_expires_at, idle_expires_at FROM renewed
                """)
    }

    private static func binds(_ rotation: Rotation, _ policy: SessionPolicy, _ event: AuditEvent) -> [PostgresValue] {
        AuditBinds.items([event]) + [
            .uuidArray([rotation.sessionID.uuid]), .int4Array([rotation.presented.value]),
            .byteaArray([rotation.presentedDigest.array]), .byteaArray([rotation.successor.access.array]),
            .byteaArray([rotation.successor.refresh.array]), .int8Array([policy.accessTokenLifetime.inMicroseconds]),
            .int8Array([policy.idleLifetime.inMicroseconds]), .int8Array([policy.refreshGrace.inMicroseconds]),
        ]
    }

    private static func times(_ row: PostgresRow, of statement: PostgresStatement) throws(AuthError) -> IssuedTimes {
        try decoding(statement) { () throws(PostgresError) in try IssuedTimes(row, from: 1) }
    }

    static let recordRetry = PostgresStatement(
        "record_retry", .writes, parameters: AuditBinds.parameters + [.uuid],
        sql: """
            INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id)
            SELECT $1, $2, $3, 'success', user_id, id, $4::inet, $5, $6
            FROM sessions
            WHERE routing = $1 AND id = $7
            """)

    public func recordRetry(of id: SessionID, event: AuditEvent) async throws(AuthError) {
        _ = try await database.run(Self.recordRetry, AuditBinds.values(event) + [.uuid(id.uuid)])
    }
}
