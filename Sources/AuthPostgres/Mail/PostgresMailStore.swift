public import AuthCore
import LibPQ

/// Mails in `mails`, and the budgets of addresses in `mail_budgets`.
public struct PostgresMailStore: MailRequestStore {
    let database: PostgresDatabase

    /// - Parameter database: has the tables.
    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [queueMail, spendBudget] + queueStatements + administrationStatements

    /// The newest ten requests tell whether there is room for another one: the third newest must be older than a quarter of an hour, and
    /// the tenth newest older than a day (``MailBudget``). The condition is evaluated on the newest version of the row, so parallel requests
    /// are counted one after another.
    private static let spent = """
        spent AS (
            INSERT INTO mail_budgets AS b (routing, address, requested_at, forgotten_at)
            VALUES (address_routing(:address), :address, ARRAY[now()], now() + interval '1 day')
            ON CONFLICT (address, routing) DO UPDATE
            SET requested_at = (now() || b.requested_at)[1:10], forgotten_at = excluded.forgotten_at
            WHERE coalesce(b.requested_at[3] <= now() - interval '15 minutes', true)
              AND coalesce(b.requested_at[10] <= now() - interval '1 day', true)
            RETURNING true
        )
        """

    private static let answer = """
        SELECT EXISTS (SELECT FROM spent) AS is_spent, coalesce((
                   SELECT (extract(epoch FROM greatest(b.requested_at[3] + interval '15 minutes', b.requested_at[10] + interval '1 day')
                                              - now()) * 1000000)::int8
                   FROM mail_budgets b WHERE b.routing = address_routing(:address) AND b.address = :address
               ), 0) AS wait
        """

    static let queueMail = PostgresStatement(
        "queue_mail", .writes,
        parameters: AuditColumns.parameters + MailColumns.parameters + ["email": .text, "address": .text, "locale": .text],
        sql: """
            WITH \(spent), mail AS (
                INSERT INTO mails (routing, id, kind, email, address, locale, details, request_id)
                SELECT :routing, :mail, :mail_kind, :email, :address, :locale,
                       jsonb_strip_nulls(jsonb_build_object('ip', :ip, 'user_agent', :user_agent)), :request_id
                FROM spent
            ), event AS (
                \(AuditColumns.insert(details: "jsonb_build_object('email', :address)", from: "spent"))
            )
            \(answer)
            """)

    public func queue(
        _ mail: NewMail, to email: EmailAddress, locale: MailLocale?, event: AuditEvent
    ) async throws(AuthError) -> Duration? {
        let rows = try await database.run(
            Self.queueMail,
            AuditColumns.values(event) + MailColumns.values(mail) + [
                "email": .text(email.text), "address": .text(email.canonical), "locale": .optional(locale?.rawValue),
            ], at: .address(email))
        return try Self.wait(Self.queueMail, rows)
    }

    static let spendBudget = PostgresStatement(
        "spend_mail_budget", .writes, parameters: ["address": .text],
        sql: """
            WITH \(spent)
            \(answer)
            """)

    public func spend(_ email: EmailAddress) async throws(AuthError) -> Duration? {
        let rows = try await database.run(Self.spendBudget, ["address": .text(email.canonical)], at: .address(email))
        return try Self.wait(Self.spendBudget, rows)
    }

    /// The budget may have been spent by a transaction that this one does not see. Then it does not know for how long.
    private static func wait(_ statement: PostgresStatement, _ rows: PostgresRows) throws(AuthError) -> Duration? {
        try decoding(statement) { () throws(PostgresError) in
            guard let row = rows.first else { return .seconds(1) }
            if try row.bool("is_spent") { return nil }
            return max(.seconds(1), .microseconds(try row.int8("wait")))
        }
    }
}
