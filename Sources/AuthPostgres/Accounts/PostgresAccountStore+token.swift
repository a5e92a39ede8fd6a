public import AuthCore
import LibPQ

extension PostgresAccountStore {
    static let tokenStatements = [createByToken]

    /// The owner of the address has proved it, so it is verified. If the address is taken, the token stays good: nothing has changed.
    static let createByToken = PostgresStatement(
        "create_account_by_token", .writes, parameters: AuditColumns.parameters + RedeemedToken.parameters + accountParameters,
        sql: """
            WITH works AS MATERIALIZED (
                SELECT FROM one_time_tokens t
                WHERE t.routing = :routing AND t.id = :token AND t.address = :address AND t.user_id IS NULL AND \(RedeemedToken.works)
                FOR UPDATE
            ), address AS (
                INSERT INTO user_emails AS e (routing, address, user_id, account_routing)
                SELECT :routing, :address, :user, :routing FROM works
                ON CONFLICT (address, routing) DO UPDATE
                SET user_id = excluded.user_id, account_routing = excluded.account_routing, held_until = NULL
                WHERE e.held_until <= now()
                RETURNING e.routing, e.user_id
            ), redeemed AS (
                UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'redeemed'
                FROM address
                WHERE t.routing = :routing AND t.id = :token
            ), revoked AS (
                UPDATE one_time_tokens t SET ended_at = now(), ended_by = 'revoked'
                FROM address
                WHERE t.routing = :routing AND t.user_id IS NULL AND t.address = :address AND t.ended_at IS NULL AND t.id <> :token
            ), account AS (
                INSERT INTO users (routing, id, email, password_hash, profile, email_verified_at)
                SELECT routing, user_id, :email, :password_hash, \(profile), now() FROM address
                RETURNING id
            ), event AS (
                \(AuditColumns.insert(user: "account.id", details: "jsonb_build_object('email', :address)", from: "account"))
            )
            SELECT FROM account
            """)

    public func create(
        _ account: NewAccount, redeeming token: PresentedOneTimeToken, ip: String?, policy: AttemptPolicy, event: AuditEvent
    ) async throws(AuthError) -> User? {
        let create = BoundStatement(
            Self.createByToken, AuditColumns.values(event) + RedeemedToken.values(token) + Self.values(account))
        let note = KnownDevices.note(account.id, epoch: 0, mail: nil, event: event)
        let rows = try await database.run([create, note, Self.welcome(account, ip, policy)], at: .key(account.id.routing))
        if let user = try Self.user(rows) { return user }
        let tokens = PostgresOneTimeTokenStore(database: database)
        guard try await tokens.find(token) != nil else { return nil }
        throw .emailTaken
    }
}
