public import AuthCore
import LibPQ

/// Sessions in `sessions`, the token table: one row per session. Each function that changes one is one transaction.
public struct PostgresSessionStore: SessionStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let endSession = PostgresStatement(
        "end_session", .writes, parameters: AuditBinds.parameters + [.uuid, .text, .text],
        sql: """
            WITH ended AS (
                UPDATE sessions SET ended_at = now(), ended_by = $8
                WHERE routing = $1 AND id = $7 AND ended_at IS NULL
                RETURNING id, user_id
            )
            INSERT INTO audit_events (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id, details)
            SELECT $1, $2, $3, CASE $8 WHEN 'reuse' THEN 'failure' ELSE 'success' END, user_id, id, $4::inet, $5, $6,
                   jsonb_strip_nulls(jsonb_build_object('client', $9))
            FROM ended
            """)

    public func end(_ id: SessionID, as cause: SessionEnd, event: AuditEvent) async throws(AuthError) {
        let (name, client) = cause.columns
        _ = try await database.run(Self.endSession, AuditBinds.values(event) + [.uuid(id.uuid), .text(name), .optional(client)])
    }

    /// Under the lock it sees every session there is. The new epoch kills those of logins that have read the password already and
    /// wait for the lock.
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
                  AND sessions.idle_expires_at > now() AND sessions.expires_at > now()
                  AND sessions.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
                RETURNING sessions.id
            )
            INSERT INTO audit_events (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
            SELECT $1, $2, $3, 'success', account.id, $4::inet, $5, $6,
                   jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))
            FROM account
            """)

    public func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        let end = BoundStatement(Self.endAllSessions, AuditBinds.values(event) + [.uuid(user.uuid)])
        _ = try await database.run([Self.lock(user), end])
    }
}

extension SessionEnd {
    fileprivate var columns: (name: String, client: String?) {
        switch self {
        case .logout: ("logout", nil)
        case .reuse: ("reuse", nil)
        case .client(let id): ("client", id.text)
        }
    }
}

extension IssuedTimes {
    /// From the columns user id, e-mail, created, now, access expiry, idle expiry, of which the first has that number.
    init(_ row: PostgresRow, from first: Int = 0) throws(PostgresError) {
        self.init(
            user: User(id: UserID(try row.uuid(first)), email: try row.text(first + 1), createdAt: try row.timestamp(first + 2)),
            now: try row.timestamp(first + 3), accessExpiresAt: try row.timestamp(first + 4),
            refreshExpiresAt: try row.timestamp(first + 5))
    }
}
