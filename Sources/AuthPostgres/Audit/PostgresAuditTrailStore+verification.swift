public import AuthCore
import LibPQ

extension PostgresAuditTrailStore {
    /// An intruder may have made a time infinite. Such a time is replaced by one that can be read.
    static let findChains = PostgresStatement(
        "find_chains", .reads, parameters: ["retention": .int8],
        sql: """
            SELECT routing, start_position, encode(start_hash, 'hex') AS start_hash, \(bounded("start_sealed_at")),
                   end_position, encode(end_hash, 'hex') AS end_hash, \(bounded("end_sealed_at")),
                   removed_at IS NOT NULL AS is_removed,
                   coalesce(least(start_sealed_at, '9999-01-01') + :retention * interval '1 microsecond' <= removed_at
                            AND removed_at <= now(), false) AS is_removed_by_age
            FROM audit.chains
            WHERE routing BETWEEN 0 AND 4095
            """)

    public func chains(retention: Duration) async throws(AuthError) -> [AuditChain] {
        let results = try await database.runOnAllShards(Self.findChains, ["retention": .microseconds(retention)])
        return try decoding(Self.findChains) { () throws(PostgresError) in
            var chains: [AuditChain] = []
            for rows in results { for row in rows { chains.append(try AuditChain(row)) } }
            return chains.sorted { left, right in left.routing.value < right.routing.value }
        }
    }

    /// The next events, each compared with the hash that it should have. `sealed_before` and `hash_before` are of the event before it, or
    /// of the start of its chain.
    static let checkEvents = PostgresStatement(
        "check_events", .reads,
        parameters: [
            "after_routing": .int4, "after_position": .int8, "after_volume": .int4, "after_hash": .text, "after_sealed_at": .timestamptz,
            "limit": .int4,
        ],
        sql: """
            WITH portion AS MATERIALIZED (
                SELECT * FROM audit_events
                WHERE (routing, position, volume) > (:after_routing, :after_position, :after_volume)
                ORDER BY routing, position, volume
                LIMIT :limit
            ), linked AS (
                SELECT p.*, lag(p.position) OVER chain AS previous, lag(p.hash) OVER chain AS hash_before,
                       lag(p.sealed_at) OVER chain AS sealed_before, lead(p.position) OVER chain IS NULL AS is_last
                FROM portion p
                WINDOW chain AS (PARTITION BY p.routing ORDER BY p.position, p.volume)
            ), anchored AS (
                SELECT l.routing, l.position, l.volume, l.id, l.occurred_at, l.sealed_at, l.type, l.outcome, l.user_id, l.session_id, l.ip,
                       l.user_agent, l.request_id, l.details, l.salt, l.personal_digest, l.hash, l.is_last,
                       CASE WHEN l.previous IS NOT NULL THEN l.previous WHEN l.routing = :after_routing THEN :after_position
                            ELSE c.start_position END AS previous,
                       CASE WHEN l.previous IS NOT NULL THEN l.hash_before WHEN l.routing = :after_routing THEN decode(:after_hash, 'hex')
                            ELSE c.start_hash END AS hash_before,
                       CASE WHEN l.previous IS NOT NULL THEN l.sealed_before WHEN l.routing = :after_routing THEN :after_sealed_at
                            ELSE c.start_sealed_at END AS sealed_before
                FROM linked l LEFT JOIN audit.chains c ON c.routing = l.routing
            ), checked AS (
                SELECT a.routing, a.position, a.volume, a.hash, a.sealed_at, a.is_last, coalesce(a.previous, 0) AS previous,
                       coalesce(a.hash = sha256(a.hash_before || sha256(convert_to(jsonb_build_array(
                           a.routing, a.position, a.volume, a.id, extract(epoch FROM a.occurred_at), extract(epoch FROM a.sealed_at),
                           extract(epoch FROM a.sealed_before), a.type, a.outcome, a.user_id, a.session_id, a.request_id,
                           encode(CASE WHEN a.salt IS NULL THEN a.personal_digest
                                       ELSE sha256(uuid_send(a.salt) || convert_to(jsonb_build_array(
                                                a.ip, a.user_agent, a.details)::text, 'UTF8')) END, 'hex')
                       )::text, 'UTF8'))), false)
                       -- An erased event has none of the fields, and an event with the fields does not pass for an erased one.
                       AND CASE WHEN a.salt IS NULL THEN a.ip IS NULL AND a.user_agent IS NULL AND a.details IS NULL
                                ELSE a.personal_digest IS NULL END AS is_genuine,
                       a.salt IS NULL AS is_erased
                FROM anchored a
            ), counted AS (
                SELECT c.*, count(*) OVER () AS examined, count(*) FILTER (WHERE c.is_erased AND c.is_genuine) OVER () AS erased
                FROM checked c
            )
            SELECT routing, position, volume, encode(hash, 'hex') AS hash, \(bounded("sealed_at")), is_last, previous, is_genuine,
                   examined, erased
            FROM counted
            WHERE is_last OR NOT is_genuine OR position::numeric - previous <> 1
            ORDER BY routing, position, volume
            """)

    public func check(after event: CheckedEvent?, limit: Int) async throws(AuthError) -> CheckedPortion {
        var (shard, before) = (event?.shard ?? 0, event)
        while let rows = try await database.run(Self.checkEvents, Self.values(after: before, limit), onShard: shard) {
            if let first = rows.first {
                return try decoding(Self.checkEvents) { () throws(PostgresError) in
                    CheckedPortion(
                        examined: try first.int8("examined"), erased: try first.int8("erased"),
                        events: try rows.map { row throws(PostgresError) in try CheckedEvent(row, shard: shard) })
                }
            }
            (shard, before) = (shard + 1, nil)
        }
        return CheckedPortion(examined: 0, erased: 0, events: [])
    }

    /// - Parameter event: `nil` to begin before every row that can exist, because an intruder may have written rows before those of the
    ///   chains.
    private static func values(after event: CheckedEvent?, _ limit: Int) -> PostgresNamed<PostgresValue> {
        [
            "after_routing": .int4(event?.routing.value ?? .min), "after_position": .int8(event?.link.position ?? .min),
            "after_volume": .int4(event?.volume ?? .min), "after_hash": .text(event?.link.hash ?? ""),
            "after_sealed_at": .timestamptz(microseconds: event?.link.sealedAt.microseconds ?? 0), "limit": .int4(Int32(limit)),
        ]
    }

    private static func bounded(_ column: String) -> String {
        "least(greatest(\(column), '1970-01-01'), '9999-01-01') AS \(column)"
    }
}

extension AuditChain {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        let removal: Removal = try row.bool("is_removed_by_age") ? .byAge : .tooSoon
        self.init(
            routing: RoutingKey(try row.int4("routing")),
            start: Link(
                position: try row.int8("start_position"), hash: try row.text("start_hash"), sealedAt: try row.timestamp("start_sealed_at")),
            removal: try row.bool("is_removed") ? removal : nil,
            end: Link(position: try row.int8("end_position"), hash: try row.text("end_hash"), sealedAt: try row.timestamp("end_sealed_at")))
    }
}

extension CheckedEvent {
    fileprivate init(_ row: PostgresRow, shard: Int) throws(PostgresError) {
        self.init(
            routing: RoutingKey(try row.int4("routing")),
            link: AuditChain.Link(position: try row.int8("position"), hash: try row.text("hash"), sealedAt: try row.timestamp("sealed_at")),
            volume: try row.int4("volume"), previous: try row.int8("previous"), isGenuine: try row.bool("is_genuine"),
            isLast: try row.bool("is_last"), shard: shard)
    }
}
