/// Computes the chains of the audit trail again, and says where the trail differs from what was sealed.
public struct AuditVerification: Sendable {
    /// What the verification counted and found.
    public struct Report: Sendable {
        /// Chains that have events.
        public var chains = 0
        /// Events that are as they were sealed.
        public var events: Int64 = 0
        /// How many of them have had their personal fields erased.
        public var erased: Int64 = 0
        /// Events that retention removed at their time.
        public var removed: Int64 = 0
        public var findings: [AuditFinding] = []
        public var pending = PendingEvents(count: 0, oldest: nil)
    }

    /// Events that one statement computes: a tenth of a second.
    static let portion = 5000

    private let store: any AuditTrailStore
    private let retention: Duration

    /// - Parameter retention: the age below which no event may have been removed.
    init(store: any AuditTrailStore, retention: Duration) {
        self.store = store
        self.retention = retention
    }

    /// - Parameter head: an earlier result of ``AuditTrailStore/head()``. The chains must hold it.
    public func verify(head: SealHead? = nil) async throws(AuthError) -> Report {
        // Sealing continues meanwhile. New events are checked too, if they are sealed in time. If retention removes events, start again.
        var before = try await store.chains(retention: retention)
        while true {
            var report = Report()
            let ends = try await readAll(&report)
            let after = try await store.chains(retention: retention)
            guard before.map(\.start) == after.map(\.start) else {
                before = after
                continue
            }
            report.judge(before, ends: ends, after: after)
            if let head, try await !store.holds(head) { report.findings.append(.otherTrail(head)) }
            report.pending = try await store.pending()
            return report
        }
    }

    /// - Returns: the last event that was found of each chain.
    private func readAll(_ report: inout Report) async throws(AuthError) -> [RoutingKey: AuditChain.Link] {
        var ends: [RoutingKey: AuditChain.Link] = [:]
        var last: CheckedEvent?
        while true {
            let portion = try await store.check(after: last, limit: Self.portion)
            for event in portion.events {
                report.judge(event)
                if event.isLast { ends[event.routing] = event.link }
            }
            report.events = report.events.addingSaturated(portion.examined)
            report.erased += portion.erased
            guard let end = portion.events.last else { return ends }
            last = end
        }
    }
}

extension AuditVerification.Report {
    fileprivate mutating func judge(_ event: CheckedEvent) {
        let (position, previous) = (event.link.position, event.previous)
        if position <= previous {
            findings.append(.eventInserted(event.routing, position))
        } else if position - 1 > previous {
            findings.append(.eventsMissing(event.routing, previous.addingSaturated(1)...(position - 1)))
        } else if !event.isGenuine {
            findings.append(.eventChanged(event.routing, position))
        } else {
            return
        }
        events -= 1
    }

    /// - Parameters:
    ///   - chains: the chains before the events were read.
    ///   - ends: the last event that was read of each chain.
    ///   - after: the chains after the events were read.
    fileprivate mutating func judge(_ chains: [AuditChain], ends: [RoutingKey: AuditChain.Link], after: [AuditChain]) {
        // With several shards the row of a chain may be there twice, in the place of another one.
        let keys: Set<RoutingKey> = chains.reduce(into: []) { keys, chain in keys.insert(chain.routing) }
        let missing = Int(RoutingKey.count) - keys.count
        if missing != 0 || chains.count != keys.count {
            findings.append(.chainsMissing(missing != 0 ? missing : keys.count - chains.count))
        }
        self.chains = ends.count
        let latest = Dictionary(after.map { chain in (chain.routing, chain.end) }, uniquingKeysWith: { first, _ in first })
        for chain in chains {
            switch chain.removal {
            case nil where chain.start.position == 0: break
            case .byAge: removed = removed.addingSaturated(chain.start.position)
            default: findings.append(.removedTooSoon(chain.routing, chain.start.position))
            }
            judge(ends[chain.routing] ?? chain.start, of: chain, latest: latest[chain.routing] ?? chain.end)
        }
    }

    private mutating func judge(_ end: AuditChain.Link, of chain: AuditChain, latest: AuditChain.Link) {
        if end.position < chain.end.position {
            findings.append(.eventsMissing(chain.routing, end.position.addingSaturated(1)...chain.end.position))
        } else if end.position > latest.position || [chain.end, latest].contains(where: { $0.position == end.position && $0 != end }) {
            findings.append(.endChanged(chain.routing, latest.position))
        }
    }
}

extension AuditVerification.Report: CustomStringConvertible {
    public var description: String {
        let rest = pending.oldest.map { "\(pending.count), the oldest of \($0)" } ?? "0"
        return "\(erasures)chains: \(chains); events as they were sealed: \(events); removed by age: \(removed); not sealed yet: \(rest)"
    }
}

extension AuditVerification.Report {
    /// A line about the erased events; empty if there are none.
    private var erasures: String {
        guard erased > 0 else { return "" }
        let (verb, owner) = erased == 1 ? ("was", "its") : ("were", "their")
        let rest = findings.isEmpty ? ", and the chain holds" : ""
        return "\(erased) of \(events) events \(verb) erased: \(owner) personal fields are gone\(rest)\n"
    }
}

extension Int64 {
    /// A row that was changed by hand may hold any number, and adding such numbers must not end the process.
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? (other > 0 ? .max : .min) : sum
    }
}
