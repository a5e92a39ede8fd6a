public import AuthCore
import LibPQ

/// Accounts that their owners delete, by `deleted_after` in `users`.
public struct PostgresDeletionStore: DeletionStore {
    private let database: PostgresDatabase

    /// - Parameter database: has the tables.
    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [scheduleDeletion, restoreAccount, findDue, eraseAccount, eraseAddress, dropHeldAddresses]

    /// Runs after `lock_account`. The new epoch ends also the sessions of logins that have read the password already and wait for the lock.
    static let scheduleDeletion = PostgresStatement(
        "schedule_deletion", .writes, parameters: AuditColumns.parameters + MailColumns.parameters + ["user": .uuid, "grace": .int8],
        sql: """
            WITH account AS (
                UPDATE users u SET deleted_after = now() + :grace * interval '1 microsecond', session_epoch = u.session_epoch + 1
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

    static let findDue = PostgresStatement(
        "find_due_deletions", .reads, parameters: ["limit": .int4],
        sql: """
            SELECT u.id, u.email FROM users u
            WHERE u.routing >= 0 AND u.deleted_after <= now()
            ORDER BY u.deleted_after LIMIT :limit
            """)

    public func due(limit: Int) async throws(AuthError) -> [(user: UserID, email: String)] {
        let results = try await database.runOnAllShards(Self.findDue, ["limit": .int4(Int32(limit))])
        return try decoding(Self.findDue) { () throws(PostgresError) in
            var due: [(user: UserID, email: String)] = []
            for rows in results { for row in rows { due.append((UserID(try row.uuid("id")), try row.text("email"))) } }
            return due
        }
    }

    /// The foreign keys remove the sessions, tokens, mails and devices together with the account. The event names no address.
    static let eraseAccount = PostgresStatement(
        "erase_account", .writes, parameters: AuditColumns.parameters + ["user": .uuid],
        sql: """
            WITH account AS (
                DELETE FROM users u WHERE u.routing = :routing AND u.id = :user AND u.deleted_after <= now() RETURNING u.id
            ), event AS (
                \(AuditColumns.insert(user: "account.id", from: "account"))
            )
            SELECT id FROM account
            """)

    /// What is known of an address besides its account: failed logins, requests for mails, and mails to strangers.
    static let eraseAddress = PostgresStatement(
        "erase_address", .writes, parameters: ["address": .text, "user": .uuid],
        sql: """
            WITH addresses AS (
                DELETE FROM user_emails e WHERE e.routing = address_routing(:address) AND e.address = :address AND e.user_id = :user
            ), failures AS (
                DELETE FROM login_failures f WHERE f.routing = address_routing(:address) AND f.address = :address
            ), budgets AS (
                DELETE FROM mail_budgets b WHERE b.routing = address_routing(:address) AND b.address = :address
            ), suppressions AS (
                DELETE FROM mail_suppressions s WHERE s.routing = address_routing(:address) AND s.address = :address
            ), tokens AS (
                DELETE FROM one_time_tokens t WHERE t.routing = address_routing(:address) AND t.address = :address AND t.user_id IS NULL
            )
            DELETE FROM mails m WHERE m.routing = address_routing(:address) AND m.address = :address
            """)

    /// One PostgreSQL has none after the account is gone.
    static let dropHeldAddresses = PostgresStatement(
        "drop_held_addresses", .writes, parameters: ["routing": .int4, "user": .uuid],
        sql: "DELETE FROM user_emails e WHERE e.account_routing = :routing AND e.user_id = :user")

    /// What is about the address comes first: the account is found until its last row is gone.
    public func erase(_ user: UserID, email: EmailAddress, event: AuditEvent) async throws(AuthError) -> Bool {
        let account = BoundStatement(Self.eraseAccount, AuditColumns.values(event) + ["user": .uuid(user.uuid)])
        let address = BoundStatement(Self.eraseAddress, ["address": .text(email.canonical), "user": .uuid(user.uuid)])
        let lock = AccountRow.lock(user)
        guard database.isDistributed else {
            return try await !database.run([lock, address, account], at: .key(user.routing)).isEmpty
        }
        _ = try await database.run([address], at: .address(email))
        _ = try await database.runOnAllShards(
            Self.dropHeldAddresses, ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)])
        return try await !database.run([lock, account], at: .key(user.routing)).isEmpty
    }
}
