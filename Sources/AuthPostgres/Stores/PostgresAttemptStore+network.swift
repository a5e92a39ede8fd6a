public import AuthCore
import LibPQ

extension PostgresAttemptStore {
    static let countAttempt = PostgresStatement(
        "count_attempt", .writes, parameters: AuditBinds.parameters + [.text, .int8, .int8],
        sql: """
            WITH spent AS (
                INSERT INTO network_attempts AS a (network, kind, spent_until)
                SELECT client, $7, now() + $8 * interval '1 microsecond'
                FROM attempt_network($4::inet) AS client
                WHERE NOT EXISTS (
                    SELECT FROM network_attempts b
                    WHERE b.network = client AND b.kind = $7 AND b.spent_until > now() + $9 * interval '1 microsecond'
                )
                ON CONFLICT (network, kind) DO UPDATE
                SET spent_until = greatest(a.spent_until, now()) + $8 * interval '1 microsecond'
                WHERE a.spent_until <= now() + $9 * interval '1 microsecond'
                RETURNING spent_until
            ), excess AS (
                INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'failure', $4::inet, $5, $6, jsonb_build_object('kind', $7)
                FROM spent
                WHERE spent_until > now() + $9 * interval '1 microsecond'
            )
            SELECT EXISTS (SELECT FROM spent), (extract(epoch FROM (
                SELECT b.spent_until - $9 * interval '1 microsecond' FROM network_attempts b
                WHERE b.network = attempt_network($4::inet) AND b.kind = $7
            ) - now()) * 1000000)::int8
            """)

    public func count(_ kind: AttemptKind, policy: AttemptPolicy, excess: AuditEvent) async throws(AuthError) {
        let rows = try await database.run(
            Self.countAttempt,
            AuditBinds.values(excess) + [.text(kind.rawValue), .microseconds(policy.interval), .microseconds(policy.slack)])
        let (isCounted, wait) = try decoding(Self.countAttempt) { () throws(PostgresError) in
            guard let row = rows.first else { throw .decoding("no row") }
            return (try row.bool(0), try row.optionalInt8(1))
        }
        if !isCounted { throw .tooManyAttempts(retryAfter: .microseconds(max(0, wait ?? 0))) }
    }
}
