public import AuthCore
import LibPQ

/// Sessions in `sessions`, the token table: one row per session. Each function that changes one is one statement.
public struct PostgresSessionStore: SessionStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let createSession = PostgresStatement(
        "create_session", .writes,
        parameters: AuditBinds.parameters + [
            .uuid, .uuid, .int4, .bytea, .bytea, .bytea, .int8, .int8, .int8, .text, .text, .text,
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
            )
            SELECT account.id, account.email, account.created_at, now(), opened.access_expires_at, opened.idle_expires_at
            FROM opened, account
            """)

    public func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent
    ) async throws(AuthError) -> IssuedTimes? {
        let rows = try await database.run(
            Self.createSession,
            AuditBinds.values(event) + [
                .uuid(session.id.uuid), .uuid(session.userID.uuid), .int4(session.epoch),
                .octets(session.salt), .octets(session.digests.access), .octets(session.digests.refresh),
                .microseconds(policy.accessTokenLifetime), .microseconds(policy.idleLifetime), .microseconds(policy.absoluteLifetime),
                .optional(session.name), .optional(session.rehashed?.old.phc), .optional(session.rehashed?.new.phc),
            ])
        return try rows.first.map { row throws(AuthError) in try IssuedTimes(row, of: Self.createSession) }
    }

    static let endSession = PostgresStatement(
        "end_session", .writes, parameters: AuditBinds.parameters + [.uuid],
        sql: """
            WITH ended AS (
                UPDATE sessions SET ended_at = now(), ended_by = 'logout'
                WHERE routing = $1 AND id = $7 AND ended_at IS NULL
                RETURNING id, user_id
            )
            INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id)
            SELECT $1, $2, $3, 'success', user_id, id, $4::inet, $5, $6 FROM ended
            """)

    public func end(_ id: SessionID, event: AuditEvent) async throws(AuthError) {
        _ = try await database.run(Self.endSession, AuditBinds.values(event) + [.uuid(id.uuid)])
    }

    /// The new epoch kills what this statement's snapshot cannot see: sessions that a login is inserting at this moment.
    static let endAllSessions = PostgresStatement(
        "end_all_sessions", .writes, parameters: AuditBinds.parameters + [.uuid],
        sql: """
            WITH account AS (
                UPDATE users SET session_epoch = session_epoch + 1
                WHERE routing = $1 AND id = $7
                RETURNING routing, id
            ), ended AS (
                UPDATE sessions SET ended_at = now(), ended_by = 'logout_all'
                FROM account
                WHERE sessions.routing = $1 AND sessions.user_id = account.id AND sessions.ended_at IS NULL
                RETURNING sessions.id
            )
            INSERT INTO audit_events (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
            SELECT $1, $2, $3, 'success', account.id, $4::inet, $5, $6,
                   jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))
            FROM account
            """)

    public func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        _ = try await database.run(Self.endAllSessions, AuditBinds.values(event) + [.uuid(user.uuid)])
    }
}

extension IssuedTimes {
    /// From the columns user id, e-mail, created, now, access expiry, idle expiry.
    init(_ row: PostgresRow, of statement: PostgresStatement) throws(AuthError) {
        self = try decoding(statement) { () throws(PostgresError) in
            IssuedTimes(
                user: User(id: UserID(try row.uuid(0)), email: try row.text(1), createdAt: try row.timestamp(2)),
                now: try row.timestamp(3), accessExpiresAt: try row.timestamp(4), refreshExpiresAt: try row.timestamp(5))
        }
    }
}
