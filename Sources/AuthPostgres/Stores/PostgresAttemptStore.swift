public import AuthCore
import LibPQ

/// Attempts in `login_failures` and `network_attempts`. Each statement takes locks in one order: the network's row, then the account's.
public struct PostgresAttemptStore: AttemptStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    /// What a network has is spent by a row that is inserted or moved; what is spent already is only read, so that a flood waits
    /// for nothing. From a network that the account knows, only the account's failures there count. Where nothing is blocked stands
    /// `-infinity`: this transaction's `now()` is later than that of one that began before and waited for it.
    static let beginLogin = PostgresStatement(
        "begin_login", .writes,
        parameters: AuditBinds.parameters + [.text, .int8, .int8, .int8, .int4, .int8, .int8, .int4],
        sql: """
            WITH here AS MATERIALIZED (
                SELECT client, known, CASE WHEN known THEN client ELSE '::/0' END AS network
                FROM attempt_network($4::inet) AS client, LATERAL (
                    SELECT EXISTS (
                        SELECT FROM login_failures f WHERE f.address = $7 AND f.network = client AND f.forgotten_at > now()
                    ) AS known
                ) AS known
            ), place AS MATERIALIZED (
                SELECT here.*, b.blocked_until
                FROM here LEFT JOIN login_failures b ON b.address = $7 AND b.network = here.network AND b.blocked_until > now()
            ), spent AS (
                INSERT INTO network_attempts AS a (network, kind, spent_until)
                SELECT client, 'login', now() + $8 * interval '1 microsecond'
                FROM place
                WHERE blocked_until IS NULL AND NOT known AND NOT EXISTS (
                    SELECT FROM network_attempts b
                    WHERE b.network = client AND b.kind = 'login' AND b.spent_until > now() + $9 * interval '1 microsecond'
                )
                ON CONFLICT (network, kind) DO UPDATE
                SET spent_until = greatest(a.spent_until, now()) + $8 * interval '1 microsecond'
                WHERE a.spent_until <= now() + $9 * interval '1 microsecond'
                RETURNING spent_until
            ), excess AS (
                INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'failure', $4::inet, $5, $6, jsonb_build_object('kind', 'login')
                FROM spent
                WHERE spent_until > now() + $9 * interval '1 microsecond'
            ), counted AS (
                INSERT INTO login_failures AS f (address, network, failures, blocked_until, forgotten_at)
                SELECT $7, network, 1, '-infinity', now() + $10 * interval '1 microsecond'
                FROM place
                WHERE blocked_until IS NULL AND (known OR EXISTS (SELECT FROM spent))
                ON CONFLICT (address, network) DO UPDATE
                SET (failures, blocked_until, forgotten_at) = (
                    SELECT n,
                           CASE WHEN n >= $14 THEN 'infinity'
                                WHEN n >= $11 THEN now() + least($12 * power(2, n - $11), $13) * interval '1 microsecond'
                                ELSE '-infinity' END,
                           CASE WHEN n >= $14 THEN 'infinity'
                                ELSE greatest(f.forgotten_at, now() + n * $10 * interval '1 microsecond') END
                    FROM (SELECT CASE WHEN f.forgotten_at > now() THEN f.failures + 1 ELSE 1 END AS n) AS next
                )
                WHERE f.blocked_until <= now()
                RETURNING failures
            )
            SELECT place.known, counted.failures,
                   (extract(epoch FROM CASE
                        WHEN place.blocked_until IS NOT NULL THEN least(place.blocked_until, now() + interval '1 day')
                        -- Somebody else's attempt blocked it at this moment.
                        WHEN known OR EXISTS (SELECT FROM spent) THEN now()
                        ELSE (
                            SELECT b.spent_until - $9 * interval '1 microsecond' FROM network_attempts b
                            WHERE b.network = client AND b.kind = 'login'
                        )
                    END - now()) * 1000000)::int8
            FROM place LEFT JOIN counted ON true
            """)

    public func begin(_ email: EmailAddress, policy: AttemptPolicy, excess: AuditEvent) async throws(AuthError) -> LoginAttempt {
        let binds: [PostgresValue] = [
            .text(email.canonical), .microseconds(policy.interval), .microseconds(policy.slack), .microseconds(policy.memoryPerFailure),
            .int4(Int32(policy.freeFailures)), .microseconds(policy.firstDelay), .microseconds(policy.longestDelay),
            .int4(Int32(policy.hardStop)),
        ]
        let rows = try await database.run(Self.beginLogin, AuditBinds.values(excess) + binds)
        let (isKnown, failures, wait) = try decoding(Self.beginLogin) { () throws(PostgresError) in
            guard let row = rows.first else { throw .decoding("no row") }
            return (try row.bool(0), try row.optionalInt4(1), try row.optionalInt8(2))
        }
        guard let failures else { throw .tooManyAttempts(retryAfter: .microseconds(max(0, wait ?? 0))) }
        return LoginAttempt(email: email, ip: excess.origin.ip, isFromKnownNetwork: isKnown, failures: Int(failures), policy: policy)
    }

    /// An attempt that a network had spent comes back to it.
    private static let returned = """
        returned AS (
            UPDATE network_attempts
            SET spent_until = spent_until - $4 * interval '1 microsecond'
            WHERE NOT $3 AND network = attempt_network($2::inet) AND kind = 'login'
            RETURNING true
        )
        """

    static let withdrawLogin = PostgresStatement(
        "withdraw_login", .writes, parameters: [.text, .text, .bool, .int8, .int8],
        sql: """
            WITH \(returned)
            UPDATE login_failures
            SET failures = greatest(failures - 1, 0), blocked_until = '-infinity',
                forgotten_at = least(forgotten_at, now() + $5 * interval '1 microsecond')
            WHERE address = $1 AND network = CASE WHEN $3 THEN attempt_network($2::inet) ELSE '::/0' END
              AND (SELECT count(*) FROM returned) >= 0
            """)

    public func withdraw(_ attempt: LoginAttempt) async throws(AuthError) {
        _ = try await database.run(Self.withdrawLogin, Self.binds(attempt))
    }

    private static func binds(_ attempt: LoginAttempt) -> [PostgresValue] {
        [
            .text(attempt.email.canonical), .optional(attempt.ip), .bool(attempt.isFromKnownNetwork),
            .microseconds(attempt.policy.interval), .microseconds(attempt.policy.knownNetworkMemory),
        ]
    }

    static let forgetFailures = PostgresStatement(
        "forget_failures", .writes, parameters: [.text, .text, .bool, .int8, .int8],
        sql: """
            WITH \(returned), forgotten AS (
                DELETE FROM login_failures
                WHERE NOT $3 AND address = $1 AND network = '::/0' AND (SELECT count(*) FROM returned) >= 0
                RETURNING true
            )
            INSERT INTO login_failures (address, network, failures, blocked_until, forgotten_at)
            SELECT $1, attempt_network($2::inet), 0, '-infinity', now() + $5 * interval '1 microsecond'
            WHERE (SELECT count(*) FROM forgotten) >= 0
            ON CONFLICT (address, network) DO UPDATE
            SET failures = 0, blocked_until = excluded.blocked_until, forgotten_at = excluded.forgotten_at
            """)

    /// For the transaction that opens the session. From then on the account knows the network.
    static func forgetFailures(of attempt: LoginAttempt) -> BoundStatement {
        BoundStatement(forgetFailures, binds(attempt))
    }

    static let unlockLogin = PostgresStatement(
        "unlock_login", .writes, parameters: AuditBinds.parameters + [.text, .int8],
        sql: """
            WITH unlocked AS (
                UPDATE login_failures
                SET failures = 0, blocked_until = '-infinity', forgotten_at = least(forgotten_at, now() + $8 * interval '1 microsecond')
                WHERE address = $7 AND blocked_until > now()
                RETURNING address
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'success', $4::inet, $5, $6, jsonb_build_object('email', $7)
                WHERE EXISTS (SELECT FROM unlocked)
            )
            SELECT address FROM unlocked
            """)

    public func unlock(_ email: EmailAddress, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> Bool {
        let binds: [PostgresValue] = [.text(email.canonical), .microseconds(policy.knownNetworkMemory)]
        return try await !database.run(Self.unlockLogin, AuditBinds.values(event) + binds).isEmpty
    }
}
