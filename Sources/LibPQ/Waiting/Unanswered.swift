import Glibc

/// Connections that were given up while PostgreSQL was at work on a write of theirs.
///
/// A commit that waits for a synchronous standby goes on waiting when its client has gone. It must: if it ended early, others would see
/// it, and it would still be lost with this server. Each keeps one of PostgreSQL's processes, so a thread that connected again and again
/// would take all of them. A thread that has ``limit`` of these makes no other connection until one of them was answered or has broken.
struct Unanswered {
    /// One may be stuck for a reason of its own; two are so for the same.
    static let limit = 2

    private var connections: [LibpqConnection] = []

    var isFull: Bool { connections.count >= Self.limit }

    mutating func append(_ connection: LibpqConnection) { connections.append(connection) }

    /// Forgets those that are over. Where there are too many it waits for one, or until `wakeup` is signalled.
    mutating func settle(orUntil wakeup: Wakeup) {
        var descriptors = (connections.map(\.socket) + [wakeup.descriptor]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&descriptors, nfds_t(descriptors.count), isFull ? -1 : 0) > 0 else { return }
        if descriptors[connections.count].revents != 0 { wakeup.drain() }
        // Nothing comes before the commit is over.
        connections = zip(connections, descriptors).filter { $1.revents == 0 }.map(\.0)
    }
}
