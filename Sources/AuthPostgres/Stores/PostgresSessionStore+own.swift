public import AuthCore
import FoundationEssentials
import LibPQ

extension PostgresSessionStore: OwnSessionStore {
    static let listSessions = PostgresStatement(
        "list_sessions", .reads, parameters: [.int4, .uuid, .uuid, .int4],
        sql: """
            SELECT s.id, s.name, s.created_at, s.last_seen_at, s.expires_at, s.idle_expires_at, host(s.ip), s.user_agent
            FROM sessions s
            JOIN users u ON u.routing = s.routing AND u.id = s.user_id
            WHERE s.routing = $1 AND s.user_id = $2 AND s.id < $3
              AND s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
              AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
              AND s.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
            ORDER BY s.id DESC
            LIMIT $4
            """)

    public func live(of user: UserID, olderThan older: SessionID?, limit: Int) async throws(AuthError) -> [Session] {
        let rows = try await database.run(
            Self.listSessions,
            [.int4(user.routing.value), .uuid(user.uuid), .uuid(older?.uuid ?? Self.greatestID), .int4(Int32(limit))])
        return try decoding(Self.listSessions) { () throws(PostgresError) in
            try rows.map { row throws(PostgresError) in
                Session(
                    id: SessionID(try row.uuid(0)), name: try row.optionalText(1), createdAt: try row.timestamp(2),
                    lastSeenAt: try row.timestamp(3), expiresAt: try row.timestamp(4), idleExpiresAt: try row.timestamp(5),
                    ip: try row.optionalText(6), userAgent: try row.optionalText(7))
            }
        }
    }

    /// No UUIDv7 comes after it.
    private static let greatestID = UUID(uuidString: "ffffffff-ffff-ffff-ffff-ffffffffffff")!

    static let endOwnSession = PostgresStatement(
        "end_own_session", .writes, parameters: AuditBinds.parameters + [.uuid, .uuid, .uuid],
        sql: """
            WITH found AS (
                SELECT id FROM sessions WHERE routing = $1 AND id = $7 AND user_id = $8
            ), ended AS (
                UPDATE sessions SET ended_at = now(), ended_by = 'revoked'
                WHERE routing = $1 AND id = $7 AND user_id = $8 AND ended_at IS NULL AND idle_expires_at > now() AND expires_at > now()
                  AND created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
                RETURNING id, user_id
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'success', user_id, id, $4::inet, $5, $6, jsonb_build_object('from_session', $9) FROM ended
            )
            SELECT id FROM found
            """)

    public func end(
        _ id: SessionID, of user: UserID, from current: SessionID, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        let rows = try await database.run(
            Self.endOwnSession, AuditBinds.values(event) + [.uuid(id.uuid), .uuid(user.uuid), .uuid(current.uuid)])
        return !rows.isEmpty
    }

    /// Under the lock it sees every session there is, and whether the one that asks is still alive. The new epoch kills those of
    /// logins that have read the password already and wait for the lock; the session that asks moves into it.
    static let endOtherSessions = PostgresStatement(
        "end_other_sessions", .writes, parameters: AuditBinds.parameters + [.uuid, .uuid],
        sql: """
            WITH account AS (
                UPDATE users SET session_epoch = users.session_epoch + 1
                FROM sessions s
                WHERE users.routing = $1 AND users.id = $7 AND s.routing = $1 AND s.id = $8 AND s.user_id = $7
                  AND s.ended_at IS NULL AND s.session_epoch = users.session_epoch
                  AND s.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
                RETURNING users.id, users.session_epoch
            ), kept AS (
                UPDATE sessions SET session_epoch = account.session_epoch
                FROM account
                WHERE sessions.routing = $1 AND sessions.id = $8
            ), ended AS (
                UPDATE sessions SET ended_at = now(), ended_by = 'revoked_others'
                FROM account
                WHERE sessions.routing = $1 AND sessions.user_id = account.id AND sessions.id <> $8 AND sessions.ended_at IS NULL
                  AND sessions.idle_expires_at > now() AND sessions.expires_at > now()
                  AND sessions.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
                RETURNING sessions.id
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'success', account.id, $8, $4::inet, $5, $6,
                       jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))
                FROM account
            )
            SELECT id FROM account
            """)

    public func endOthers(than current: SessionID, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool {
        let end = BoundStatement(Self.endOtherSessions, AuditBinds.values(event) + [.uuid(user.uuid), .uuid(current.uuid)])
        return try await !database.run([Self.lock(user), end]).isEmpty
    }
}
