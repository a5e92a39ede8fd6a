public import AuthCore
import LibPQ

extension PostgresDeletionStore {
    static let erasureStatements = [condemnAccount, findDue, findAddresses, eraseAccount, eraseAddress, dropHeldAddresses]

    /// Runs after `lock_account`. The new epoch ends also the sessions of logins that wait for the lock.
    static let condemnAccount = PostgresStatement(
        "condemn_account", .writes, parameters: ["routing": .int4, "user": .uuid],
        sql: """
            UPDATE users u SET deleted_after = least(u.deleted_after, now()), session_epoch = u.session_epoch + 1
            WHERE u.routing = :routing AND u.id = :user
            RETURNING u.id
            """)

    public func condemn(_ user: UserID) async throws(AuthError) -> Bool {
        let steps = [AccountRow.lock(user), BoundStatement(Self.condemnAccount, Self.key(user))]
        return try await !database.run(steps, at: .key(user.routing)).isEmpty
    }

    static let findDue = PostgresStatement(
        "find_due_deletions", .reads, parameters: ["limit": .int4],
        sql: """
            SELECT u.id FROM users u
            WHERE u.routing >= 0 AND u.deleted_after <= now()
            ORDER BY u.deleted_after LIMIT :limit
            """)

    public func due(limit: Int) async throws(AuthError) -> [UserID] {
        let results = try await database.runOnAllShards(Self.findDue, ["limit": .int4(Int32(limit))])
        return try decoding(Self.findDue) { () throws(PostgresError) in
            var due: [UserID] = []
            for rows in results { for row in rows { due.append(UserID(try row.uuid("id"))) } }
            return due
        }
    }

    /// With Citus an address may be in another shard than the account.
    static let findAddresses = PostgresStatement(
        "find_addresses", .reads, parameters: ["routing": .int4, "user": .uuid],
        sql: """
            SELECT u.email AS address FROM users u WHERE u.routing = :routing AND u.id = :user
            UNION ALL
            SELECT e.address FROM user_emails e WHERE e.account_routing = :routing AND e.user_id = :user
            """)

    public func addresses(of user: UserID) async throws(AuthError) -> [String] {
        let results = try await database.runOnAllShards(Self.findAddresses, Self.key(user))
        return try decoding(Self.findAddresses) { () throws(PostgresError) in
            var addresses: [String] = []
            for rows in results { for row in rows { addresses.append(try row.text("address")) } }
            return addresses
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

    /// What is about the addresses comes first: the account is found until its last row is gone.
    public func erase(_ user: UserID, addresses: [EmailAddress], event: AuditEvent) async throws(AuthError) -> Bool {
        let account = BoundStatement(Self.eraseAccount, AuditColumns.values(event) + ["user": .uuid(user.uuid)])
        let lock = AccountRow.lock(user)
        let steps = addresses.map { email in
            (email, BoundStatement(Self.eraseAddress, ["address": .text(email.canonical), "user": .uuid(user.uuid)]))
        }
        guard database.isDistributed else {
            return try await !database.run([lock] + steps.map(\.1) + [account], at: .key(user.routing)).isEmpty
        }
        for (email, step) in steps { _ = try await database.run([step], at: .address(email)) }
        _ = try await database.runOnAllShards(Self.dropHeldAddresses, Self.key(user))
        return try await !database.run([lock, account], at: .key(user.routing)).isEmpty
    }

    private static func key(_ user: UserID) -> PostgresNamed<PostgresValue> {
        ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)]
    }
}
