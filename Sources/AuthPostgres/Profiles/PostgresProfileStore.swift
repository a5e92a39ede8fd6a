public import AuthCore
import LibPQ

/// Profiles in the column `profile` of `users`.
public struct PostgresProfileStore: ProfileStore {
    let database: PostgresDatabase

    /// - Parameter database: has the tables.
    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [findProfile, changeProfile, exportAccount]

    private static let columns = """
        u.id, u.email, u.created_at, u.email_verified_at IS NOT NULL AS is_verified, u.profile ->> 'display_name' AS display_name,
        u.profile ->> 'locale' AS locale, (u.profile -> 'metadata')::text AS metadata
        """

    static let findProfile = PostgresStatement(
        "find_profile", .reads, parameters: ["routing": .int4, "user": .uuid],
        sql: """
            SELECT \(columns)
            FROM users u WHERE u.routing = :routing AND u.id = :user
            """)

    public func profile(of user: UserID) async throws(AuthError) -> Profile? {
        let rows = try await database.run(
            Self.findProfile, ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)], at: .key(user.routing))
        return try decoding(Self.findProfile) { () throws(PostgresError) in try rows.first.map(Profile.init) }
    }

    /// `removed` are the names of the fields that are removed. A field that is NULL among the others stays as it is.
    static let changeProfile = PostgresStatement(
        "change_profile", .writes,
        parameters: AuditColumns.parameters + [
            "user": .uuid, "removed": .textArray, "display_name": .text, "locale": .text, "metadata": .text,
        ],
        sql: """
            WITH account AS (
                UPDATE users u
                SET profile = nullif(
                    (coalesce(u.profile, '{}') - :removed)
                    || jsonb_strip_nulls(jsonb_build_object('display_name', :display_name, 'locale', :locale))
                    || CASE WHEN :metadata IS NULL THEN '{}' ELSE jsonb_build_object('metadata', :metadata::jsonb) END, '{}')
                WHERE u.routing = :routing AND u.id = :user
                RETURNING \(columns)
            ), event AS (
                \(AuditColumns.insert(user: "account.id", from: "account"))
            )
            SELECT * FROM account
            """)

    public func change(_ change: ProfileChange, of user: UserID, event: AuditEvent) async throws(AuthError) -> Profile? {
        let fields = [("display_name", change.displayName), ("locale", change.locale), ("metadata", change.metadata)]
        let removed = fields.filter { field in field.1 == .remove }.map { field in String?.some(field.0) }
        let rows = try await database.run(
            Self.changeProfile,
            AuditColumns.values(event) + [
                "user": .uuid(user.uuid), "removed": .textArray(removed), "display_name": .optional(change.displayName.text),
                "locale": .optional(change.locale.text), "metadata": .optional(change.metadata.text),
            ], at: .key(user.routing))
        return try decoding(Self.changeProfile) { () throws(PostgresError) in try rows.first.map(Profile.init) }
    }
}

extension PostgresProfileStore {
    static let exportAccount = PostgresStatement(
        "export_account", .writes, parameters: AuditColumns.parameters + ["user": .uuid],
        sql: """
            WITH account AS (
                SELECT u.* FROM users u WHERE u.routing = :routing AND u.id = :user
            ), event AS (
                \(AuditColumns.insert(user: "account.id", from: "account"))
            )
            SELECT jsonb_build_object(
                       'account', jsonb_build_object(
                           'id', a.id, 'email', a.email, 'created_at', a.created_at, 'email_verified_at', a.email_verified_at,
                           'password_changed_at', a.password_changed_at, 'email_frozen_until', a.email_frozen_until,
                           'profile', coalesce(a.profile, '{}')),
                       'sessions', (
                           SELECT coalesce(jsonb_agg(jsonb_build_object(
                                      'id', s.id, 'name', s.name, 'created_at', s.created_at, 'last_seen_at', s.last_seen_at,
                                      'expires_at', s.expires_at, 'ended_at', s.ended_at, 'ended_by', s.ended_by, 'ip', host(s.ip),
                                      'user_agent', s.user_agent) ORDER BY s.id DESC), '[]')
                           FROM (
                               SELECT * FROM sessions s WHERE s.routing = :routing AND s.user_id = :user AND s.ended_at IS NULL
                           ) AS s),
                       'mails', (
                           SELECT coalesce(jsonb_agg(jsonb_build_object(
                                      'id', m.id, 'kind', m.kind, 'to', m.email, 'created_at', m.created_at, 'state', m.state,
                                      'details', m.details) ORDER BY m.id DESC), '[]')
                           FROM mails m WHERE m.routing = :routing AND m.user_id = :user),
                       'known_devices', (
                           SELECT count(*) FROM known_devices k WHERE k.routing = :routing AND k.user_id = :user)
                   )::text AS document
            FROM account a
            """)

    public func export(_ user: UserID, event: AuditEvent) async throws(AuthError) -> String? {
        let rows = try await database.run(
            Self.exportAccount, AuditColumns.values(event) + ["user": .uuid(user.uuid)], at: .key(user.routing))
        return try decoding(Self.exportAccount) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.text("document") }
        }
    }
}

extension ProfileChange.Field {
    fileprivate var text: String? { if case .set(let text) = self { text } else { nil } }
}

extension Profile {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            user: User(id: UserID(try row.uuid("id")), email: try row.text("email"), createdAt: try row.timestamp("created_at")),
            isEmailVerified: try row.bool("is_verified"), displayName: try row.optionalText("display_name"),
            locale: try row.optionalText("locale").flatMap(MailLocale.init(tag:)), metadata: try row.optionalText("metadata"))
    }
}
