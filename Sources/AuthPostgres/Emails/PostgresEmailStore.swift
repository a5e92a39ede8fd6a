public import AuthCore
import LibPQ

/// The addresses of accounts in `users` and `user_emails`.
public struct PostgresEmailStore: EmailStore {
    let database: PostgresDatabase

    /// - Parameter database: has the tables.
    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [queueVerification, verifyEmail, queueChange] + changeStatements + undoStatements + stepStatements

    static let queueVerification = PostgresStatement(
        "queue_verification", .writes, parameters: AuditColumns.parameters + MailColumns.parameters + ["user": .uuid],
        sql: """
            WITH account AS (
                SELECT u.id, u.email FROM users u WHERE u.routing = :routing AND u.id = :user AND u.email_verified_at IS NULL
            ), mail AS (
                \(MailColumns.insert(user: "id", email: "email", from: "account"))
            ), event AS (
                \(AuditColumns.insert(user: "account.id", from: "account"))
            )
            SELECT id FROM account
            """)

    public func queueVerification(of user: UserID, mail: NewMail, event: AuditEvent) async throws(AuthError) -> Bool {
        try await !database.run(
            Self.queueVerification, AuditColumns.values(event) + MailColumns.values(mail) + ["user": .uuid(user.uuid)],
            at: .key(user.routing)
        ).isEmpty
    }

    /// Runs after `lock_account`.
    static let verifyEmail = PostgresStatement(
        "verify_email", .writes, parameters: AuditColumns.parameters + RedeemedToken.parameters + ["user": .uuid],
        sql: """
            WITH \(RedeemedToken.redeemed), account AS (
                UPDATE users u SET email_verified_at = now()
                FROM redeemed r
                WHERE u.routing = :routing AND u.id = :user AND u.id = r.user_id AND u.email = r.email
                RETURNING u.id
            ), \(RedeemedToken.revoked([.verifyEmail], of: "account")), event AS (
                \(AuditColumns.insert(user: "account.id", from: "account"))
            )
            SELECT id FROM account
            """)

    public func verify(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool {
        let verify = BoundStatement(
            Self.verifyEmail, AuditColumns.values(event) + RedeemedToken.values(token) + ["user": .uuid(user.uuid)])
        return try await !database.run([AccountRow.lock(user), verify], at: .key(user.routing)).isEmpty
    }

    static let queueChange = PostgresStatement(
        "queue_email_change", .writes,
        parameters: AuditColumns.parameters + MailColumns.parameters + ["user": .uuid, "email": .text],
        sql: """
            WITH account AS (
                SELECT u.id, coalesce(u.email_frozen_until > now(), false) AS is_frozen
                FROM users u WHERE u.routing = :routing AND u.id = :user
            ), mail AS (
                \(MailColumns.insert(user: "id", email: ":email", from: "account", where: "NOT is_frozen"))
            ), event AS (
                \(AuditColumns.insert(
                    outcome: "CASE WHEN is_frozen THEN 'failure' ELSE 'success' END", user: "account.id",
                    details: "jsonb_build_object('new_email', :email)", from: "account"))
            )
            SELECT is_frozen FROM account
            """)

    public func queueChange(of user: UserID, to email: EmailAddress, mail: NewMail, event: AuditEvent) async throws(AuthError) {
        let rows = try await database.run(
            Self.queueChange,
            AuditColumns.values(event) + MailColumns.values(mail) + ["user": .uuid(user.uuid), "email": .text(email.text)],
            at: .key(user.routing))
        let isFrozen = try decoding(Self.queueChange) { () throws(PostgresError) in try rows.first?.bool("is_frozen") }
        if isFrozen == true { throw .emailFrozen }
    }
}
