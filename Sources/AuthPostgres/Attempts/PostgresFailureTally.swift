public import AuthCore
import LibPQ
import NIOConcurrencyHelpers

/// Keeps a flood of failures from filling the disk: beyond a number of one kind in a minute they have no row each, but one in ten
/// seconds with their count and where most of them came from. A crash loses what was counted since the last of these.
public final class PostgresFailureTally: Sendable {
    /// Failures of one kind that have a row of their own in a minute, in one instance.
    public static let rowsPerMinute = 300
    /// Beyond so many addresses between two flushes only the number is counted.
    static let addressCapacity = 1000
    /// Addresses that a row names.
    private static let addressesTold = 20

    fileprivate struct Counts {
        var number = 0
        var addresses: [String: Int] = [:]
    }

    private struct State: Sendable {
        var minute = ContinuousClock.now
        var written: [AuditKind: Int] = [:]
        var counted: [AuditKind: Counts] = [:]
    }

    private let database: PostgresDatabase
    private let identifiers: IdentifierGenerator
    private let state = NIOLockedValueBox(State())

    public init(database: PostgresDatabase, identifiers: IdentifierGenerator) {
        self.database = database
        self.identifiers = identifiers
    }

    /// Whether the next failure of this kind gets a row of its own.
    func hasRoom(for event: AuditEvent) -> Bool {
        state.withLockedValue { state in
            .now - state.minute >= .seconds(60) || state.written[event.kind, default: 0] < Self.rowsPerMinute
        }
    }

    /// Whether this failure has a row of its own. Where not, it is counted here.
    func admits(_ event: AuditEvent) -> Bool {
        state.withLockedValue { state in
            if .now - state.minute >= .seconds(60) { (state.minute, state.written) = (.now, [:]) }
            state.written[event.kind, default: 0] += 1
            if state.written[event.kind]! <= Self.rowsPerMinute { return true }
            state.counted[event.kind, default: Counts()].count(event.origin.ip, times: 1)
            return false
        }
    }

    static let recordCounts = PostgresStatement(
        "record_counts", .writes,
        parameters: AuditColumns.parameters + ["count": .int8, "addresses": .textArray, "address_counts": .int8Array],
        sql: AuditColumns.insert(
            outcome: "'failure'",
            details: """
                jsonb_build_object('count', :count, 'addresses', (
                    SELECT coalesce(jsonb_object_agg(ip, count), '{}') FROM unnest(:addresses, :address_counts) AS a (ip, count)))
                """))

    /// Writes what was counted since the last time, a row for each kind.
    ///
    /// - Throws: ``AuthError/unavailable(cause:)``; the counts are kept then.
    public func flush() async throws(AuthError) {
        let counted = state.withLockedValue { state in
            defer { state.counted = [:] }
            return state.counted
        }
        var failure: AuthError?
        for (kind, counts) in counted {
            do throws(AuthError) {
                try await write(counts, of: kind)
            } catch {
                failure = error
                putBack(counts, of: kind)
            }
        }
        if let failure { throw failure }
    }

    /// Writes the counts.
    public var job: Job {
        var job = Job("tally", every: .seconds(10), failure: "counts of failures wait to be written") { _ in
            try await self.flush()
            return Job.Outcome()
        }
        job.stop = .completes
        return job
    }

    private func write(_ counts: Counts, of kind: AuditKind) async throws(AuthError) {
        let origin = RequestOrigin.server("tally")
        let event = AuditEvent(id: identifiers.event(), kind: kind, origin: origin)
        let worst = counts.addresses.sorted { left, right in (right.value, left.key) < (left.value, right.key) }.prefix(Self.addressesTold)
        _ = try await database.run(
            Self.recordCounts,
            AuditColumns.values(event) + [
                "count": .int8(Int64(counts.number)), "addresses": .textArray(worst.map(\.key)),
                "address_counts": .int8Array(worst.map { address in Int64(address.value) }),
            ],
            at: .key(event.id.routing), on: .background)
    }

    private func putBack(_ counts: Counts, of kind: AuditKind) {
        state.withLockedValue { state in
            for (ip, number) in counts.addresses { state.counted[kind, default: Counts()].count(ip, times: number) }
            let anonymous = counts.number - counts.addresses.values.reduce(0, +)
            state.counted[kind, default: Counts()].count(nil, times: anonymous)
        }
    }
}

extension PostgresFailureTally.Counts {
    fileprivate mutating func count(_ ip: String?, times: Int) {
        number += times
        guard let ip, addresses.count < PostgresFailureTally.addressCapacity || addresses[ip] != nil else { return }
        addresses[ip, default: 0] += times
    }
}
