public import AuthCore
import FoundationEssentials
import LibPQ

/// Accounts in `users`, their canonical addresses in `user_emails`.
public struct PostgresAccountStore: AccountStore {
    private let database: PostgresDatabase
    private let tally: PostgresFailureTally

    public init(database: PostgresDatabase, tally: PostgresFailureTally) {
        self.database = database
        self.tally = tally
    }

    static let createAccount = PostgresStatement(
        "create_account", .writes, parameters: AuditBinds.parameters + [.uuid, .text, .text, .text],
        sql: """
            WITH address AS (
                INSERT INTO user_emails (address, routing, user_id)
                VALUES ($8, $1, $7)
                ON CONFLICT (address) DO NOTHING
                RETURNING routing, user_id
            ), account AS (
                INSERT INTO users (routing, id, email, password_hash)
                SELECT routing, user_id, $9, $10 FROM address
                RETURNING id, email, created_at
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, CASE WHEN account.id IS NULL THEN 'failure' ELSE 'success' END,
                       account.id, $4::inet, $5, $6, jsonb_build_object('email', $8)
                FROM (VALUES (true)) AS always LEFT JOIN account ON true
            )
            SELECT id, email, created_at FROM account
            """)

    public func create(_ account: NewAccount, event: AuditEvent) async throws(AuthError) -> User? {
        let rows = try await database.run(
            Self.createAccount,
            AuditBinds.values(event) + [
                .uuid(account.id.uuid), .text(account.email.canonical), .text(account.email.text), .text(account.passwordHash.phc),
            ])
        guard let row = rows.first else { return nil }
        return try decoding(Self.createAccount) { () throws(PostgresError) in
            User(id: UserID(try row.uuid(0)), email: try row.text(1), createdAt: try row.timestamp(2))
        }
    }

    static let findAddress = PostgresStatement(
        "find_address", .reads, parameters: [.text],
        sql: "SELECT user_id FROM user_emails WHERE address = $1")

    static let findCredentials = PostgresStatement(
        "find_credentials", .reads, parameters: [.int4, .uuid],
        sql: """
            SELECT password_hash, disabled_at IS NOT NULL, session_epoch
            FROM users
            WHERE routing = $1 AND id = $2
            """)

    public func credentials(for email: EmailAddress) async throws(AuthError) -> Credentials? {
        // An absent address is looked up in users under an id that nobody has: the time it takes tells nothing.
        let userID = try await userID(for: email) ?? UserID(UUID())
        let rows = try await database.run(Self.findCredentials, [.int4(userID.routing.value), .uuid(userID.uuid)])
        guard let row = rows.first else { return nil }
        return try decoding(Self.findCredentials) { () throws(PostgresError) in
            Credentials(
                userID: userID, passwordHash: PasswordHash(phc: try row.text(0)),
                isDisabled: try row.bool(1), sessionEpoch: try row.int4(2))
        }
    }

    private func userID(for email: EmailAddress) async throws(AuthError) -> UserID? {
        let rows = try await database.run(Self.findAddress, [.text(email.canonical)])
        guard let row = rows.first else { return nil }
        return try decoding(Self.findAddress) { () throws(PostgresError) in UserID(try row.uuid(0)) }
    }

    static let recordFailedLogin = PostgresStatement(
        "record_failed_login", .writes, parameters: AuditBinds.itemParameters + [.uuid, .text, .int4],
        sql: """
            INSERT INTO audit_events (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
            SELECT routing, id, type, 'failure', $7, ip::inet, user_agent, request_id,
                   jsonb_build_object('email', $8, 'failures', $9)
            FROM unnest($1, $2, $3, $4, $5, $6) AS e (routing, id, type, ip, user_agent, request_id)
            """)

    public func recordFailedLogin(_ attempt: LoginAttempt, userID: UserID?, events: [AuditEvent]) async throws(AuthError) {
        // A lock is news whatever else happens, and costs a hundred failures.
        let events = events.filter { $0.kind == .loginLocked || tally.admits($0) }
        guard !events.isEmpty else { return }
        _ = try await database.run(
            Self.recordFailedLogin,
            AuditBinds.items(events) + [
                userID.map { .uuid($0.uuid) } ?? .null, .text(attempt.email.canonical), .int4(Int32(attempt.failures)),
            ])
    }
}
