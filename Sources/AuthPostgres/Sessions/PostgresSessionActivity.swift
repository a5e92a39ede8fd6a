public import AuthCore
import LibPQ
import NIOConcurrencyHelpers

/// Collects sightings of sessions in memory and writes many of one shard with one statement.
///
/// The guard's look-up says what a row does not tell yet, and the statement asks again: so each session is written at most once
/// a minute for having been seen, and once a generation for its first use, however many instances see it.
public final class PostgresSessionActivity: SessionActivity {
    /// Beyond so many sessions between two flushes the rest waits for its next request.
    static let capacity = 50_000
    /// Sessions that one statement writes. Their rows are locked while it runs, some milliseconds.
    static let portion = 500

    private let database: PostgresDatabase
    private let pending = NIOLockedValueBox<[SessionID: TokenGeneration?]>([:])

    public init(database: PostgresDatabase) {
        self.database = database
    }

    public func saw(_ sighting: Sighting) {
        pending.withLockedValue { pending in
            guard pending.count < Self.capacity || pending[sighting.sessionID] != nil else { return }
            pending[sighting.sessionID] = .some(sighting.firstUse ?? pending[sighting.sessionID] ?? nil)
        }
    }

    /// Leaves out rows that another transaction has locked, and so waits for none. Their sessions are seen again.
    static let recordSightings = PostgresStatement(
        "record_sightings", .writes, parameters: ["routings": .int4Array, "sessions": .uuidArray, "first_uses": .int4Array],
        sql: """
            WITH seen AS (
                SELECT * FROM unnest(:routings, :sessions, :first_uses) AS seen (routing, id, first_use)
            ), open AS MATERIALIZED (
                SELECT s.routing, s.id, seen.first_use = s.generation AND s.successor_used_at IS NULL AS is_first_use
                FROM sessions s
                JOIN seen ON seen.routing = s.routing AND seen.id = s.id
                WHERE (s.ended_at IS NULL) IS TRUE
                  AND (s.last_seen_at < now() - interval '1 minute'
                       OR seen.first_use = s.generation AND s.successor_used_at IS NULL)
                FOR NO KEY UPDATE OF s SKIP LOCKED
            )
            UPDATE sessions s
            SET last_seen_at = now(), successor_used_at = CASE WHEN open.is_first_use THEN now() ELSE s.successor_used_at END
            FROM open
            WHERE s.routing = open.routing AND s.id = open.id
            """)

    /// Writes what was collected since the last time.
    ///
    /// - Returns: how many sessions were written.
    /// - Throws: ``AuthError/unavailable(cause:)``; what could not be written is kept for the next time, up to ``capacity``.
    @discardableResult
    public func flush() async throws(AuthError) -> Int {
        let seen = pending.withLockedValue { pending in
            defer { pending.removeAll(keepingCapacity: true) }
            return pending.map { seen in (key: seen.key, value: seen.value) } as [Seen]
        }
        let groups = database.shardGroups { seen.map(\.key.routing) } ?? [Array(seen.indices)]
        let outcomes = await withTaskGroup(of: Result<Int, AuthError>.self) { tasks in
            for group in groups { tasks.addTask { await self.write(group.map { position in seen[position] }) } }
            return await tasks.reduce(into: []) { outcomes, outcome in outcomes.append(outcome) }
        }
        var written = 0
        for outcome in outcomes { written += try outcome.get() }
        return written
    }

    /// Writes in portions. If one fails, it keeps that portion and those after it.
    private func write(_ seen: [Seen]) async -> Result<Int, AuthError> {
        var written = 0
        for start in stride(from: 0, to: seen.count, by: Self.portion) {
            do throws(AuthError) {
                written += try await write(seen[start..<min(start + Self.portion, seen.count)])
            } catch {
                putBack(seen[start...])
                return .failure(error)
            }
        }
        return .success(written)
    }

    private func putBack(_ seen: ArraySlice<Seen>) {
        pending.withLockedValue { pending in
            for sighting in seen where pending.count < Self.capacity {
                pending[sighting.key] = .some((pending[sighting.key] ?? nil) ?? sighting.value)
            }
        }
    }

    private typealias Seen = (key: SessionID, value: TokenGeneration?)

    /// Writes the sightings.
    public var job: Job {
        var job = Job("sightings", every: .seconds(1), failure: "sightings of sessions wait to be written") { _ in
            try await self.flush()
            return Job.Outcome()
        }
        job.stop = .completes
        return job
    }

    private func write(_ seen: ArraySlice<Seen>) async throws(AuthError) -> Int {
        let placement = Placement.key(seen[seen.startIndex].key.routing)
        // Otherwise a node that is away would delay the sightings on other nodes.
        guard database.isConnected(placement) else { throw .unavailable(cause: "record_sightings: not connected") }
        return try await database.run(
            Self.recordSightings,
            [
                "routings": .int4Array(seen.map(\.key.routing.value)), "sessions": .uuidArray(seen.map(\.key.uuid)),
                "first_uses": .int4Array(seen.map { sighting in sighting.value?.value ?? 0 }),
            ],
            at: placement, on: .background
        ).affectedRows
    }
}
