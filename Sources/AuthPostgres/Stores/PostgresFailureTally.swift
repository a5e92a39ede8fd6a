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
        var written: [AuditEvent.Kind: Int] = [:]
        var counted: [AuditEvent.Kind: Counts] = [:]
    }

    private let database: PostgresDatabase
    private let identifiers: IdentifierGenerator
    private let state = NIOLockedValueBox(State())

    public init(database: PostgresDatabase, identifiers: IdentifierGenerator) {
        self.database = database
        self.identifiers = identifiers
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
        "record_counts", .writes, parameters: AuditBinds.parameters + [.int8, .textArray, .int8Array],
        sql: """
            INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
            SELECT $1, $2, $3, 'failure', $4::inet, $5, $6, jsonb_build_object(
                'count', $7, 'addresses', (SELECT coalesce(jsonb_object_agg(ip, count), '{}') FROM unnest($8, $9) AS a (ip, count)))
            """)

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

    private func write(_ counts: Counts, of kind: AuditEvent.Kind) async throws(AuthError) {
        let origin = RequestOrigin(ip: nil, userAgent: nil, requestID: "tally")
        let event = AuditEvent(id: identifiers.event(), kind: kind, origin: origin)
        let worst = counts.addresses.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.addressesTold)
        _ = try await database.run(
            Self.recordCounts,
            AuditBinds.values(event) + [
                .int8(Int64(counts.number)), .textArray(worst.map(\.key)), .int8Array(worst.map { Int64($0.value) }),
            ],
            on: .background)
    }

    private func putBack(_ counts: Counts, of kind: AuditEvent.Kind) {
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
