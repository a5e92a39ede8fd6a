public import AuthCore
import LibPQ

/// Attempts in `login_failures` and `network_attempts`. No statement writes both: the networks have another routing key than the address.
/// Every statement locks the widest network first.
public struct PostgresAttemptStore: AttemptStore {
    let database: PostgresDatabase
    let tally: PostgresFailureTally

    public init(database: PostgresDatabase, tally: PostgresFailureTally) {
        self.database = database
        self.tally = tally
    }

    static let statements = [beginLogin, countAttempt, returnAllowance, withdrawLogin, forgetFailures, unlockLogin] + deviceStatements

    /// Counts an attempt from a network that the account knows, where only the account's failures count. Any other attempt is counted only
    /// if its networks have spent their allowance on it (`:is_spent`). If they have not, the returned row says that they must. A row that
    /// blocks nothing has `-infinity`, not `now()`: a transaction that began earlier and waited for this one has an earlier `now()`.
    static let beginLogin = PostgresStatement(
        "begin_login", .writes,
        parameters: ["address": .text, "client_ip": .text, "is_spent": .bool, "memory_per_failure": .int8, "login_slack": .int8]
            + delayParameters,
        sql: """
            WITH here AS MATERIALIZED (
                SELECT client, known, CASE WHEN known THEN client ELSE '::/0' END AS network
                FROM attempt_network(:client_ip::inet) AS client, LATERAL (
                    SELECT EXISTS (
                        SELECT FROM login_failures f
                        WHERE f.routing = address_routing(:address) AND f.address = :address AND f.network = client AND f.known_until > now()
                    ) AS known
                ) AS known
            ), attempt AS MATERIALIZED (
                SELECT here.*, greatest(b.blocked_until, o.logins_spent_until - :login_slack * interval '1 microsecond') AS blocked_until
                FROM here
                LEFT JOIN login_failures b ON b.routing = address_routing(:address) AND b.address = :address AND b.network = here.network
                                          AND b.blocked_until > now()
                LEFT JOIN login_failures o ON o.routing = address_routing(:address) AND o.address = :address
                                          AND o.network = login_network(:client_ip::inet)
                                          AND o.logins_spent_until > now() + :login_slack * interval '1 microsecond'
            ), counted AS (
                INSERT INTO login_failures AS f (routing, address, network, failures, blocked_until, forgotten_at)
                SELECT address_routing(:address), :address, network, 1, '-infinity', now() + :memory_per_failure * interval '1 microsecond'
                FROM attempt
                WHERE blocked_until IS NULL AND (known OR :is_spent)
                ON CONFLICT (address, network, routing) DO UPDATE
                SET (failures, blocked_until, forgotten_at) = (
                    SELECT n, \(blockedUntil(after: "n")),
                           greatest(f.forgotten_at, now() + least(n, :hard_stop) * :memory_per_failure * interval '1 microsecond')
                    FROM (SELECT CASE WHEN f.forgotten_at > now() THEN f.failures + 1 ELSE 1 END AS n) AS next
                )
                WHERE f.blocked_until <= now()
                RETURNING failures
            )
            SELECT attempt.known AS is_known, blocked_until IS NULL AND NOT known AND NOT :is_spent AS must_spend, counted.failures,
                   -- Without `blocked_until`, another attempt blocked it at this moment.
                   (extract(epoch FROM least(coalesce(blocked_until, now()), now() + interval '1 day') - now()) * 1000000)::int8 AS wait
            FROM attempt LEFT JOIN counted ON true
            """)

    /// SQL for the time of the next attempt after this many consecutive failures, from the ``delayParameters``.
    static func blockedUntil(after failures: String) -> String {
        """
        CASE WHEN \(failures) >= :hard_stop THEN now() + :hard_stop_delay * interval '1 microsecond'
             WHEN \(failures) >= :free_failures
             THEN now() + least(:first_delay * power(2, \(failures) - :free_failures), :longest_delay) * interval '1 microsecond'
             ELSE '-infinity' END
        """
    }

    static let delayParameters: PostgresNamed<PostgresType> = [
        "free_failures": .int4, "first_delay": .int8, "longest_delay": .int8, "hard_stop": .int4, "hard_stop_delay": .int8,
    ]

    static func delayValues(_ policy: AttemptPolicy) -> PostgresNamed<PostgresValue> {
        [
            "free_failures": .int4(Int32(policy.freeFailures)), "first_delay": .microseconds(policy.firstDelay),
            "longest_delay": .microseconds(policy.longestDelay), "hard_stop": .int4(Int32(policy.hardStop)),
            "hard_stop_delay": .microseconds(policy.delayAfterHardStop),
        ]
    }

    public func begin(
        _ email: EmailAddress, ip: String?, device: SessionID?, policy: AttemptPolicy, limitEvent: AuditEvent
    ) async throws(AuthError) -> LoginAttempt {
        let networks = limitEvent.id.routing
        if let device { return try await begin(email, ip: ip, networks: networks, on: device, policy) }
        var count = try await count(email, ip, isSpent: false, policy)
        if count.mustSpend {
            try await spend(on: "login", ip, policy, limitEvent)
            count = try await self.count(email, ip, isSpent: true, policy)
            // Meanwhile others have blocked it, or the account has got to know the network.
            if count.failures == nil || count.isKnown { try await returnAllowance(to: ip, networks, policy) }
        }
        guard let failures = count.failures else { throw .tooManyAttempts(retryAfter: .microseconds(max(0, count.wait))) }
        return LoginAttempt(
            email: email, ip: ip, networks: networks, isFromKnownClient: count.isKnown, failures: Int(failures), policy: policy)
    }

    /// What ``beginLogin`` says.
    private typealias Count = (isKnown: Bool, mustSpend: Bool, failures: Int32?, wait: Int64)

    private func count(_ email: EmailAddress, _ ip: String?, isSpent: Bool, _ policy: AttemptPolicy) async throws(AuthError) -> Count {
        let values: PostgresNamed<PostgresValue> = [
            "address": .text(email.canonical), "client_ip": .optional(ip), "is_spent": .bool(isSpent),
            "memory_per_failure": .microseconds(policy.memoryPerFailure), "login_slack": .microseconds(policy.loginSlack),
        ]
        let rows = try await database.run(Self.beginLogin, values + Self.delayValues(policy), at: .address(email))
        return try decoding(Self.beginLogin) { () throws(PostgresError) in
            guard let row = rows.first else { throw .decoding("no row") }
            return (
                try row.bool("is_known"), try row.bool("must_spend"), try row.optionalInt4("failures"), try row.int8("wait")
            )
        }
    }

    static let withdrawLogin = PostgresStatement(
        "withdraw_login", .writes, parameters: attemptParameters,
        sql: """
            UPDATE login_failures
            SET failures = greatest(failures - 1, 0), blocked_until = '-infinity',
                forgotten_at = least(forgotten_at, now() + :known_network_memory * interval '1 microsecond')
            WHERE routing = address_routing(:address) AND address = :address
              AND network = CASE WHEN :is_known THEN attempt_network(:client_ip::inet) ELSE '::/0' END
            """)

    public func withdraw(_ attempt: LoginAttempt) async throws(AuthError) {
        if let device = attempt.device {
            _ = try await database.run([Self.bound(Self.withdrawDeviceLogin, to: device)], at: .key(device.routing))
        } else {
            _ = try await database.run(Self.withdrawLogin, Self.values(attempt), at: .address(attempt.email))
            try await returnAllowance(of: attempt)
        }
    }

    private static let attemptParameters: PostgresNamed<PostgresType> = [
        "address": .text, "client_ip": .text, "is_known": .bool, "known_network_memory": .int8,
    ]

    private static func values(_ attempt: LoginAttempt) -> PostgresNamed<PostgresValue> {
        [
            "address": .text(attempt.email.canonical), "client_ip": .optional(attempt.ip), "is_known": .bool(attempt.isFromKnownClient),
            "known_network_memory": .microseconds(attempt.policy.knownNetworkMemory),
        ]
    }

    /// Networks that an account may get to know within an hour. People do not move more often, and each known network gives a stranger
    /// there further guesses.
    static let newNetworksPerHour = 10

    /// The login itself spends a part of the account's allowance at this network. A known network's failures are cleared even if the
    /// account has got to know too many others to know this one for longer. A login by a device leaves the network's failures unchanged, so
    /// that its neighbours get no new guesses.
    static let forgetFailures = PostgresStatement(
        "forget_failures", .writes, parameters: attemptParameters + ["interval": .int8, "is_device": .bool],
        sql: """
            WITH forgotten AS (
                DELETE FROM login_failures
                WHERE NOT :is_known AND routing = address_routing(:address) AND address = :address AND network = '::/0'
                RETURNING true
            ), networks AS MATERIALIZED (
                SELECT network, network = login_network(:client_ip::inet) AS spends, network = attempt_network(:client_ip::inet) AND (
                           SELECT count(*) FROM login_failures o
                           WHERE o.routing = address_routing(:address) AND o.address = :address AND o.network <> attempt_network(:client_ip::inet)
                             AND o.known_until > now() + :known_network_memory * interval '1 microsecond' - interval '1 hour'
                       ) < \(newNetworksPerHour) AS known
                FROM (SELECT attempt_network(:client_ip::inet) UNION SELECT login_network(:client_ip::inet)) AS n (network)
            )
            INSERT INTO login_failures AS f (
                routing, address, network, failures, blocked_until, forgotten_at, known_until, logins_spent_until
            )
            SELECT address_routing(:address), :address, network, 0, '-infinity',
                   now() + CASE WHEN known THEN :known_network_memory * interval '1 microsecond' ELSE interval '1 day' END,
                   CASE WHEN known THEN now() + :known_network_memory * interval '1 microsecond' ELSE '-infinity' END,
                   CASE WHEN spends THEN now() + :interval * interval '1 microsecond' ELSE '-infinity' END
            FROM networks
            WHERE (known OR spends OR :is_known AND NOT :is_device AND network = attempt_network(:client_ip::inet))
              AND (SELECT count(*) FROM forgotten) >= 0
            ORDER BY masklen(network)
            ON CONFLICT (address, network, routing) DO UPDATE
            SET failures = CASE WHEN :is_device THEN f.failures ELSE 0 END,
                blocked_until = CASE WHEN :is_device THEN f.blocked_until ELSE excluded.blocked_until END,
                forgotten_at = greatest(CASE WHEN :is_device THEN f.forgotten_at END, f.known_until, excluded.forgotten_at),
                known_until = greatest(f.known_until, excluded.known_until),
                logins_spent_until = CASE WHEN excluded.logins_spent_until = '-infinity' THEN f.logins_spent_until
                                          ELSE greatest(f.logins_spent_until, now()) + :interval * interval '1 microsecond' END
            """)

    /// For the transaction that opens the session. From then on the account knows the network.
    static func forgetFailures(of attempt: LoginAttempt) -> BoundStatement {
        let more: PostgresNamed<PostgresValue> = [
            "interval": .microseconds(attempt.policy.interval), "is_device": .bool(attempt.device != nil),
        ]
        return BoundStatement(forgetFailures, values(attempt) + more)
    }

    static let unlockLogin = PostgresStatement(
        "unlock_login", .writes, parameters: AuditColumns.parameters + ["address": .text, "known_network_memory": .int8],
        sql: """
            WITH unlocked AS (
                UPDATE login_failures
                SET failures = 0, blocked_until = '-infinity',
                    forgotten_at = least(forgotten_at, now() + :known_network_memory * interval '1 microsecond')
                WHERE routing = address_routing(:address) AND address = :address AND blocked_until > now()
                RETURNING address
            ), event AS (
                \(AuditColumns.insert(
                    details: "jsonb_build_object('email', :address)",
                    from: "(VALUES (true)) AS always WHERE EXISTS (SELECT FROM unlocked)"))
            )
            SELECT address FROM unlocked
            """)

    public func unlock(_ email: EmailAddress, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> Bool {
        let values: PostgresNamed<PostgresValue> = [
            "address": .text(email.canonical), "known_network_memory": .microseconds(policy.knownNetworkMemory),
        ]
        return try await !database.run(Self.unlockLogin, AuditColumns.values(event) + values, at: .address(email)).isEmpty
    }
}
