public import AuthCore
import LibPQ

/// Changes of accounts by operators.
public struct PostgresAccountAdministrationStore: AccountAdministrationStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements =
        readStatements + [disableAccount, enableAccount, releaseAddress, freeAddress, renameAccount] + addressStatements

    /// The trigger `users_disabling_raises_epoch` raises the epoch, so all earlier sessions are over, whatever their rows say.
    static let disableAccount = change(
        "disable_account",
        details: "'sessions', (SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM ended), 'until', (SELECT disabled_until FROM account)",
        parameters: ["duration": .int8] + MailColumns.parameters,
        """
        account AS (
            UPDATE users SET disabled_at = now(), disabled_reason = :reason,
                             disabled_until = least(now() + :duration * interval '1 microsecond', '9999-12-31+00')
            WHERE routing = :routing AND id = :user AND (disabled_at IS NULL OR disabled_until <= now())
            RETURNING id, email, disabled_until
        ), mail AS (
            \(MailColumns.insert(user: "id", email: "email", details: "'reason', :reason", from: "account"))
        ), ended AS (
            UPDATE sessions s SET ended_at = now(), ended_by = 'disabled'
            FROM account
            WHERE s.routing = :routing AND s.user_id = account.id AND \(SessionCondition.hasNotEnded("s"))
            RETURNING s.id
        )
        """)

    public func disable(
        _ user: UserID, for duration: Duration?, notice: NewMail?, note: AdministrationNote, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        let values: PostgresNamed<PostgresValue> = ["duration": duration.map(PostgresValue.microseconds) ?? .null]
        return try await run(Self.disableAccount, user, note, event, values + MailColumns.values(notice))
    }

    static let enableAccount = change(
        "enable_account",
        """
        account AS (
            UPDATE users SET disabled_at = NULL, disabled_reason = NULL, disabled_until = NULL
            WHERE routing = :routing AND id = :user AND disabled_at IS NOT NULL
            RETURNING id
        )
        """)

    public func enable(_ user: UserID, note: AdministrationNote, event: AuditEvent) async throws(AuthError) -> Bool {
        try await run(Self.enableAccount, user, note, event)
    }

    /// After that, another account may get the address. That account begins without failed logins.
    static let releaseAddress = PostgresStatement(
        "release_address", .writes, parameters: ["address": .text, "user": .uuid],
        sql: """
            WITH released AS (
                DELETE FROM user_emails WHERE routing = address_routing(:address) AND address = :address AND user_id = :user RETURNING true
            )
            DELETE FROM login_failures
            WHERE routing = address_routing(:address) AND address = :address AND EXISTS (SELECT FROM released)
            """)

    /// Removes the row of an address that is held for a former owner, if its time is over or if this account is that owner.
    static let freeAddress = PostgresStatement(
        "free_address", .writes, parameters: ["address": .text, "user": .uuid],
        sql: """
            DELETE FROM user_emails e
            WHERE e.routing = address_routing(:address) AND e.address = :address AND (e.held_until <= now()
                  OR e.held_until IS NOT NULL AND e.user_id = :user)
            """)

    static func freeing(_ email: EmailAddress, for user: UserID) -> BoundStatement {
        BoundStatement(freeAddress, ["address": .text(email.canonical), "user": .uuid(user.uuid)])
    }

    static func release(_ email: EmailAddress, of user: UserID) -> BoundStatement {
        BoundStatement(releaseAddress, ["address": .text(email.canonical), "user": .uuid(user.uuid)])
    }

    static let renameAccount = change(
        "rename_account", email: ":new_address", details: "'before', :address", parameters: ["new_address": .text, "new_email": .text],
        """
        address AS (
            UPDATE user_emails SET routing = address_routing(:new_address), address = :new_address
            WHERE account_routing = :routing AND user_id = :user AND held_until IS NULL
              AND NOT EXISTS (
                  SELECT FROM user_emails other
                  WHERE other.routing = address_routing(:new_address) AND other.address = :new_address AND other.user_id <> :user
              )
            RETURNING user_id
        ), account AS (
            UPDATE users u SET email = :new_email, email_verified_at = NULL
            FROM address
            WHERE u.routing = :routing AND u.id = address.user_id
            RETURNING u.id
        ), counted AS (
            -- What strangers tried at the address before must not keep its owner out.
            DELETE FROM login_failures
            WHERE routing = address_routing(:new_address) AND address = :new_address AND :new_address <> :address
              AND EXISTS (SELECT FROM account)
        )
        """)

    public func rename(
        _ user: UserID, to email: EmailAddress, note: AdministrationNote, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        guard try database.isOneTransaction((.address(note.email), .address(email))),
            try database.isOneTransaction((.address(email), .key(user.routing)))
        else { return try await renameInSteps(user, to: email, note: note, event: event) }
        return try await run(
            Self.renameAccount, user, note, event, ["new_address": .text(email.canonical), "new_email": .text(email.text)],
            before: [Self.freeing(email, for: user)])
    }

    /// A statement that changes an account and tells of it in an event. It returns a row if there was something to change.
    ///
    /// - Parameters:
    ///   - email: SQL for the address that the event names.
    ///   - details: what the event says besides the address and the reason, as arguments of `jsonb_build_object`.
    ///   - expressions: common table expressions, among them `account`, the changed account.
    static func change(
        _ name: String, email: String = ":address", details: String? = nil, parameters: PostgresNamed<PostgresType> = [:],
        _ expressions: String
    ) -> PostgresStatement {
        let details = details.map { details in ", \(details)" } ?? ""
        return PostgresStatement(
            name, .writes, parameters: AuditColumns.parameters + ["user": .uuid, "address": .text, "reason": .text] + parameters,
            sql: """
                WITH \(expressions), event AS (
                    \(AuditColumns.insert(
                        user: "account.id",
                        details: "jsonb_strip_nulls(jsonb_build_object('email', \(email), 'reason', :reason\(details)))", from: "account"))
                )
                SELECT id FROM account
                """)
    }

    /// - Returns: whether there was something to change.
    func run(
        _ statement: PostgresStatement, _ user: UserID, _ note: AdministrationNote, _ event: AuditEvent,
        _ more: PostgresNamed<PostgresValue> = [:], before: [BoundStatement] = []
    ) async throws(AuthError) -> Bool {
        let values: PostgresNamed<PostgresValue> = [
            "user": .uuid(user.uuid), "address": .text(note.email.canonical), "reason": .optional(note.reason),
        ]
        let change = BoundStatement(statement, AuditColumns.values(event) + values + more)
        return try await !database.run([AccountRow.lock(user)] + before + [change], at: .key(user.routing)).isEmpty
    }
}
