public import AuthCore
import LibPQ

extension PostgresMailStore {
    static let tokenStatements = [storeAccountToken, storeAddressToken]

    private static let parameters: PostgresNamed<PostgresType> = [
        "routing": .int4, "token": .uuid, "purpose": .text, "email": .text, "address": .text, "mail": .uuid, "requested_at": .timestamptz,
        "digest": .bytea, "lifetime": .int8, "code_hash": .text, "code_lifetime": .int8, "is_superseding": .bool,
    ]

    /// Ends older tokens: those of other mails, if this mail replaces them, and of this mail all but the newest two. So one mail has at most
    /// three tokens that work, because an attempt whose answer was lost may have arrived.
    ///
    /// - Parameter owner: the condition for tokens of the same owner, for a name of the table.
    private static func superseded(_ owner: (String) -> String) -> String {
        """
        superseded AS (
            UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'superseded'
            WHERE t.routing = :routing AND \(owner("t")) AND t.purpose = :purpose AND t.ended_at IS NULL AND EXISTS (SELECT FROM owner)
              AND CASE WHEN t.mail_id <> :mail THEN :is_superseding
                       ELSE t.id NOT IN (
                           SELECT k.id FROM one_time_tokens k
                           WHERE k.routing = :routing AND k.mail_id = :mail AND k.purpose = :purpose AND k.ended_at IS NULL
                             AND \(owner("k"))
                           ORDER BY k.created_at DESC, k.id DESC LIMIT 2
                       ) END
        )
        """
    }

    private static func inserted(user: String) -> String {
        """
        INSERT INTO one_time_tokens (routing, id, purpose, user_id, email, address, mail_id, digest, code_hash, code_expires_at, expires_at)
        SELECT :routing, :token, :purpose, \(user), :email, :address, :mail, :digest, :code_hash,
               CASE WHEN :code_hash IS NOT NULL THEN now() + :code_lifetime * interval '1 microsecond' END,
               now() + :lifetime * interval '1 microsecond'
        FROM owner
        RETURNING id
        """
    }

    /// Runs after `lock_account`. A mail that was asked for before the password was changed must not set another one.
    static let storeAccountToken = PostgresStatement(
        "store_account_token", .writes, parameters: parameters + ["user": .uuid],
        sql: """
            WITH owner AS (
                SELECT u.id FROM users u
                WHERE u.routing = :routing AND u.id = :user
                  AND (:purpose NOT IN ('reset_password', 'confirm_email') OR coalesce(u.password_changed_at <= :requested_at, true))
                  AND (:purpose NOT IN ('verify_email', 'reset_password') OR u.email = :email)
            ), \(superseded { table in "\(table).user_id = :user" })
            \(inserted(user: "owner.id"))
            """)

    static let storeAddressToken = PostgresStatement(
        "store_address_token", .writes, parameters: parameters,
        sql: """
            WITH owner AS (
                SELECT true WHERE :requested_at IS NOT NULL
            ), \(superseded { table in "\(table).user_id IS NULL AND \(table).address = :address" })
            \(inserted(user: "NULL::uuid"))
            """)

    public func store(
        _ tokens: [NewOneTimeToken], of mail: ClaimedMail, account: UserID?, about email: EmailAddress
    ) async throws(AuthError) -> Bool {
        let routing = tokens[0].id.routing
        let steps = tokens.map { token in
            let values = Self.values(token, mail, email)
            return account.map { user in BoundStatement(Self.storeAccountToken, values + ["user": .uuid(user.uuid)]) }
                ?? BoundStatement(Self.storeAddressToken, values)
        }
        let lock = account.map { user in [AccountRow.lock(user)] } ?? []
        return try await !database.run(lock + steps, at: .key(routing), on: .background).isEmpty
    }

    private static func values(_ token: NewOneTimeToken, _ mail: ClaimedMail, _ email: EmailAddress) -> PostgresNamed<PostgresValue> {
        [
            "routing": .int4(token.id.routing.value), "token": .uuid(token.id.uuid), "purpose": .text(token.purpose.rawValue),
            "email": .text(email.text), "address": .text(email.canonical), "mail": .uuid(mail.id.uuid),
            "requested_at": .timestamptz(microseconds: mail.createdAt.microseconds), "digest": .octets(token.digest),
            "lifetime": .microseconds(token.lifetime), "code_hash": .optional(token.codeHash?.phc),
            "code_lifetime": .microseconds(token.codeLifetime), "is_superseding": .bool(token.purpose.isSuperseded),
        ]
    }
}
