public import AuthCore
import LibPQ

extension PostgresEmailStore {
    static let undoStatements = [undoChange, undoChangeOfClaimedAddress, findOwnAddress]

    /// Runs after `lock_account`.
    static let undoChange = undo("undo_email_change", claimed, condition: "AND EXISTS (\(ownAddress))")

    /// The address is the account's, or is held for it. Otherwise an earlier change was undone meanwhile, and the address may be a stranger's.
    private static let ownAddress = """
        SELECT FROM user_emails e WHERE e.routing = address_routing(:address) AND e.address = :address AND e.user_id = :user
        """

    /// The same with Citus.
    static let findOwnAddress = PostgresStatement(
        "find_own_address", .reads, parameters: ["address": .text, "user": .uuid], sql: ownAddress)

    /// The same with Citus, where the address was claimed by a transaction before this one.
    static let undoChangeOfClaimedAddress = undo("undo_email_change_of_claimed_address", "claimed AS (SELECT user_id FROM redeemed)")

    /// Gives the account its former address back. Addresses that it got after that are free: they may be a stranger's. Addresses that it had
    /// before stay held, because their owner may undo an earlier change.
    private static let claimed = """
        own AS MATERIALIZED (
            SELECT e.held_until FROM user_emails e
            WHERE e.routing = address_routing(:address) AND e.address = :address AND e.user_id = :user
        ), claimed AS (
            INSERT INTO user_emails AS e (routing, address, user_id, account_routing)
            SELECT address_routing(:address), :address, r.user_id, :routing FROM redeemed r
            ON CONFLICT (address, routing) DO UPDATE
            SET user_id = excluded.user_id, account_routing = excluded.account_routing, held_until = NULL
            WHERE e.user_id = excluded.user_id OR e.held_until <= now()
            RETURNING e.user_id
        ), released AS (
            DELETE FROM user_emails e
            USING claimed c
            WHERE e.account_routing = :routing AND e.user_id = c.user_id AND e.address <> :address
              AND (e.held_until IS NULL OR e.held_until > coalesce((SELECT held_until FROM own), 'infinity'))
        )
        """

    /// If the address belongs to somebody else by now, everything but the address is undone.
    private static func undo(_ name: String, _ claimed: String, condition: String = "") -> PostgresStatement {
        PostgresStatement(
            name, .writes,
            parameters: AuditColumns.parameters + MailColumns.parameters + RedeemedToken.parameters + [
                "user": .uuid, "email": .text, "address": .text, "freeze": .int8,
            ],
            sql: """
                WITH redeemed AS (
                    UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'redeemed'
                    WHERE t.routing = :routing AND t.id = :token AND t.user_id = :user AND \(RedeemedToken.works)
                      \(condition)
                    RETURNING t.user_id, t.created_at
                ), \(claimed), account AS (
                    UPDATE users u
                    SET email = CASE WHEN EXISTS (SELECT FROM claimed) THEN :email ELSE u.email END,
                        email_verified_at = CASE WHEN EXISTS (SELECT FROM claimed) THEN now() ELSE u.email_verified_at END,
                        password_reset_required = true, session_epoch = u.session_epoch + 1,
                        deleted_after = CASE WHEN u.deleted_after <= now() THEN u.deleted_after END,
                        email_frozen_until = now() + :freeze * interval '1 microsecond'
                    FROM redeemed r
                    WHERE u.routing = :routing AND u.id = r.user_id
                    RETURNING u.id, u.email, u.email = :email AS is_undone
                ), ended AS (
                    UPDATE sessions s SET ended_at = now(), ended_by = 'secured'
                    FROM account
                    WHERE s.routing = :routing AND s.user_id = account.id AND \(SessionCondition.hasNotEnded("s"))
                    RETURNING s.id
                ), revoked AS (
                    -- Later changes are undone too, so their tokens must not bring a stranger's address back. Earlier ones stay.
                    UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'revoked'
                    FROM redeemed r
                    WHERE t.routing = :routing AND t.user_id = r.user_id AND t.ended_at IS NULL AND t.id <> :token
                      AND (t.purpose IN ('reset_password', 'confirm_email', 'verify_email')
                           OR t.purpose = 'undo_email' AND t.created_at > r.created_at)
                ), mail AS (
                    \(MailColumns.insert(user: "id", email: "email", from: "account", where: "is_undone"))
                ), event AS (
                    \(AuditColumns.insert(
                        user: "account.id",
                        details: """
                            jsonb_build_object('email', :address, 'is_undone', account.is_undone,
                                               'sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))
                            """,
                        from: "account"))
                )
                SELECT true AS is_redeemed, true AS is_changed, false AS is_frozen FROM account
                """)
    }

    public func undo(_ undo: EmailUndoOrder) async throws(AuthError) {
        let values =
            AuditColumns.values(undo.event) + MailColumns.values(undo.reset) + RedeemedToken.values(undo.token) + [
                "user": .uuid(undo.user.uuid), "email": .text(undo.email.text), "address": .text(undo.email.canonical),
                "freeze": .microseconds(undo.freeze),
            ]
        guard !database.isDistributed else {
            return try await undoInSteps(undo, BoundStatement(Self.undoChangeOfClaimedAddress, values))
        }
        try await run(Self.undoChange, values, of: undo.user)
    }
}
