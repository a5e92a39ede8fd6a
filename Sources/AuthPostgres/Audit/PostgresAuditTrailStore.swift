public import AuthCore
import LibPQ

/// `audit_pending` has the events that wait, `audit_events` the sealed ones, `audit.chains` the beginning and the end of each chain.
///
/// Sealing calls a function of the database. Verification (``checkEvents`` and ``holdsHead``) calls none, because an intruder may have
/// replaced functions in the database.
public struct PostgresAuditTrailStore: AuditTrailStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [sealEvents, findChains, checkEvents, countPending, takeHead, holdsHead]

    static let sealEvents = PostgresStatement(
        "seal_events", .writes, parameters: ["limit": .int4], sql: "SELECT audit.seal(:limit) AS sealed")

    public func seal(limit: Int) async throws(AuthError) -> Int {
        let rows = try await database.run(Self.sealEvents, ["limit": .int4(Int32(limit))], on: .background)
        return try decoding(Self.sealEvents) { () throws(PostgresError) in Int(try rows[0].int8("sealed")) }
    }

    static let countPending = PostgresStatement(
        "count_pending", .reads, sql: "SELECT count(routing), min(occurred_at) AS oldest FROM audit_pending")

    public func pending() async throws(AuthError) -> PendingEvents {
        let rows = try await database.run(Self.countPending, on: .background)
        return try decoding(Self.countPending) { () throws(PostgresError) in
            PendingEvents(count: try rows[0].int8("count"), oldest: try rows[0].optionalTimestamp("oldest"))
        }
    }

    static let takeHead = PostgresStatement(
        "take_head", .writes, sql: "SELECT number::bigint, encode(hash, 'hex') AS hash FROM audit.take_head()")

    public func head() async throws(AuthError) -> SealHead {
        let rows = try await database.run(Self.takeHead, on: .background)
        return try decoding(Self.takeHead) { () throws(PostgresError) in
            SealHead(number: try rows[0].int8("number"), hash: try rows[0].text("hash"))
        }
    }

    /// Computes the hash over the ends at that time again, from the events that are there now.
    static let holdsHead = PostgresStatement(
        "holds_head", .reads, parameters: ["number": .int8, "hash": .text],
        sql: """
            SELECT EXISTS (
                SELECT FROM audit.heads h, LATERAL (
                    SELECT sum(p.position) AS number, sha256(convert_to(jsonb_agg(jsonb_build_array(
                               p.position, encode(coalesce(e.hash, c.start_hash), 'hex'),
                               extract(epoch FROM coalesce(e.sealed_at, c.start_sealed_at))) ORDER BY p.number)::text, 'UTF8')) AS hash
                    FROM unnest(h.positions, h.volumes) WITH ORDINALITY AS p (position, volume, number)
                    LEFT JOIN audit_events e ON e.volume = p.volume AND e.routing = p.number - 1 AND e.position = p.position
                    LEFT JOIN audit.chains c ON c.routing = p.number - 1 AND c.start_position = p.position
                ) AS now
                WHERE h.hash = decode(:hash, 'hex') AND now.hash = h.hash AND now.number = :number
            ) AS is_held
            """)

    public func holds(_ head: SealHead) async throws(AuthError) -> Bool {
        let rows = try await database.run(Self.holdsHead, ["number": .int8(head.number), "hash": .text(head.hash)], on: .background)
        return try decoding(Self.holdsHead) { () throws(PostgresError) in try rows[0].bool("is_held") }
    }
}
