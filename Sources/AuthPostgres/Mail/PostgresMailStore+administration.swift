public import AuthCore
import LibPQ

extension PostgresMailStore: MailAdministrationStore {
    static let administrationStatements = [listMails, findMail, cancelMail, resendMail, suppressAddress, unsuppressAddress]

    private static let columns =
        "m.id, m.kind, m.email, m.user_id, m.state, m.attempts, m.due_at, m.answer, m.created_at, m.finished_at"

    static let listMails = PostgresStatement(
        "list_mails", .reads, parameters: ["state": .text, "limit": .int4],
        sql: """
            SELECT \(columns) FROM mails m
            WHERE m.routing >= 0 AND (:state IS NULL OR m.state = :state)
            ORDER BY m.id DESC
            LIMIT :limit
            """)

    public func list(state: String?, limit: Int) async throws(AuthError) -> [MailRecord] {
        let results = try await database.runOnAllShards(Self.listMails, ["state": .optional(state), "limit": .int4(Int32(limit))])
        let mails = try decoding(Self.listMails) { () throws(PostgresError) in
            var mails: [MailRecord] = []
            for rows in results { for row in rows { mails.append(try MailRecord(row)) } }
            return mails
        }
        return Array(mails.sorted { left, right in left.createdAt > right.createdAt }.prefix(limit))
    }

    static let findMail = PostgresStatement(
        "find_mail", .reads, parameters: ["routing": .int4, "mail": .uuid],
        sql: "SELECT \(columns) FROM mails m WHERE m.routing = :routing AND m.id = :mail")

    public func find(_ id: MailID) async throws(AuthError) -> MailRecord? {
        let rows = try await database.run(
            Self.findMail, ["routing": .int4(id.routing.value), "mail": .uuid(id.uuid)], at: .key(id.routing))
        return try decoding(Self.findMail) { () throws(PostgresError) in try rows.first.map(MailRecord.init) }
    }

    static let cancelMail = PostgresStatement(
        "cancel_mail", .writes, parameters: AuditColumns.parameters + ["mail": .uuid],
        sql: """
            WITH changed AS (
                UPDATE mails m SET state = 'cancelled', answer = 'An operator cancelled it.', finished_at = now()
                WHERE m.routing = :routing AND m.id = :mail AND m.state = 'queued'
                RETURNING m.id, m.kind, m.user_id
            ), event AS (
                \(AuditColumns.insert(user: "user_id", details: "jsonb_build_object('mail', id, 'kind', kind)", from: "changed"))
            )
            SELECT id FROM changed
            """)

    static let resendMail = PostgresStatement(
        "resend_mail", .writes, parameters: AuditColumns.parameters + ["mail": .uuid],
        sql: """
            WITH changed AS (
                UPDATE mails m SET state = 'queued', due_at = now(), created_at = now(), attempts = 0, answer = NULL, finished_at = NULL
                WHERE m.routing = :routing AND m.id = :mail AND m.finished_at IS NOT NULL
                RETURNING m.id, m.kind, m.user_id
            ), event AS (
                \(AuditColumns.insert(user: "user_id", details: "jsonb_build_object('mail', id, 'kind', kind)", from: "changed"))
            )
            SELECT id FROM changed
            """)

    public func cancel(_ id: MailID, event: AuditEvent) async throws(AuthError) -> Bool { try await change(Self.cancelMail, id, event) }

    public func resend(_ id: MailID, event: AuditEvent) async throws(AuthError) -> Bool { try await change(Self.resendMail, id, event) }

    private func change(_ statement: PostgresStatement, _ id: MailID, _ event: AuditEvent) async throws(AuthError) -> Bool {
        try await !database.run(statement, AuditColumns.values(event) + ["mail": .uuid(id.uuid)], at: .key(id.routing)).isEmpty
    }

    static let suppressAddress = PostgresStatement(
        "suppress_address", .writes, parameters: AuditColumns.parameters + ["address": .text, "reason": .text],
        sql: """
            WITH changed AS (
                INSERT INTO mail_suppressions (routing, address, reason) VALUES (:routing, :address, :reason)
                ON CONFLICT (address, routing) DO NOTHING
                RETURNING address
            ), event AS (
                \(AuditColumns.insert(details: "jsonb_build_object('email', address, 'reason', :reason)", from: "changed"))
            )
            SELECT address FROM changed
            """)

    public func suppress(_ email: EmailAddress, reason: String, event: AuditEvent) async throws(AuthError) -> Bool {
        try await !database.run(
            Self.suppressAddress, AuditColumns.values(event) + ["address": .text(email.canonical), "reason": .text(reason)],
            at: .address(email)
        ).isEmpty
    }

    static let unsuppressAddress = PostgresStatement(
        "unsuppress_address", .writes, parameters: AuditColumns.parameters + ["address": .text],
        sql: """
            WITH changed AS (
                DELETE FROM mail_suppressions s WHERE s.routing = :routing AND s.address = :address RETURNING s.address
            ), event AS (
                \(AuditColumns.insert(details: "jsonb_build_object('email', address)", from: "changed"))
            )
            SELECT address FROM changed
            """)

    public func unsuppress(_ email: EmailAddress, event: AuditEvent) async throws(AuthError) -> Bool {
        try await !database.run(
            Self.unsuppressAddress, AuditColumns.values(event) + ["address": .text(email.canonical)], at: .address(email)
        ).isEmpty
    }
}

extension MailRecord {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: MailID(try row.uuid("id")), kind: try row.text("kind"), email: try row.text("email"),
            userID: try row.optionalUUID("user_id").map(UserID.init), state: try row.text("state"), attempts: try row.int4("attempts"),
            dueAt: try row.timestamp("due_at"), answer: try row.optionalText("answer"), createdAt: try row.timestamp("created_at"),
            finishedAt: try row.optionalTimestamp("finished_at"))
    }
}
