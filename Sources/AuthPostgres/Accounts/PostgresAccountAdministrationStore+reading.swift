public import AuthCore
import FoundationEssentials
import LibPQ

extension PostgresAccountAdministrationStore {
    static let readStatements = [findOwner, findAccount, listAccounts]

    private static let state = """
        u.id, u.email, u.created_at, u.email_verified_at, u.profile ->> 'display_name' AS display_name, u.profile ->> 'locale' AS locale,
        u.password_reset_required, u.email_frozen_until, u.disabled_at, u.disabled_reason, u.disabled_until, u.deleted_after
        """

    /// This and ``findAccount`` are two statements, because the address may have another routing key than the account.
    static let findOwner = PostgresStatement(
        "find_owner", .reads, parameters: ["address": .text],
        sql: """
            SELECT a.user_id, EXISTS (
                       SELECT FROM login_failures f WHERE f.routing = a.routing AND f.address = a.address AND f.blocked_until > now()
                   ) AS is_blocked
            FROM user_emails a
            WHERE a.routing = address_routing(:address) AND a.address = :address AND a.held_until IS NULL
            """)

    static let findAccount = PostgresStatement(
        "find_account", .reads, parameters: ["routing": .int4, "user": .uuid],
        sql: """
            SELECT \(state), (
                       SELECT count(*) FROM sessions s
                       WHERE s.routing = u.routing AND s.user_id = u.id AND \(SessionCondition.isAlive("s", of: "u"))
                   ) AS live_sessions
            FROM users u
            WHERE u.routing = :routing AND u.id = :user
            """)

    public func find(_ email: EmailAddress) async throws(AuthError) -> AccountRecord? {
        let owners = try await database.run(Self.findOwner, ["address": .text(email.canonical)], at: .address(email))
        guard let owner = owners.first else { return nil }
        let (user, isBlocked) = try decoding(Self.findOwner) { () throws(PostgresError) in
            (UserID(try owner.uuid("user_id")), try owner.bool("is_blocked"))
        }
        let rows = try await database.run(
            Self.findAccount, ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)], at: .key(user.routing))
        guard let row = rows.first else {
            _ = try await OrphanedAddresses(database: database).release(email)
            return nil
        }
        return try decoding(Self.findAccount) { () throws(PostgresError) in
            AccountRecord(try AccountState(row), liveSessions: try row.int8("live_sessions"), isBlocked: isBlocked)
        }
    }

    /// In the order of the primary key, whose first octets are the time.
    static let listAccounts = PostgresStatement(
        "list_accounts", .reads, parameters: ["before": .uuid, "limit": .int4],
        sql: """
            SELECT \(state) FROM users u
            WHERE u.routing >= 0 AND u.id < :before
            ORDER BY u.id DESC
            LIMIT :limit
            """)

    public func list(after last: UserID?, limit: Int) async throws(AuthError) -> [AccountState] {
        let results = try await database.runOnAllShards(
            Self.listAccounts, ["before": .uuid(last?.uuid ?? Self.greatestID), "limit": .int4(Int32(limit))])
        let accounts = try decoding(Self.listAccounts) { () throws(PostgresError) in
            var accounts: [AccountState] = []
            for rows in results { for row in rows { accounts.append(try AccountState(row)) } }
            return accounts
        }
        return Array(accounts.sorted { left, right in left.user.id.uuid > right.user.id.uuid }.prefix(limit))
    }

    private static let greatestID = UUID(uuidString: "ffffffff-ffff-ffff-ffff-ffffffffffff")!
}

extension AccountState {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(User(id: UserID(try row.uuid("id")), email: try row.text("email"), createdAt: try row.timestamp("created_at")))
        verifiedAt = try row.optionalTimestamp("email_verified_at")
        displayName = try row.optionalText("display_name")
        locale = try row.optionalText("locale")
        mustResetPassword = try row.bool("password_reset_required")
        frozenUntil = try row.optionalTimestamp("email_frozen_until")
        disabledAt = try row.optionalTimestamp("disabled_at")
        disabledReason = try row.optionalText("disabled_reason")
        disabledUntil = try row.optionalTimestamp("disabled_until")
        deletedAfter = try row.optionalTimestamp("deleted_after")
    }
}
