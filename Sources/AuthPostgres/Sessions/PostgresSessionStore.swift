public import AuthCore
import LibPQ

/// Sessions in `sessions`, the token table: one row per session. Each function that changes one is one transaction.
public struct PostgresSessionStore: SessionStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements =
        [createSession, enableAfterTime, findLiveSessions, endSession, endAllSessions] + refreshStatements + ownStatements
        + passwordStatements

    static let endSession = PostgresStatement(
        "end_session", .writes,
        parameters: AuditColumns.parameters + MailColumns.parameters + ["session": .uuid, "cause": .text, "client": .text],
        sql: """
            WITH ended AS (
                UPDATE sessions SET ended_at = now(), ended_by = :cause
                WHERE routing = :routing AND id = :session AND ended_at IS NULL
                RETURNING id, user_id
            ), mail AS (
                \(MailColumns.insert(
                    user: "u.id", email: "u.email", from: "ended JOIN users u ON u.routing = :routing AND u.id = ended.user_id"))
            )
            \(AuditColumns.insert(
                outcome: "CASE :cause WHEN 'reuse' THEN 'failure' ELSE 'success' END", user: "user_id", session: "id",
                details: "jsonb_strip_nulls(jsonb_build_object('client', :client))", from: "ended"))
            """)

    public func end(_ id: SessionID, as cause: SessionEnd, notice: NewMail?, event: AuditEvent) async throws(AuthError) {
        let (name, client) = cause.columns
        _ = try await database.run(
            Self.endSession,
            AuditColumns.values(event) + MailColumns.values(notice) + [
                "session": .uuid(id.uuid), "cause": .text(name), "client": .optional(client),
            ],
            at: .key(id.routing))
    }

    /// Under the lock it sees every session there is. The new epoch kills those of logins that have read the password already and
    /// wait for the lock.
    static let endAllSessions = PostgresStatement(
        "end_all_sessions", .writes, parameters: AuditColumns.parameters + ["user": .uuid],
        sql: """
            WITH account AS (
                UPDATE users SET session_epoch = session_epoch + 1
                WHERE routing = :routing AND id = :user
                RETURNING id
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'logout_all'
                FROM account
                WHERE s.routing = :routing AND s.user_id = account.id AND \(SessionCondition.hasNotEnded("s"))
                RETURNING s.id
            )
            \(AuditColumns.insert(
                user: "account.id",
                details: "jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))",
                from: "account"))
            """)

    public func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        let end = BoundStatement(Self.endAllSessions, AuditColumns.values(event) + ["user": .uuid(user.uuid)])
        _ = try await database.run([AccountRow.lock(user), end], at: .key(user.routing))
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

extension IssuedSession {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            user: User(id: UserID(try row.uuid("user_id")), email: try row.text("email"), createdAt: try row.timestamp("created_at")),
            now: try row.timestamp("now"), accessExpiresAt: try row.timestamp("access_expires_at"),
            refreshExpiresAt: try row.timestamp("idle_expires_at"))
    }
}
