public import AuthCore
import LibPQ

/// The trail in `audit_events`, its chain in `audit.seals`.
///
/// Sealing calls a function of the database. Verification computes everything again by the statement here, because an intruder may have
/// replaced functions in the database.
public struct PostgresAuditTrailStore: AuditTrailStore {
    private let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [sealEvents, findRanges, countUnsealed, findHead]

    static let sealEvents = PostgresStatement(
        "seal_events", .writes, parameters: ["limit": .int4], sql: "SELECT audit.seal(:limit) AS sealed")

    public func seal(limit: Int) async throws(AuthError) -> Int? {
        let rows = try await database.run(Self.sealEvents, ["limit": .int4(Int32(limit))], on: .background)
        return try decoding(Self.sealEvents) { () throws(PostgresError) in try rows[0].optionalInt8("sealed").map(Int.init) }
    }

    static let findRanges = PostgresStatement(
        "find_ranges", .reads, parameters: ["after_number": .int8, "after_hash": .text, "limit": .int4, "retention": .int8],
        sql: """
            WITH batch AS MATERIALIZED (
                SELECT * FROM audit.seals WHERE number > :after_number ORDER BY number LIMIT :limit
            ), linked AS (
                SELECT s.*, lag(s.hash, 1, decode(:after_hash, 'hex')) OVER (ORDER BY s.number) AS previous FROM batch s
            )
            SELECT s.number, encode(s.hash, 'hex') AS hash, s.from_position, s.until_position, s.events,
                   least(greatest(s.last_at, '1970-01-01'), '9999-01-01') AS last_at,
                   least(greatest(s.sealed_at, '1970-01-01'), '9999-01-01') AS sealed_at,
                   s.removed_at IS NOT NULL AS is_removed,
                   coalesce(least(s.last_at, '9999-01-01') + :retention * interval '1 microsecond' <= s.removed_at
                            AND s.removed_at <= now(), false) AS is_removed_by_age,
                   s.hash = sha256(convert_to(jsonb_build_array(
                       s.number, s.from_position, s.until_position, s.xid_offset, s.events, extract(epoch FROM s.last_at),
                       encode(s.digest, 'hex'), extract(epoch FROM s.sealed_at), encode(s.previous, 'hex'))::text, 'UTF8'))
                       AS is_genuine,
                   now.events AS found, now.digest = s.digest AS is_unchanged
            FROM linked s, LATERAL (
                SELECT count(*) AS events, sha256(coalesce(string_agg(sha256(convert_to(jsonb_build_array(
                           e.position, e.routing, e.id, extract(epoch FROM e.occurred_at), e.type, e.outcome, e.user_id, e.session_id, e.ip,
                           e.user_agent, e.request_id, e.details)::text, 'UTF8')), '' ORDER BY e.position, e.routing, e.id), '')) AS digest
                FROM audit_events e
                WHERE e.position >= s.from_position AND e.position < s.until_position
            ) AS now
            ORDER BY s.number
            """)

    public func ranges(after head: SealHead?, limit: Int, retention: Duration) async throws(AuthError) -> [SealedRange] {
        let values: PostgresNamed<PostgresValue> = [
            "after_number": .int8(head?.number ?? -1), "after_hash": .text(head?.hash ?? ""), "limit": .int4(Int32(limit)),
            "retention": .microseconds(retention),
        ]
        let rows = try await database.run(Self.findRanges, values, on: .background)
        return try decoding(Self.findRanges) { () throws(PostgresError) in
            try rows.map { row throws(PostgresError) in try SealedRange(row) }
        }
    }

    static let countUnsealed = PostgresStatement(
        "count_unsealed", .reads,
        sql: """
            SELECT count(e.routing), min(e.occurred_at) AS oldest,
                   count(e.routing) FILTER (
                       WHERE e.position >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + last.xid_offset) AS from_the_future
            FROM audit_events e, (SELECT until_position, xid_offset FROM audit.seals ORDER BY number DESC LIMIT 1) AS last
            WHERE e.position >= last.until_position
            """)

    public func unsealed() async throws(AuthError) -> UnsealedEvents {
        let rows = try await database.run(Self.countUnsealed, on: .background)
        return try decoding(Self.countUnsealed) { () throws(PostgresError) in
            UnsealedEvents(
                count: try rows[0].int8("count"), oldest: try rows[0].optionalTimestamp("oldest"),
                fromTheFuture: try rows[0].int8("from_the_future"))
        }
    }

    static let findHead = PostgresStatement(
        "find_head", .reads, sql: "SELECT number, encode(hash, 'hex') AS hash FROM audit.seals ORDER BY number DESC LIMIT 1")

    public func head() async throws(AuthError) -> SealHead {
        let rows = try await database.run(Self.findHead, on: .background)
        guard let row = rows.first else { throw .unavailable(cause: "the audit trail has no seal") }
        return try decoding(Self.findHead) { () throws(PostgresError) in try SealHead(row) }
    }
}

extension SealHead {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(number: try row.int8("number"), hash: try row.text("hash"))
    }
}

extension SealedRange {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        let (start, end) = (try row.int8("from_position"), try row.int8("until_position"))
        let removal: Removal = try row.bool("is_removed_by_age") ? .byAge : .tooSoon
        self.init(
            head: try SealHead(row), positions: start..<max(start, end),
            events: try row.int8("events"), lastAt: try row.optionalTimestamp("last_at"), sealedAt: try row.timestamp("sealed_at"),
            removal: try row.bool("is_removed") ? removal : nil, isGenuine: try row.bool("is_genuine"),
            found: try row.int8("found"), isUnchanged: try row.bool("is_unchanged"))
    }
}
