public import AuthCore
import LibPQ

/// Recovery of accounts by one-time tokens.
public struct PostgresRecoveryStore: RecoveryStore {
    private let database: PostgresDatabase

    /// - Parameter database: has the tables.
    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [resetPassword, forgetFailures, secureAccount]

    /// Runs after `lock_account`, so no login that has read the old password opens a session after it: the epoch has passed. Whoever has
    /// the mail has proved the address. A mail to a former address sets no password.
    static let resetPassword = PostgresStatement(
        "reset_password", .writes,
        parameters: AuditColumns.parameters + MailColumns.parameters + RedeemedToken.parameters + ["password_hash": .text],
        sql: """
            WITH \(RedeemedToken.redeemed), account AS (
                UPDATE users u
                SET password_hash = :password_hash, password_changed_at = now(), password_reset_required = false,
                    session_epoch = u.session_epoch + 1,
                    email_verified_at = coalesce(u.email_verified_at, now())
                FROM redeemed r
                WHERE u.routing = :routing AND u.id = r.user_id AND u.email = r.email
                RETURNING u.id, u.email
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'password'
                FROM account
                WHERE s.routing = :routing AND s.user_id = account.id AND \(SessionCondition.hasNotEnded("s"))
                RETURNING s.id
            ), \(RedeemedToken.revoked(RedeemedToken.ofCredentials, of: "account")), mail AS (
                \(MailColumns.insert(user: "id", email: "email", from: "account"))
            ), event AS (
                \(AuditColumns.insert(
                    user: "account.id",
                    details: "jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))",
                    from: "account"))
            )
            SELECT id FROM account
            """)

    /// The failed logins at the address are those of strangers, or of the owner who did not know the password.
    static let forgetFailures = PostgresStatement(
        "forget_failures_of_address", .writes, parameters: ["address": .text],
        sql: "DELETE FROM login_failures f WHERE f.routing = address_routing(:address) AND f.address = :address AND f.network = '::/0'")

    public func reset(_ order: PasswordResetOrder) async throws(AuthError) -> Bool {
        let reset = BoundStatement(
            Self.resetPassword,
            AuditColumns.values(order.event) + MailColumns.values(order.notice) + RedeemedToken.values(order.token) + [
                "password_hash": .text(order.passwordHash.phc)
            ])
        let isReset = try await !database.run([AccountRow.lock(order.user), reset], at: .key(order.user.routing)).isEmpty
        // Only after that, because another's mail must not end a block. If it fails, the block ends by itself later.
        if isReset {
            _ = try? await database.run(Self.forgetFailures, ["address": .text(order.email.canonical)], at: .address(order.email))
        }
        return isReset
    }

    /// Runs after `lock_account`. The mail that resets the password goes only to the address that got the token: another address may be the
    /// stranger's.
    static let secureAccount = PostgresStatement(
        "secure_account", .writes,
        parameters: AuditColumns.parameters + MailColumns.parameters + RedeemedToken.parameters + ["freeze": .int8],
        sql: """
            WITH \(RedeemedToken.redeemed), account AS (
                UPDATE users u
                SET password_reset_required = true, session_epoch = u.session_epoch + 1,
                    deleted_after = CASE WHEN u.deleted_after <= now() THEN u.deleted_after END,
                    email_frozen_until = now() + :freeze * interval '1 microsecond'
                FROM redeemed r
                WHERE u.routing = :routing AND u.id = r.user_id
                RETURNING u.id, u.email, u.email = r.email AS is_recipient
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'secured'
                FROM account
                WHERE s.routing = :routing AND s.user_id = account.id AND \(SessionCondition.hasNotEnded("s"))
                RETURNING s.id
            ), \(RedeemedToken.revoked(RedeemedToken.ofCredentials, of: "account")), mail AS (
                \(MailColumns.insert(user: "id", email: "email", from: "account", where: "is_recipient"))
            ), event AS (
                \(AuditColumns.insert(
                    user: "account.id",
                    details: "jsonb_build_object('sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended))",
                    from: "account"))
            )
            SELECT id FROM account
            """)

    public func secure(_ order: SecuringOrder) async throws(AuthError) -> Bool {
        let secure = BoundStatement(
            Self.secureAccount,
            AuditColumns.values(order.event) + MailColumns.values(order.reset) + RedeemedToken.values(order.token) + [
                "freeze": .microseconds(order.freeze)
            ])
        return try await !database.run([AccountRow.lock(order.user), secure], at: .key(order.user.routing)).isEmpty
    }
}
