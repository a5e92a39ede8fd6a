public import AuthCore
import LibPQ

extension PostgresEmailStore {
    static let changeStatements = [changeEmail, changeEmailOfClaimedAddress]

    /// Runs after `lock_account`, so of two changes that are confirmed at the same time the second sees the first.
    static let changeEmail = change("change_email_by_token", claimed, failures)

    /// The same with Citus, where the address was claimed by a transaction before this one.
    static let changeEmailOfClaimedAddress = change("change_email_of_claimed_address", "claimed AS (SELECT user_id FROM redeemed)", nil)

    /// Gives the address to the account, if it is free, or if it was the account's before. The old address is kept for its owner.
    private static let claimed = """
        claimed AS (
            INSERT INTO user_emails AS e (routing, address, user_id, account_routing)
            SELECT address_routing(:address), :address, r.user_id, :routing FROM redeemed r
            ON CONFLICT (address, routing) DO UPDATE
            SET user_id = excluded.user_id, account_routing = excluded.account_routing, held_until = NULL
            WHERE e.user_id = excluded.user_id OR e.held_until <= now()
            RETURNING e.user_id
        ), held AS (
            UPDATE user_emails e SET held_until = now() + :hold * interval '1 microsecond'
            FROM claimed c
            WHERE e.account_routing = :routing AND e.user_id = c.user_id AND e.held_until IS NULL AND e.address <> :address
        )
        """

    /// What strangers tried at the address before must not keep its owner out.
    private static let failures = """
        forgotten AS (
            DELETE FROM login_failures f
            WHERE f.routing = address_routing(:address) AND f.address = :address AND EXISTS (SELECT FROM account)
        )
        """

    private static func change(_ name: String, _ claimed: String, _ failures: String?) -> PostgresStatement {
        let address: PostgresNamed<PostgresType> = failures == nil ? [:] : ["hold": .int8]
        return PostgresStatement(
            name, .writes,
            parameters: AuditColumns.parameters + MailColumns.parameters + RedeemedToken.parameters + [
                "user": .uuid, "email": .text, "address": .text,
            ] + address,
            sql: """
                WITH before AS MATERIALIZED (
                    SELECT u.id, u.email, coalesce(u.email_frozen_until > now(), false) AS is_frozen
                    FROM users u
                    WHERE u.routing = :routing AND u.id = :user AND u.disabled_at IS NULL AND u.deleted_after IS NULL
                ), redeemed AS (
                    UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'redeemed'
                    FROM before
                    WHERE t.routing = :routing AND t.id = :token AND t.user_id = before.id AND NOT before.is_frozen
                      AND \(RedeemedToken.works)
                    RETURNING t.user_id
                ), \(claimed), account AS (
                    UPDATE users u SET email = :email, email_verified_at = now()
                    FROM claimed c
                    WHERE u.routing = :routing AND u.id = c.user_id
                    RETURNING u.id
                ), \(RedeemedToken.revoked([.resetPassword, .confirmEmail, .verifyEmail], of: "account")), mail AS (
                    \(MailColumns.insert(
                        user: "account.id", email: "before.email", details: "'new_email', :email", from: "account, before"))
                ), event AS (
                    \(AuditColumns.insert(
                        user: "account.id", details: "jsonb_build_object('email', :address, 'before', before.email)",
                        from: "account, before"))
                )\(failures.map { failures in ", \(failures)" } ?? "")
                SELECT before.is_frozen, EXISTS (SELECT FROM redeemed) AS is_redeemed, EXISTS (SELECT FROM account) AS is_changed
                FROM before
                """)
    }

    public func change(_ change: EmailChangeOrder) async throws(AuthError) {
        let values: PostgresNamed<PostgresValue> = [
            "user": .uuid(change.user.uuid), "email": .text(change.email.text), "address": .text(change.email.canonical),
        ]
        let common =
            AuditColumns.values(change.event) + MailColumns.values(change.notice) + RedeemedToken.values(change.token) + values
        guard !database.isDistributed else {
            return try await changeInSteps(change, BoundStatement(Self.changeEmailOfClaimedAddress, common))
        }
        try await run(Self.changeEmail, common + ["hold": .microseconds(change.hold)], of: change.user)
    }

    /// Runs a change of address and throws its refusal.
    func run(_ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue>, of user: UserID) async throws(AuthError) {
        try await run(BoundStatement(statement, values), of: user)
    }

    func run(_ change: BoundStatement, of user: UserID) async throws(AuthError) {
        let rows = try await database.run([AccountRow.lock(user), change], at: .key(user.routing))
        let refusal = try decoding(change.statement) { () throws(PostgresError) in
            guard let row = rows.first else { return AuthError?.some(.invalidOneTimeToken) }
            if try row.bool("is_changed") { return nil }
            if try row.bool("is_redeemed") { return .emailTaken }
            return try row.bool("is_frozen") ? .emailFrozen : .invalidOneTimeToken
        }
        if let refusal { throw refusal }
    }
}
