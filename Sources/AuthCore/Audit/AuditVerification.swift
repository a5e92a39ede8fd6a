/// Computes the chain over the audit trail again, and says where the trail is not what was sealed.
public struct AuditVerification: Sendable {
    /// What the verification counted and found.
    public struct Report: Sendable {
        public var seals = 0
        /// Events that are as they were sealed.
        public var events: Int64 = 0
        /// Events that retention removed at their time.
        public var removed: Int64 = 0
        public var findings: [AuditFinding] = []
        public var unsealed = UnsealedEvents(count: 0, oldest: nil, fromTheFuture: 0)
    }

    /// Seals that one statement computes: a tenth of a second.
    static let portion = 100

    private let store: any AuditTrailStore
    private let retention: Duration

    /// - Parameter retention: the age below which no event may have been removed.
    init(store: any AuditTrailStore, retention: Duration) {
        self.store = store
        self.retention = retention
    }

    /// - Parameter head: what ``AuditTrailStore/head()`` said once. The chain must hold that seal.
    public func verify(head: SealHead? = nil) async throws(AuthError) -> Report {
        var report = Report()
        var last: SealedRange?
        var isHeadFound = head == nil
        while true {
            let ranges = try await store.ranges(after: last?.head, limit: Self.portion, retention: retention)
            if ranges.isEmpty { break }
            for range in ranges {
                report.judge(range, after: last)
                if let head, range.head.number == head.number { isHeadFound = range.head == head && range.isGenuine }
                last = range
            }
        }
        if last == nil { report.findings.append(.noChain) }
        if let head, !isHeadFound { report.findings.append(.otherChain(head)) }
        report.unsealed = try await store.unsealed()
        if report.unsealed.fromTheFuture > 0 { report.findings.append(.fromTheFuture(report.unsealed.fromTheFuture)) }
        return report
    }
}

extension AuditVerification.Report {
    fileprivate mutating func judge(_ range: SealedRange, after last: SealedRange?) {
        seals += 1
        let expected = last.map { $0.head.number.addingSaturated(1) } ?? 0
        if range.head.number != expected {
            findings.append(.sealsMissing(expected...max(expected, range.head.number.addingSaturated(-1))))
        } else if !range.isGenuine || range.positions.lowerBound != last?.positions.upperBound ?? .min {
            findings.append(.sealChanged(range))
        }
        switch range.removal {
        case nil where range.isUnchanged && range.found == range.events: events = events.addingSaturated(range.events)
        case .byAge where range.found == 0: removed = removed.addingSaturated(range.events)
        case .tooSoon where range.found == 0: findings.append(.removedTooSoon(range))
        default: findings.append(.eventsDiffer(range))
        }
    }
}

extension AuditVerification.Report: CustomStringConvertible {
    public var description: String {
        let rest = unsealed.oldest.map { "\(unsealed.count), the oldest of \($0)" } ?? "0"
        return "seals: \(seals); events as they were sealed: \(events); removed by age: \(removed); not sealed yet: \(rest)"
    }
}

extension Int64 {
    /// A row that was changed by hand may hold any number, and adding such numbers must not end the process.
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? (other > 0 ? .max : .min) : sum
    }
}
