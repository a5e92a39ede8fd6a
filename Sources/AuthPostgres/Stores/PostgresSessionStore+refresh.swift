public import AuthCore
import LibPQ

extension PostgresSessionStore: RefreshStore {
    static let findRefreshable = PostgresStatement(
        "find_refreshable", .reads, parameters: [.int4, .uuid],
        sql: """
            SELECT u.id, u.email, u.created_at, now(), s.access_expires_at, s.idle_expires_at,
                   s.generation, s.refresh_digest, s.salt, s.rotated_at, s.successor_used_at IS NOT NULL
            FROM sessions s
            JOIN users u ON u.routing = s.routing AND u.id = s.user_id
            WHERE s.routing = $1 AND s.id = $2
              AND s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
              AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
            """)

    public func refreshable(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        let rows = try await database.run(Self.findRefreshable, [.int4(id.routing.value), .uuid(id.uuid)])
        guard let row = rows.first else { return nil }
        return try decoding(Self.findRefreshable) { () throws(PostgresError) in
            RefreshableSession(
                generation: TokenGeneration(try row.int4(6)), refreshDigest: try row.octets32(7), salt: try row.octets32(8),
                rotatedAt: try row.timestamp(9), isSuccessorUsed: try row.bool(10), times: try IssuedTimes(row))
        }
    }

    /// The guard on generation and digest lets exactly one of many callers rotate a generation.
    static let rotateSession = PostgresStatement(
        "rotate_session", .writes,
        parameters: AuditBinds.parameters + [.uuid, .int4, .bytea, .bytea, .bytea, .int8, .int8, .int8],
        sql: """
            WITH renewed AS (
                UPDATE sessions s
                SET generation = s.generation + 1,
                    previous_access_digest = s.access_digest,
                    previous_access_expires_at = least(s.access_expires_at, now() + $14 * interval '1 microsecond'),
                    access_digest = $10, refresh_digest = $11,
                    rotated_at = now(), successor_used_at = NULL, last_seen_at = now(),
                    access_expires_at = least(now() + least($12, $13) * interval '1 microsecond', s.expires_at),
                    idle_expires_at = least(now() + $13 * interval '1 microsecond', s.expires_at)
                FROM users u
                WHERE s.routing = $1 AND s.id = $7 AND s.generation = $8 AND s.refresh_digest = $9
                  AND s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
                  AND u.routing = $1 AND u.id = s.user_id AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
                RETURNING s.user_id, s.id, s.access_expires_at, s.idle_expires_at, u.email, u.created_at
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id)
                SELECT $1, $2, $3, 'success', user_id, id, $4::inet, $5, $6 FROM renewed
            )
            SELECT user_id, email, created_at, now(), access_expires_at, idle_expires_at FROM renewed
            """)

    public func rotate(
        _ rotation: Rotation, policy: SessionPolicy, event: AuditEvent
    ) async throws(AuthError) -> IssuedTimes? {
        let rows = try await database.run(
            Self.rotateSession,
            AuditBinds.values(event) + [
                .uuid(rotation.sessionID.uuid), .int4(rotation.presented.value), .octets(rotation.presentedDigest),
                .octets(rotation.successor.access), .octets(rotation.successor.refresh),
                .microseconds(policy.accessTokenLifetime), .microseconds(policy.idleLifetime), .microseconds(policy.refreshGrace),
            ])
        return try decoding(Self.rotateSession) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try IssuedTimes(row) }
        }
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
