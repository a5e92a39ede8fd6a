import NIOConcurrencyHelpers
import Synchronization

/// Which server the connections of one process may be made to: that of one cluster, and of its histories the newest that any of them
/// has met.
///
/// A standby that is promoted begins a new timeline. Once one connection is made to it, those to the old primary are left and none is
/// made again, even where that one still runs and takes writes.
public final class PostgresLineage: Sendable {
    /// Where a server stands: PostgreSQL's system identifier, and the timeline that it writes.
    struct Position: Hashable, Sendable {
        let system: String
        let timeline: UInt32
    }

    private let newest = NIOLockedValueBox<Position?>(nil)
    /// Counts up whenever the connections made so far are to be left.
    private let serverTerm = Atomic(0)
    private let watchers = NIOLockedValueBox<[@Sendable () -> Void]>([])
    private let pooledBox = NIOLockedValueBox<PooledProcesses?>(nil)

    public init() {}

    /// The PostgreSQL processes that serve connections of this program through a pooler.
    var pooled: PooledProcesses {
        pooledBox.withLockedValue { box in
            let pooled =
                box ?? PooledProcesses { [weak self] in self.map { $0.leave($0.serverTerm.load(ordering: .sequentiallyConsistent)) } }
            box = pooled
            return pooled
        }
    }

    /// Lets a connection in, and has those to an older timeline left.
    ///
    /// - Parameter position: `nil` for a server that cannot tell.
    /// - Returns: the server term that the connection belongs to.
    /// - Throws: ``PostgresError/unavailable(_:)`` for another cluster, or an older timeline.
    func admit(_ position: Position?) throws(PostgresError) -> Int {
        let admission: Result<Int, PostgresError> = newest.withLockedValue { newest in
            if let newest, let reason = Self.objection(to: position, after: newest) { return .failure(.unavailable(reason)) }
            if let old = newest, old != position { leave(serverTerm.load(ordering: .sequentiallyConsistent)) }
            newest = position
            return .success(serverTerm.load(ordering: .sequentiallyConsistent))
        }
        return try admission.get()
    }

    private static func objection(to position: Position?, after newest: Position) -> String? {
        guard let position, position.system == newest.system else { return "another cluster than before: if that is meant, restart" }
        guard position.timeline < newest.timeline else { return nil }
        return "a server of timeline \(position.timeline), since when \(newest.timeline) has begun elsewhere: it was not fenced off"
    }

    /// Whether a connection of this server term may be given work.
    func isCurrent(_ term: Int) -> Bool { serverTerm.load(ordering: .sequentiallyConsistent) == term }

    /// Has all connections of this server term left: their server takes no writes any more, so that what it reads may be old.
    func leave(_ term: Int) {
        guard serverTerm.compareExchange(expected: term, desired: term + 1, ordering: .sequentiallyConsistent).exchanged else { return }
        for notify in watchers.withLockedValue({ $0 }) { notify() }
    }

    /// Has the body run whenever connections are to be left; those at rest would not look.
    func watch(_ body: @escaping @Sendable () -> Void) { watchers.withLockedValue { $0.append(body) } }
}
