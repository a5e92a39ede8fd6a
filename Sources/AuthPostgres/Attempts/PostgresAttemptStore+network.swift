public import AuthCore
import LibPQ

/// The allowance of a client's networks.
extension PostgresAttemptStore {
    /// How far ahead of the steady rate a network may spend, for the SQL of the time in which one attempt comes back to it. Its burst is as
    /// many times larger as its share says.
    private static func slack(_ interval: String) -> String { "(:slack + :interval) * interval '1 microsecond' - \(interval)" }

    /// Inserts or updates the rows of the client's networks. The attempt counts if all of them have spent their allowance on it. Once an
    /// allowance is used up its row is only read, so a flood takes no locks. `:is_recorded` says whether an event is written when an
    /// allowance is used up. `AuditColumns` has `:routing`, the key of the networks, and `:ip` and
    /// `:user_agent`.
    static let countAttempt = PostgresStatement(
        "count_attempt", .writes,
        parameters: AuditColumns.parameters + ["kind": .text, "client_ip": .text, "interval": .int8, "slack": .int8, "is_recorded": .bool],
        sql: """
            WITH levels AS MATERIALIZED (
                SELECT n.network, n.share, :interval * interval '1 microsecond' / n.share AS interval
                FROM attempt_networks(:client_ip::inet) AS n
            ), exhausted AS MATERIALIZED (
                SELECT FROM levels l JOIN network_attempts b ON b.routing = :routing AND b.network = l.network AND b.kind = :kind
                WHERE b.spent_until > now() + \(slack("l.interval"))
            ), spent AS (
                INSERT INTO network_attempts AS a (routing, network, kind, spent_until)
                SELECT :routing, l.network, :kind, now() + l.interval
                FROM levels l
                WHERE NOT EXISTS (SELECT FROM exhausted)
                ORDER BY l.share DESC
                ON CONFLICT (network, kind, routing) DO UPDATE
                SET spent_until = greatest(a.spent_until, now()) + (excluded.spent_until - now())
                WHERE a.spent_until <= now() + \(slack("(excluded.spent_until - now())"))
                RETURNING network, spent_until
            ), emptied AS (
                SELECT l.network FROM spent JOIN levels l ON l.network = spent.network
                WHERE spent.spent_until > now() + \(slack("l.interval"))
                ORDER BY l.share DESC LIMIT 1
            ), event AS (
                \(AuditColumns.insert(
                    outcome: "'failure'", details: "jsonb_build_object('kind', :kind, 'network', network)",
                    from: "emptied WHERE :is_recorded"))
            )
            SELECT (SELECT count(*) FROM spent) = (SELECT count(*) FROM levels) AS is_counted,
                   EXISTS (SELECT FROM emptied) AS is_emptied,
                   -- Until all of the networks have some allowance again.
                   (extract(epoch FROM (
                       SELECT max(b.spent_until - (\(slack("l.interval"))))
                       FROM levels l JOIN network_attempts b ON b.routing = :routing AND b.network = l.network AND b.kind = :kind
                   ) - now()) * 1000000)::int8 AS wait
            """)

    public func count(_ kind: AttemptKind, ip: String?, policy: AttemptPolicy, limitEvent: AuditEvent) async throws(AuthError) {
        try await spend(on: kind.rawValue, ip, policy, limitEvent)
    }

    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    func spend(on kind: String, _ ip: String?, _ policy: AttemptPolicy, _ limitEvent: AuditEvent) async throws(AuthError) {
        let rows = try await database.run(
            Self.countAttempt,
            AuditColumns.values(limitEvent) + [
                "kind": .text(kind), "client_ip": .optional(ip), "interval": .microseconds(policy.interval),
                "slack": .microseconds(policy.slack), "is_recorded": .bool(tally.hasRoom(for: limitEvent)),
            ], at: .key(limitEvent.id.routing))
        let (isCounted, wait, isEmptied) = try decoding(Self.countAttempt) { () throws(PostgresError) in
            guard let row = rows.first else { throw .decoding("no row") }
            return (try row.bool("is_counted"), try row.optionalInt8("wait"), try row.bool("is_emptied"))
        }
        if isEmptied { _ = tally.admits(limitEvent) }
        if !isCounted { throw .tooManyAttempts(retryAfter: .microseconds(max(0, wait ?? 0))) }
    }

    static let returnAllowance = PostgresStatement(
        "return_allowance", .writes, parameters: ["routing": .int4, "client_ip": .text, "interval": .int8],
        sql: """
            WITH held AS MATERIALIZED (
                SELECT a.network, n.share
                FROM attempt_networks(:client_ip::inet) AS n
                JOIN network_attempts a ON a.routing = :routing AND a.network = n.network AND a.kind = 'login'
                ORDER BY n.share DESC
                FOR UPDATE OF a
            )
            UPDATE network_attempts a
            SET spent_until = a.spent_until - :interval * interval '1 microsecond' / held.share
            FROM held
            WHERE a.routing = :routing AND a.network = held.network AND a.kind = 'login'
            """)

    public func returnAllowance(of attempt: LoginAttempt) async throws(AuthError) {
        guard !attempt.isFromKnownClient else { return }
        try await returnAllowance(to: attempt.ip, attempt.networks, attempt.policy)
    }

    func returnAllowance(to ip: String?, _ networks: RoutingKey, _ policy: AttemptPolicy) async throws(AuthError) {
        _ = try await database.run(
            Self.returnAllowance,
            ["routing": .int4(networks.value), "client_ip": .optional(ip), "interval": .microseconds(policy.interval)],
            at: .key(networks))
    }
}
