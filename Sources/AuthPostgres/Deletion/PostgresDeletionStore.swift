public import AuthCore
import LibPQ

/// Accounts that their owners delete, by `deleted_after` in `users`.
public struct PostgresDeletionStore: DeletionStore {
    let database: PostgresDatabase

    /// - Parameter database: has the tables.
    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [scheduleDeletion, restoreAccount] + erasureStatements

    /// Runs after `lock_account`. The new epoch ends also the sessions of logins that have read the password already and wait for the lock.
    static let scheduleDeletion = PostgresStatement(
        "schedule_deletion", .writes, parameters: AuditColumns.parameters + MailColumns.parameters + ["user": .uuid, "grace": .int8],
        sql: """
            WITH account AS (
                UPDATE users u
                SET deleted_after = greatest(
                        now() + :grace * interval '1 microsecond',
                        -- Not sooner than the owner can undo a change of address.
                        (SELECT max(e.held_until) FROM user_emails e WHERE e.account_routing = :routing AND e.user_id = :user)),
                    session_epoch = u.session_epoch + 1
                WHERE u.routing = :routing AND u.id = :user AND u.deleted_after IS NULL AND u.disabled_at IS NULL
                RETURNING u.id, u.email, u.deleted_after
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'deleted'
                FROM account
                WHERE s.routing = :routing AND s.user_id = account.id AND \(SessionCondition.hasNotEnded("s"))
                RETURNING s.id
            ), mail AS (
                \(MailColumns.insert(user: "id", email: "email", from: "account"))
            ), event AS (
                \(AuditColumns.insert(
                    user: "account.id",
                    details: "jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))",
                    from: "account"))
            )
            SELECT deleted_after FROM account
            """)

    public func schedule(
        _ user: UserID, grace: Duration, notice: NewMail?, event: AuditEvent
    ) async throws(AuthError) -> Timestamp? {
        let schedule = BoundStatement(
            Self.scheduleDeletion,
            AuditColumns.values(event) + MailColumns.values(notice) + ["user": .uuid(user.uuid), "grace": .microseconds(grace)])
        let rows = try await database.run([AccountRow.lock(user), schedule], at: .key(user.routing))
        return try decoding(Self.scheduleDeletion) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.timestamp("deleted_after") }
        }
    }

    /// After the grace it is too late: another instance may be erasing the account.
    static let restoreAccount = PostgresStatement(
        "restore_account", .writes, parameters: AuditColumns.parameters + RedeemedToken.parameters + ["user": .uuid],
        sql: """
            WITH \(RedeemedToken.redeemed), account AS (
                UPDATE users u SET deleted_after = NULL
                FROM redeemed r
                WHERE u.routing = :routing AND u.id = :user AND u.id = r.user_id AND u.deleted_after > now()
                RETURNING u.id
            ), event AS (
                \(AuditColumns.insert(user: "account.id", from: "account"))
            )
            SELECT id FROM account
            """)

    public func restore(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool {
        let restore = BoundStatement(
            Self.restoreAccount, AuditColumns.values(event) + RedeemedToken.values(token) + ["user": .uuid(user.uuid)])
        return try await !database.run([AccountRow.lock(user), restore], at: .key(user.routing)).isEmpty
    }
}
