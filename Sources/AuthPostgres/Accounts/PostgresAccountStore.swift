public import AuthCore
import FoundationEssentials
import LibPQ

/// Accounts in `users`, their canonical addresses in `user_emails`. A new account has the routing key of its address.
public struct PostgresAccountStore: AccountStore {
    let database: PostgresDatabase
    private let tally: PostgresFailureTally

    public init(database: PostgresDatabase, tally: PostgresFailureTally) {
        self.database = database
        self.tally = tally
    }

    static let statements =
        [createAccount, welcomeOwner, findCredentials, recordFailedLogin] + tokenStatements

    static let accountParameters: PostgresNamed<PostgresType> = [
        "user": .uuid, "address": .text, "email": .text, "password_hash": .text, "locale": .text,
    ]

    /// The address for a new account, unless it has an owner. An address that was held for a former owner is free after its time.
    static let address = """
        address AS (
            INSERT INTO user_emails AS e (routing, address, user_id, account_routing)
            VALUES (:routing, :address, :user, :routing)
            ON CONFLICT (address, routing) DO UPDATE
            SET user_id = excluded.user_id, account_routing = excluded.account_routing, held_until = NULL
            WHERE e.held_until <= now()
            RETURNING e.routing, e.user_id
        )
        """

    static let profile = "CASE WHEN :locale IS NOT NULL THEN jsonb_build_object('locale', :locale) END"

    static let createAccount = PostgresStatement(
        "create_account", .writes,
        parameters: AuditColumns.parameters + MailColumns.parameters + accountParameters,
        sql: """
            WITH \(address), account AS (
                INSERT INTO users (routing, id, email, password_hash, profile)
                SELECT routing, user_id, :email, :password_hash, \(profile) FROM address
                RETURNING id, email, created_at
            ), mail AS (
                \(MailColumns.insert(user: "id", email: "email", from: "account"))
            ), event AS (
                \(AuditColumns.insert(
                    outcome: "CASE WHEN account.id IS NULL THEN 'failure' ELSE 'success' END", user: "account.id",
                    details: "jsonb_build_object('email', :address)", from: "(VALUES (true)) AS always LEFT JOIN account ON true"))
            )
            SELECT FROM account
            """)

    /// Failed logins at the address before it had an owner must not keep the owner out.
    static let welcomeOwner = PostgresStatement(
        "welcome_owner", .writes,
        parameters: ["routing": .int4, "user": .uuid, "address": .text, "ip": .text, "known_network_memory": .int8],
        sql: """
            WITH account AS MATERIALIZED (
                SELECT id, email, created_at FROM users WHERE routing = :routing AND id = :user
            ), forgotten AS (
                DELETE FROM login_failures
                WHERE routing = :routing AND address = :address AND network <> attempt_network(:ip::inet) AND EXISTS (SELECT FROM account)
                RETURNING true
            ), known AS (
                INSERT INTO login_failures (routing, address, network, failures, blocked_until, forgotten_at, known_until)
                SELECT :routing, :address, attempt_network(:ip::inet), 0, '-infinity', known_until, known_until
                FROM account, LATERAL (SELECT now() + :known_network_memory * interval '1 microsecond' AS known_until) AS until
                WHERE (SELECT count(*) FROM forgotten) >= 0
                ON CONFLICT (address, network, routing) DO UPDATE
                SET failures = 0, blocked_until = excluded.blocked_until, forgotten_at = excluded.forgotten_at,
                    known_until = excluded.known_until
            )
            SELECT id, email, created_at FROM account
            """)

    public func create(
        _ account: NewAccount, ip: String?, policy: AttemptPolicy, event: AuditEvent
    ) async throws(AuthError) -> User? {
        let create = BoundStatement(
            Self.createAccount, AuditColumns.values(event) + MailColumns.values(account.mail) + Self.values(account))
        let steps = [create, KnownDevices.note(account.id, epoch: 0, mail: nil, event: event), Self.welcome(account, ip, policy)]
        var rows = try await database.run(steps, at: .key(account.id.routing))
        if rows.isEmpty, try await OrphanedAddresses(database: database).release(account.email) {
            rows = try await database.run(steps, at: .key(account.id.routing))
        }
        return try Self.user(rows)
    }

    static func values(_ account: NewAccount) -> PostgresNamed<PostgresValue> {
        [
            "user": .uuid(account.id.uuid), "address": .text(account.email.canonical), "email": .text(account.email.text),
            "password_hash": .text(account.passwordHash.phc), "locale": .optional(account.locale?.rawValue),
        ]
    }

    static func welcome(_ account: NewAccount, _ ip: String?, _ policy: AttemptPolicy) -> BoundStatement {
        BoundStatement(
            welcomeOwner,
            [
                "routing": .int4(account.id.routing.value), "user": .uuid(account.id.uuid), "address": .text(account.email.canonical),
                "ip": .optional(ip), "known_network_memory": .microseconds(policy.knownNetworkMemory),
            ])
    }

    /// The account that ``welcomeOwner`` returns; `nil` if it was not made.
    static func user(_ rows: PostgresRows) throws(AuthError) -> User? {
        guard let row = rows.first else { return nil }
        return try decoding(welcomeOwner) { () throws(PostgresError) in
            User(id: UserID(try row.uuid("id")), email: try row.text("email"), createdAt: try row.timestamp("created_at"))
        }
    }

    static let findCredentials = PostgresStatement(
        "find_credentials", .reads, parameters: ["routing": .int4, "user": .uuid],
        sql: """
            SELECT password_hash, disabled_at IS NOT NULL AS is_disabled, coalesce(disabled_until <= now(), false) AS is_disabling_over,
                   deleted_after IS NOT NULL AS is_deletion_pending, password_reset_required,
                   CASE WHEN email_verified_at IS NULL THEN (extract(epoch FROM now() - created_at) * 1000000)::int8 END AS unverified_for,
                   session_epoch
            FROM users
            WHERE routing = :routing AND id = :user
            """)

    public func credentials(
        for email: EmailAddress, verificationGrace: Duration?
    ) async throws(AuthError) -> Credentials? {
        // An absent address is looked up in users under an id that no account has, so that the time it takes tells nothing.
        let userID = try await userID(for: email) ?? UserID(UUID())
        let rows = try await database.run(
            Self.findCredentials, ["routing": .int4(userID.routing.value), "user": .uuid(userID.uuid)], at: .key(userID.routing))
        guard let row = rows.first else { return nil }
        return try decoding(Self.findCredentials) { () throws(PostgresError) in
            try Credentials(userID, row, verificationGrace)
        }
    }

    private func userID(for email: EmailAddress) async throws(AuthError) -> UserID? {
        let rows = try await database.run(AccountRow.findAddress, ["address": .text(email.canonical)], at: .address(email))
        guard let row = rows.first else { return nil }
        return try decoding(AccountRow.findAddress) { () throws(PostgresError) in UserID(try row.uuid("user_id")) }
    }

    static let recordFailedLogin = PostgresStatement(
        "record_failed_login", .writes,
        parameters: AuditColumns.itemParameters + ["user": .uuid, "address": .text, "failures": .int4],
        sql: AuditColumns.insert(
            .row, outcome: "'failure'", user: ":user", details: "jsonb_build_object('email', :address, 'failures', :failures)",
            from: """
                unnest(:routings, :event_ids, :event_types, :ips, :user_agents, :request_ids)
                  AS e (routing, event_id, event_type, ip, user_agent, request_id)
                """))

    public func recordFailedLogin(_ attempt: LoginAttempt, userID: UserID?, events: [AuditEvent]) async throws(AuthError) {
        // A lock is news whatever else happens, and costs a hundred failures.
        let events = events.filter { event in event.kind == .loginLocked || tally.admits(event) }
        guard let routing = events.first?.id.routing else { return }
        let user = userID.map { userID in PostgresValue.uuid(userID.uuid) } ?? .null
        let values = AuditColumns.items(events) + [user, .text(attempt.email.canonical), .int4(Int32(attempt.failures))]
        _ = try await database.run([BoundStatement(Self.recordFailedLogin, inOrder: values)], at: .key(routing))
    }
}

extension Credentials {
    fileprivate init(_ userID: UserID, _ row: PostgresRow, _ verificationGrace: Duration?) throws(PostgresError) {
        let isDisablingOver = try row.bool("is_disabling_over")
        let isDisabled = try row.bool("is_disabled") && !isDisablingOver
        let unverified = try row.optionalInt8("unverified_for").map { time in Duration.microseconds(time) }
        let obstacle: LoginObstacle? =
            if isDisabled { .disabled } else if try row.bool("is_deletion_pending") {
                .deletionPending
            } else if try row.bool("password_reset_required") {
                .passwordResetRequired
            } else if let verificationGrace, let unverified, unverified >= verificationGrace { .emailUnverified } else { nil }
        self.init(
            userID: userID, passwordHash: PasswordHash(phc: try row.text("password_hash")), obstacle: obstacle,
            sessionEpoch: try row.int4("session_epoch"), isDisablingOver: isDisablingOver)
    }
}
