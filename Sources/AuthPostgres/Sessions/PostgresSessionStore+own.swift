public import AuthCore
import FoundationEssentials
import LibPQ

extension PostgresSessionStore: OwnSessionStore {
    static let ownStatements = [listSessions, endOwnSession, endOtherSessions]

    static let listSessions = PostgresStatement(
        "list_sessions", .reads, parameters: ["routing": .int4, "user": .uuid, "older_than": .uuid, "limit": .int4],
        sql: """
            SELECT s.id, s.name, s.created_at, s.last_seen_at, s.expires_at, s.idle_expires_at, host(s.ip) AS ip, s.user_agent
            FROM sessions s
            JOIN users u ON u.routing = s.routing AND u.id = s.user_id
            WHERE s.routing = :routing AND s.user_id = :user AND s.id < :older_than
              AND \(SessionCondition.isAlive("s", of: "u"))
            ORDER BY s.id DESC
            LIMIT :limit
            """)

    public func live(of user: UserID, olderThan older: SessionID?, limit: Int) async throws(AuthError) -> [Session] {
        let rows = try await database.run(
            Self.listSessions,
            [
                "routing": .int4(user.routing.value), "user": .uuid(user.uuid), "older_than": .uuid(older?.uuid ?? Self.greatestID),
                "limit": .int4(Int32(limit)),
            ],
            at: .key(user.routing))
        return try decoding(Self.listSessions) { () throws(PostgresError) in
            try rows.map { row throws(PostgresError) in
                Session(
                    id: SessionID(try row.uuid("id")), name: try row.optionalText("name"), createdAt: try row.timestamp("created_at"),
                    lastSeenAt: try row.timestamp("last_seen_at"), expiresAt: try row.timestamp("expires_at"),
                    idleExpiresAt: try row.timestamp("idle_expires_at"), ip: try row.optionalText("ip"),
                    userAgent: try row.optionalText("user_agent"))
            }
        }
    }

    /// No UUIDv7 comes after it.
    static let greatestID = UUID(uuidString: "ffffffff-ffff-ffff-ffff-ffffffffffff")!

    static let endOwnSession = PostgresStatement(
        "end_own_session", .writes, parameters: AuditColumns.parameters + ["session": .uuid, "user": .uuid, "from_session": .uuid],
        sql: """
            WITH found AS (
                SELECT id FROM sessions WHERE routing = :routing AND id = :session AND user_id = :user
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'revoked'
                WHERE routing = :routing AND id = :session AND user_id = :user AND \(SessionCondition.hasNotEnded("s"))
                RETURNING id, user_id
            ), event AS (
                \(AuditColumns.insert(
                    user: "user_id", session: "id", details: "jsonb_build_object('from_session', :from_session)", from: "ended"))
            )
            SELECT id FROM found
            """)

    public func end(
        _ id: SessionID, of user: UserID, from current: SessionID, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        let rows = try await database.run(
            Self.endOwnSession,
            AuditColumns.values(event) + [
                "session": .uuid(id.uuid), "user": .uuid(user.uuid), "from_session": .uuid(current.uuid),
            ],
            at: .key(user.routing))
        return !rows.isEmpty
    }

    /// Under the lock it sees every session there is, and whether the one that asks is still alive. The new epoch kills those of
    /// logins that have read the password already and wait for the lock; the session that asks moves into it. If it was the only one,
    /// there is no event: otherwise one session could fill the audit trail.
    static let endOtherSessions = PostgresStatement(
        "end_other_sessions", .writes, parameters: AuditColumns.parameters + ["user": .uuid, "session": .uuid],
        sql: """
            WITH account AS (
                UPDATE users u SET session_epoch = u.session_epoch + 1
                FROM sessions s
                WHERE u.routing = :routing AND u.id = :user AND s.routing = :routing AND s.id = :session AND s.user_id = :user
                  AND \(SessionCondition.isAlive("s", of: "u"))
                RETURNING u.id, u.session_epoch
            ), kept AS (
                UPDATE sessions s SET session_epoch = account.session_epoch
                FROM account
                WHERE s.routing = :routing AND s.id = :session
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'revoked_others'
                FROM account
                WHERE s.routing = :routing AND s.user_id = account.id AND s.id <> :session
                  AND \(SessionCondition.hasNotEnded("s"))
                RETURNING s.id
            ), event AS (
                \(AuditColumns.insert(
                    user: "account.id", session: ":session",
                    details: "jsonb_build_object('sessions', (SELECT jsonb_agg(id ORDER BY id) FROM ended))",
                    from: "account WHERE EXISTS (SELECT FROM ended)"))
            )
            SELECT id FROM account
            """)

    public func endOthers(than current: SessionID, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool {
        let end = BoundStatement(
            Self.endOtherSessions, AuditColumns.values(event) + ["user": .uuid(user.uuid), "session": .uuid(current.uuid)])
        return try await !database.run([AccountRow.lock(user), end], at: .key(user.routing)).isEmpty
    }
}
