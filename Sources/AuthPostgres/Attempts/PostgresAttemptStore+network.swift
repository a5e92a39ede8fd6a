public import AuthCore
import LibPQ

extension PostgresAttemptStore {
    /// Parts of statements that spend the allowance of a client's networks: `:client_ip` is its address, `:interval` the time in which one
    /// attempt comes back, `:slack` how far ahead of that a network may spend.
    enum Networks {
        /// How far ahead a network may spend. Its burst is as many times larger as its share says.
        private static func slack(_ interval: String) -> String { "(:slack + :interval) * interval '1 microsecond' - \(interval)" }
        private static let interval = "l.interval"

        /// Common table expressions: `levels`, `exhausted`, `spent`, `emptied`, `event`. The attempt counts if every level was spent.
        /// `:is_recorded` says whether the event is written when an allowance is used up.
        static func spending(kind: String, from source: String, where condition: String) -> String {
            """
            levels AS MATERIALIZED (
                SELECT n.routing, n.network, n.share, :interval * interval '1 microsecond' / n.share AS interval
                FROM attempt_networks(:client_ip::inet) AS n
            ), exhausted AS MATERIALIZED (
                SELECT FROM levels l JOIN network_attempts b ON b.routing = l.routing AND b.network = l.network AND b.kind = \(kind)
                WHERE b.spent_until > now() + \(slack(interval))
            ), spent AS (
                INSERT INTO network_attempts AS a (routing, network, kind, spent_until)
                SELECT l.routing, l.network, \(kind), now() + l.interval
                FROM \(source), levels l
                WHERE \(condition) AND NOT EXISTS (SELECT FROM exhausted)
                ORDER BY l.share DESC
                ON CONFLICT (network, kind, routing) DO UPDATE
                SET spent_until = greatest(a.spent_until, now()) + (excluded.spent_until - now())
                WHERE a.spent_until <= now() + \(slack("(excluded.spent_until - now())"))
                RETURNING network, spent_until
            ), emptied AS (
                SELECT l.network FROM spent JOIN levels l ON l.network = spent.network
                WHERE spent.spent_until > now() + \(slack(interval))
                ORDER BY l.share DESC LIMIT 1
            ), event AS (
                \(AuditColumns.insert(
                    outcome: "'failure'", details: "jsonb_build_object('kind', \(kind), 'network', network)",
                    from: "emptied WHERE :is_recorded"))
            )
            """
        }

        static let areSpent = "(SELECT count(*) FROM spent) = (SELECT count(*) FROM levels)"

        /// The time at which all of the networks have some allowance again.
        static func spentUntil(kind: String) -> String {
            """
            (
                SELECT max(b.spent_until - (\(slack(interval))))
                FROM levels l JOIN network_attempts b ON b.routing = l.routing AND b.network = l.network AND b.kind = \(kind)
            )
            """
        }

        /// Gives back a login that was spent, unless it came from a known network (`:is_known`).
        static let returning = """
            held AS MATERIALIZED (
                SELECT a.routing, a.network, n.share
                FROM attempt_networks(:client_ip::inet) AS n
                JOIN network_attempts a ON a.routing = n.routing AND a.network = n.network AND a.kind = 'login'
                WHERE NOT :is_known
                ORDER BY n.share DESC
                FOR UPDATE OF a
            ), returned AS (
                UPDATE network_attempts a
                SET spent_until = a.spent_until - :interval * interval '1 microsecond' / held.share
                FROM held
                WHERE a.routing = held.routing AND a.network = held.network AND a.kind = 'login'
                RETURNING true
            )
            """
    }

    static let countAttempt = PostgresStatement(
        "count_attempt", .writes,
        parameters: AuditColumns.parameters + ["kind": .text, "client_ip": .text, "interval": .int8, "slack": .int8, "is_recorded": .bool],
        sql: """
            WITH \(Networks.spending(kind: ":kind", from: "(VALUES (true)) AS always", where: "true"))
            SELECT \(Networks.areSpent) AS is_counted,
                   (extract(epoch FROM \(Networks.spentUntil(kind: ":kind")) - now()) * 1000000)::int8 AS wait,
                   EXISTS (SELECT FROM emptied) AS is_emptied
            """)

    public func count(_ kind: AttemptKind, ip: String?, policy: AttemptPolicy, limitEvent: AuditEvent) async throws(AuthError) {
        let rows = try await database.run(
            Self.countAttempt,
            AuditColumns.values(limitEvent) + [
                "kind": .text(kind.rawValue), "client_ip": .optional(ip), "interval": .microseconds(policy.interval),
                "slack": .microseconds(policy.slack), "is_recorded": .bool(tally.hasRoom(for: limitEvent)),
            ])
        let (isCounted, wait, isEmptied) = try decoding(Self.countAttempt) { () throws(PostgresError) in
            guard let row = rows.first else { throw .decoding("no row") }
            return (try row.bool("is_counted"), try row.optionalInt8("wait"), try row.bool("is_emptied"))
        }
        if isEmptied { _ = tally.admits(limitEvent) }
        if !isCounted { throw .tooManyAttempts(retryAfter: .microseconds(max(0, wait ?? 0))) }
    }
}
