public import AuthCore
import LibPQ

extension PostgresSessionStore {
    /// Whoever begins with it takes turns with others on the account, and sees what the one before did.
    static let lockAccount = PostgresStatement(
        "lock_account", .reads, parameters: [.int4, .uuid],
        sql: "SELECT FROM users WHERE routing = $1 AND id = $2 FOR NO KEY UPDATE")

    static func lock(_ user: UserID) -> BoundStatement {
        BoundStatement(lockAccount, [.int4(user.routing.value), .uuid(user.uuid)])
    }

    /// Under the lock, so that the limit is exact.
    static let createSession = PostgresStatement(
        "create_session", .writes,
        parameters: AuditBinds.parameters + [
            .uuid, .uuid, .int4, .bytea, .bytea, .bytea, .int8, .int8, .int8, .text, .text, .text, .int4, .uuid, .text,
        ],
        sql: """
            WITH account AS (
                SELECT routing, id, email, created_at, session_epoch <> $9 AS epoch_passed
                FROM users
                WHERE routing = $1 AND id = $8 AND disabled_at IS NULL
            ), rehashed AS (
                UPDATE users SET password_hash = $18
                WHERE routing = $1 AND id = $8 AND password_hash = $17
            ), opened AS (
                INSERT INTO sessions (routing, id, user_id, session_epoch, salt, access_digest, refresh_digest,
                                      access_expires_at, idle_expires_at, expires_at, ended_at, ended_by, name, ip, user_agent)
                SELECT routing, $7, id, $9, $10, $11, $12,
                       now() + least($13, $14, $15) * interval '1 microsecond',
                       now() + least($14, $15) * interval '1 microsecond',
                       now() + $15 * interval '1 microsecond',
                       CASE WHEN epoch_passed THEN now() END, CASE WHEN epoch_passed THEN 'logout_all' END,
                       $16, $4::inet, $5
                FROM account
                RETURNING user_id, id, access_expires_at, idle_expires_at
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id)
                SELECT $1, $2, $3, 'success', user_id, id, $4::inet, $5, $6 FROM opened
            ), excess AS (
                SELECT s.id
                FROM sessions s, account
                WHERE s.routing = $1 AND s.user_id = account.id AND s.session_epoch = $9 AND NOT account.epoch_passed
                  AND s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
                  AND s.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
                ORDER BY s.last_seen_at DESC, s.id DESC
                OFFSET $19 - 1
            ), ended AS (
                UPDATE sessions SET ended_at = now(), ended_by = 'limit'
                FROM excess
                WHERE sessions.routing = $1 AND sessions.id = excess.id AND sessions.ended_at IS NULL
                RETURNING sessions.id
            ), excess_event AS (
                INSERT INTO audit_events (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
                SELECT $1, $20, $21, 'success', $8, $4::inet, $5, $6, jsonb_build_object('sessions', jsonb_agg(id ORDER BY id))
                FROM ended
                HAVING count(*) > 0
            )
            SELECT account.id, account.email, account.created_at, now(), opened.access_expires_at, opened.idle_expires_at
            FROM opened, account
            """)

    public func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, excess: AuditEvent
    ) async throws(AuthError) -> IssuedTimes? {
        let create = BoundStatement(
            Self.createSession,
            AuditBinds.values(event) + [
                .uuid(session.id.uuid), .uuid(session.userID.uuid), .int4(session.epoch),
                .octets(session.salt), .octets(session.digests.access), .octets(session.digests.refresh),
                .microseconds(policy.accessTokenLifetime), .microseconds(policy.idleLifetime), .microseconds(policy.absoluteLifetime),
                .optional(session.name), .optional(session.rehashed?.old.phc), .optional(session.rehashed?.new.phc),
                .int4(Int32(policy.sessionsPerUser)), .uuid(excess.id.uuid), .text(excess.kind.rawValue),
            ])
        let forgetting = session.attempt.map(PostgresAttemptStore.forgetFailures(of:))
        let rows = try await database.run([Self.lock(session.userID)] + (forgetting.map { [$0] } ?? []) + [create])
        return try decoding(Self.createSession) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try IssuedTimes(row) }
        }
    }
}
