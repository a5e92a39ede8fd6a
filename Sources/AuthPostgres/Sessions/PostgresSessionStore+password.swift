public import AuthCore
import LibPQ

extension PostgresSessionStore: PasswordChangeStore, RecentAuthenticationStore {
    static let passwordStatements = [changePassword, findRecency]

    /// Runs after `lock_account`. The session that asks goes on in the new epoch with a new salt, so its old tokens are none of this
    /// session's any more.
    static let changePassword = PostgresStatement(
        "change_password", .writes,
        parameters: AuditColumns.parameters + MailColumns.parameters + [
            "user": .uuid, "epoch": .int4, "old_hash": .text, "new_hash": .text, "session": .uuid, "salt": .bytea,
            "access_digest": .bytea, "refresh_digest": .bytea, "access_time": .int8, "idle_time": .int8,
        ],
        sql: """
            WITH account AS (
                UPDATE users u
                SET password_hash = :new_hash, password_changed_at = now(), password_reset_required = false,
                    session_epoch = u.session_epoch + 1
                FROM sessions s
                WHERE u.routing = :routing AND u.id = :user AND u.password_hash = :old_hash AND u.session_epoch = :epoch
                  AND u.deleted_after IS NULL AND s.routing = :routing AND s.id = :session AND s.user_id = u.id
                  AND \(SessionCondition.isAlive("s", of: "u", byID: true))
                RETURNING u.id, u.email, u.created_at, u.session_epoch
            ), renewed AS (
                UPDATE sessions s
                SET session_epoch = account.session_epoch, generation = 1, salt = :salt, access_digest = :access_digest,
                    refresh_digest = :refresh_digest, previous_access_digest = NULL, previous_access_expires_at = NULL,
                    rotated_at = now(), successor_used_at = NULL, last_seen_at = now(), retried_generation = NULL,
                    access_expires_at = least(now() + least(:access_time, :idle_time) * interval '1 microsecond', s.expires_at),
                    idle_expires_at = least(now() + :idle_time * interval '1 microsecond', s.expires_at)
                FROM account
                WHERE s.routing = :routing AND s.id = :session
                RETURNING s.access_expires_at, s.idle_expires_at
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'password'
                FROM account
                WHERE s.routing = :routing AND s.user_id = account.id AND s.id <> :session AND \(SessionCondition.hasNotEnded("s"))
                RETURNING s.id
            ), \(RedeemedToken.revoked(RedeemedToken.ofCredentials, of: "account", except: nil)), mail AS (
                \(MailColumns.insert(user: "id", email: "email", from: "account"))
            ), event AS (
                \(AuditColumns.insert(
                    user: "account.id", session: ":session",
                    details: "jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))",
                    from: "account"))
            )
            SELECT account.id AS user_id, account.email, account.created_at, now(), renewed.access_expires_at, renewed.idle_expires_at
            FROM account, renewed
            """)

    public func changePassword(_ order: PasswordChangeOrder, policy: SessionPolicy) async throws(AuthError) -> IssuedSession? {
        let user = order.account.userID
        let change = BoundStatement(
            Self.changePassword,
            AuditColumns.values(order.event) + MailColumns.values(order.notice) + [
                "user": .uuid(user.uuid), "epoch": .int4(order.account.sessionEpoch), "old_hash": .text(order.account.passwordHash.phc),
                "new_hash": .text(order.passwordHash.phc), "session": .uuid(order.session.uuid), "salt": .octets(order.salt),
                "access_digest": .octets(order.digests.access), "refresh_digest": .octets(order.digests.refresh),
                "access_time": .microseconds(policy.accessTokenLifetime), "idle_time": .microseconds(policy.idleLifetime),
            ])
        let steps = [AccountRow.lock(user)] + (try await forgetting(order.attempt, of: user)) + [change]
        let rows = try await database.run(steps, at: .key(user.routing))
        return try decoding(Self.changePassword) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try IssuedSession(row) }
        }
    }

    static let findRecency = PostgresStatement(
        "find_recency", .reads, parameters: ["routing": .int4, "session": .uuid, "limit": .int8],
        sql: """
            SELECT FROM sessions s
            WHERE s.routing = :routing AND s.id = :session AND s.created_at > now() - :limit * interval '1 microsecond'
            """)

    public func isRecent(_ session: SessionID, within limit: Duration) async throws(AuthError) -> Bool {
        try await !database.run(
            Self.findRecency,
            ["routing": .int4(session.routing.value), "session": .uuid(session.uuid), "limit": .microseconds(limit)],
            at: .key(session.routing)
        ).isEmpty
    }
}
