public import AuthCore
import LibPQ

/// `audit_pending` has the events that wait, `audit_events` the sealed ones, `audit.chains` the beginning and the end of each chain.
///
/// Sealing, erasing and the history of an account call functions of the database. The statements of verification call none, because an intruder may have replaced functions in
/// the database. With Citus `hold_shard` runs before them. There each table is named with its schema, so a `search_path` that this function
/// might set leads to no other table.
public struct PostgresAuditTrailStore: AuditTrailStore {
    let database: PostgresDatabase

    public init(database: PostgresDatabase) {
        self.database = database
    }

    static let statements = [sealEvents, findChains, checkEvents, countPending, eraseEvents, findHistory] + headStatements

    static let sealEvents = PostgresStatement(
        "seal_events", .writes, parameters: ["limit": .int4], sql: "SELECT audit.seal(:limit) AS sealed")

    public func seal(limit: Int) async throws(AuthError) -> Int {
        let (results, failure) = try await database.runOnShards(Self.sealEvents, ["limit": .int4(Int32(limit))])
        let sealed = try decoding(Self.sealEvents) { () throws(PostgresError) in
            var sealed = 0
            for rows in results { sealed += Int(try rows[0].int8("sealed")) }
            return sealed
        }
        if let failure { throw failure }
        return sealed
    }

    static let countPending = PostgresStatement(
        "count_pending", .reads, sql: "SELECT count(routing), min(occurred_at) AS oldest FROM audit_pending")

    public func pending() async throws(AuthError) -> PendingEvents {
        let results = try await database.runOnAllShards(Self.countPending)
        return try decoding(Self.countPending) { () throws(PostgresError) in
            var (count, oldest) = (Int64(0), Timestamp?.none)
            for row in results.lazy.map({ rows in rows[0] }) {
                count += try row.int8("count")
                guard let other = try row.optionalTimestamp("oldest") else { continue }
                oldest = min(oldest ?? other, other)
            }
            return PendingEvents(count: count, oldest: oldest)
        }
    }
}
