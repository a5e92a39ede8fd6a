public import AuthCore
import FoundationEssentials
import LibPQ

extension PostgresMailStore: MailQueueStore {
    static let queueStatements = [claimMails, findMailAccount, findSuppression, finishMail, removeMail] + tokenStatements

    /// A mail that is being sent is due again when its lease is over, because its sender may be gone.
    static let claimMails = PostgresStatement(
        "claim_mails", .writes, parameters: ["limit": .int4, "lease": .int8],
        sql: """
            WITH due AS (
                SELECT m.routing, m.id FROM mails m
                WHERE m.finished_at IS NULL AND m.due_at <= now()
                ORDER BY m.due_at
                LIMIT :limit
                FOR UPDATE SKIP LOCKED
            )
            UPDATE mails m
            SET state = 'sending', attempts = m.attempts + 1, due_at = now() + :lease * interval '1 microsecond'
            FROM due
            WHERE m.routing = due.routing AND m.id = due.id
            RETURNING m.id, m.kind, m.user_id, m.email, m.locale, m.created_at, m.attempts,
                      m.details ->> 'ip' AS ip, m.details ->> 'user_agent' AS user_agent, m.details ->> 'new_email' AS new_email,
                      m.details ->> 'reason' AS reason,
                      (extract(epoch FROM now() - m.created_at) * 1000000)::int8 AS age,
                      EXISTS (
                          SELECT FROM mails n
                          WHERE n.routing = m.routing AND n.kind = m.kind AND n.id > m.id AND n.state NOT IN ('cancelled', 'suppressed')
                            AND (n.user_id = m.user_id OR n.address = m.address)
                      ) AS has_successor
            """)

    public func claim(limit: Int, lease: Duration) async throws(AuthError) -> [ClaimedMail] {
        let (results, failure) = try await database.runOnShards(
            Self.claimMails, ["limit": .int4(Int32(limit)), "lease": .microseconds(lease)])
        let mails = try decoding(Self.claimMails) { () throws(PostgresError) in
            var mails: [ClaimedMail] = []
            for rows in results { for row in rows { try ClaimedMail(row).map { mail in mails.append(mail) } } }
            return mails
        }
        if mails.isEmpty, let failure { throw failure }
        return mails
    }

    static let findMailAccount = PostgresStatement(
        "find_mail_account", .reads, parameters: ["routing": .int4, "user": .uuid],
        sql: """
            SELECT u.id, u.email, u.profile ->> 'locale' AS locale,
                   CASE WHEN u.email_verified_at IS NOT NULL THEN u.profile ->> 'display_name' END AS display_name, u.disabled_at IS NOT NULL AND coalesce(u.disabled_until > now(), true) AS is_disabled, u.deleted_after
            FROM users u
            WHERE u.routing = :routing AND u.id = :user
            """)

    public func account(_ user: UserID) async throws(AuthError) -> MailAccount? {
        let rows = try await database.run(
            Self.findMailAccount, ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)], at: .key(user.routing),
            on: .background)
        return try decoding(Self.findMailAccount) { () throws(PostgresError) in try rows.first.map(MailAccount.init) }
    }

    public func owner(of email: EmailAddress) async throws(AuthError) -> MailAccount? {
        let rows = try await database.run(
            AccountRow.findAddress, ["address": .text(email.canonical)], at: .address(email), on: .background)
        let owner = try decoding(AccountRow.findAddress) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in UserID(try row.uuid("user_id")) }
        }
        guard let owner else { return nil }
        return try await account(owner)
    }

    static let findSuppression = PostgresStatement(
        "find_mail_suppression", .reads, parameters: ["address": .text],
        sql: "SELECT s.reason FROM mail_suppressions s WHERE s.routing = address_routing(:address) AND s.address = :address")

    public func suppression(of email: EmailAddress) async throws(AuthError) -> String? {
        let rows = try await database.run(
            Self.findSuppression, ["address": .text(email.canonical)], at: .address(email), on: .background)
        return try decoding(Self.findSuppression) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.text("reason") }
        }
    }

    /// Only the attempt that the mail counts last may end it.
    static let finishMail = PostgresStatement(
        "finish_mail", .writes,
        parameters: ["routing": .int4, "mail": .uuid, "attempt": .int4, "state": .text, "answer": .text, "delay": .int8],
        sql: """
            UPDATE mails m
            SET state = :state, answer = left(:answer, 500), due_at = now() + :delay * interval '1 microsecond',
                finished_at = CASE WHEN :state <> 'queued' THEN now() END
            WHERE m.routing = :routing AND m.id = :mail AND m.attempts = :attempt AND m.state = 'sending'
            """)

    static let removeMail = PostgresStatement(
        "remove_mail", .writes, parameters: ["routing": .int4, "mail": .uuid, "attempt": .int4],
        sql: "DELETE FROM mails m WHERE m.routing = :routing AND m.id = :mail AND m.attempts = :attempt AND m.state = 'sending'")

    public func finish(_ mail: ClaimedMail, _ result: MailResult) async throws(AuthError) {
        let key: PostgresNamed<PostgresValue> = [
            "routing": .int4(mail.id.routing.value), "mail": .uuid(mail.id.uuid), "attempt": .int4(mail.attempt),
        ]
        guard let columns = result.columns else {
            _ = try await database.run(Self.removeMail, key, at: .key(mail.id.routing), on: .background)
            return
        }
        _ = try await database.run(
            Self.finishMail,
            key + ["state": .text(columns.state), "answer": .text(columns.answer), "delay": .microseconds(columns.delay)],
            at: .key(mail.id.routing), on: .background)
    }
}

extension MailResult {
    /// `nil` if the row is removed.
    fileprivate var columns: (state: String, answer: String, delay: Duration)? {
        switch self {
        case .sent(let answer): ("sent", answer, .zero)
        case .deferred(let reason, let delay): ("queued", reason, delay)
        case .failed(let answer): ("failed", answer, .zero)
        case .givenUp(let reason): ("given_up", reason, .zero)
        case .suppressed(let reason): ("suppressed", reason, .zero)
        case .cancelled(let reason): ("cancelled", reason, .zero)
        case .unwanted: nil
        }
    }
}

extension ClaimedMail {
    /// `nil` for a kind of a newer version. That version sends it, when the lease is over.
    fileprivate init?(_ row: PostgresRow) throws(PostgresError) {
        guard let kind = MailKind(rawValue: try row.text("kind")) else { return nil }
        self.init(
            id: MailID(try row.uuid("id")), kind: kind, userID: try row.optionalUUID("user_id").map(UserID.init),
            email: try row.text("email"), locale: try row.optionalText("locale").flatMap(MailLocale.init(tag:)),
            details: MailDetails(
                ip: try row.optionalText("ip"), userAgent: try row.optionalText("user_agent"), newEmail: try row.optionalText("new_email"),
                reason: try row.optionalText("reason")),
            createdAt: try row.timestamp("created_at"), age: .microseconds(try row.int8("age")), attempt: try row.int4("attempts"),
            hasSuccessor: try row.optionalBool("has_successor") ?? false)
    }
}

extension MailAccount {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: UserID(try row.uuid("id")), email: try row.text("email"), displayName: try row.optionalText("display_name"),
            locale: try row.optionalText("locale").flatMap(MailLocale.init(tag:)), isDisabled: try row.bool("is_disabled"),
            deletedAfter: try row.optionalTimestamp("deleted_after"))
    }
}
