public import AuthCore
import LibPQ

/// The trail in `audit_events`, its chain in `audit.seals`.
///
/// Whoever seals calls a function of the database. Whoever verifies computes everything anew by the statement here: a function that
/// was replaced there cannot vouch for itself.
public struct PostgresAuditTrailStore: AuditTrailStore {
    private let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let sealEvents = PostgresStatement("seal_events", .writes, parameters: [.int4], sql: "SELECT audit.seal($1)")

    public func seal(limit: Int) async throws(AuthError) -> Int? {
        let rows = try await database.run(Self.sealEvents, [.int4(Int32(limit))], on: .background)
        return try decoding(Self.sealEvents) { () throws(PostgresError) in try rows[0].optionalInt8(0).map { Int($0) } }
    }

    static let findRanges = PostgresStatement(
        "find_ranges", .reads, parameters: [.int8, .text, .int4, .int8],
        sql: """
            WITH batch AS MATERIALIZED (
                SELECT * FROM audit.seals WHERE number > $1 ORDER BY number LIMIT $3
            ), linked AS (
                SELECT s.*, lag(s.hash, 1, decode($2, 'hex')) OVER (ORDER BY s.number) AS previous FROM batch s
            )
            SELECT s.number, encode(s.hash, 'hex'), s.from_position, s.until_position, s.events,
                   least(greatest(s.last_at, '1970-01-01'), '9999-01-01'), least(greatest(s.sealed_at, '1970-01-01'), '9999-01-01'),
                   s.removed_at IS NOT NULL,
                   coalesce(s.last_at + $4 * interval '1 microsecond' <= s.removed_at AND s.removed_at <= now(), false),
                   s.hash = sha256(convert_to(jsonb_build_array(
                       s.number, s.from_position, s.until_position, s.xid_offset, s.events, extract(epoch FROM s.last_at),
                       encode(s.digest, 'hex'), extract(epoch FROM s.sealed_at), encode(s.previous, 'hex'))::text, 'UTF8')),
                   now.events, now.digest = s.digest
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
        let binds: [PostgresValue] = [
            .int8(head?.number ?? -1), .text(head?.hash ?? ""), .int4(Int32(limit)), .microseconds(retention),
        ]
        let rows = try await database.run(Self.findRanges, binds, on: .background)
        return try decoding(Self.findRanges) { () throws(PostgresError) in
            try rows.map { row throws(PostgresError) in try SealedRange(row) }
        }
    }

    static let countUnsealed = PostgresStatement(
        "count_unsealed", .reads,
        sql: """
            SELECT count(e.routing), min(e.occurred_at),
                   count(e.routing) FILTER (
                       WHERE e.position >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + last.xid_offset)
            FROM audit_events e, (SELECT until_position, xid_offset FROM audit.seals ORDER BY number DESC LIMIT 1) AS last
            WHERE e.position >= last.until_position
            """)

    public func unsealed() async throws(AuthError) -> UnsealedEvents {
        let rows = try await database.run(Self.countUnsealed, [], on: .background)
        return try decoding(Self.countUnsealed) { () throws(PostgresError) in
            UnsealedEvents(
                count: try rows[0].int8(0), oldest: try rows[0].optionalTimestamptz(1).map(Timestamp.init(microseconds:)),
                fromTheFuture: try rows[0].int8(2))
        }
    }

    static let findHead = PostgresStatement(
        "find_head", .reads, sql: "SELECT number, encode(hash, 'hex') FROM audit.seals ORDER BY number DESC LIMIT 1")

    public func head() async throws(AuthError) -> SealHead {
        let rows = try await database.run(Self.findHead, [], on: .background)
        guard let row = rows.first else { throw .unavailable(cause: "the audit trail has no seal") }
        return try decoding(Self.findHead) { () throws(PostgresError) in SealHead(number: try row.int8(0), hash: try row.text(1)) }
    }
}

extension SealedRange {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        let (start, end) = (try row.int8(2), try row.int8(3))
        self.init(
            head: SealHead(number: try row.int8(0), hash: try row.text(1)), positions: start..<max(start, end),
            events: try row.int8(4), lastAt: try row.optionalTimestamptz(5).map(Timestamp.init(microseconds:)),
            sealedAt: try row.timestamp(6), removal: try row.bool(7) ? (try row.bool(8) ? .byAge : .tooSoon) : nil,
            isGenuine: try row.bool(9), found: try row.int8(10), isUnchanged: try row.bool(11))
    }
}
