import AuthCore
import LibPQ

/// The columns of `mails` that the transaction of a cause fills. Their list stands here once.
enum MailColumns {
    /// For statements that have the parameters of ``AuditColumns`` too.
    static let parameters: PostgresNamed<PostgresType> = ["mail": .uuid, "mail_kind": .text]

    /// - Parameter mail: `nil` if nothing is to be queued.
    static func values(_ mail: NewMail?) -> PostgresNamed<PostgresValue> {
        ["mail": mail.map { mail in .uuid(mail.id.uuid) } ?? .null, "mail_kind": mail.map { mail in .text(mail.kind.rawValue) } ?? .null]
    }

    /// SQL that queues the mail for each row of a source, if there is a mail. It tells from which address and with which client the cause
    /// came.
    ///
    /// - Parameters:
    ///   - user: SQL for the id of the account.
    ///   - email: SQL for the recipient.
    ///   - details: what else the mail tells, as arguments of `jsonb_build_object`.
    ///   - rows: what follows `FROM`.
    ///   - condition: a further condition.
    static func insert(user: String, email: String, details: String? = nil, from rows: String, where condition: String = "true") -> String {
        """
        INSERT INTO mails (routing, id, kind, user_id, email, details, request_id)
        SELECT :routing, :mail, :mail_kind, \(user), \(email),
               jsonb_strip_nulls(jsonb_build_object('ip', :ip, 'user_agent', :user_agent\(details.map { details in ", \(details)" } ?? ""))),
               :request_id
        FROM \(rows)
        WHERE :mail IS NOT NULL AND \(condition)
        """
    }
}
