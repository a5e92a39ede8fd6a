import AuthCore
import LibPQ

/// Every node of a distributed database has a copy of the session cutoff, so that a look-up reads no other node. The cutoff only moves
/// forward. So each copy can be changed in a transaction of its own, and a command that failed can be repeated.
extension PostgresSessionCutoffStore {
    static let statements = [moveCutoff, findClock, copyCutoff]

    /// The greatest difference between the clocks of two nodes for which the command succeeds.
    private static let longestWait: Duration = .seconds(2)
    private static let pause: Duration = .milliseconds(50)

    static let findClock = PostgresStatement("find_clock", .reads, sql: "SELECT now()")

    static let copyCutoff = PostgresStatement(
        "copy_cutoff", .writes, parameters: ["cutoff": .timestamptz],
        sql: """
            UPDATE session_cutoff
            SET began_at = greatest(began_at, :cutoff), set_at = CASE WHEN began_at < :cutoff THEN now() ELSE set_at END
            WHERE is_only AND :cutoff <= now()
            RETURNING began_at
            """)

    /// The latest time on any node, because each node creates sessions by its own clock. It leaves out nodes that do not answer: for these
    /// ``copy(_:to:)`` fails.
    func latestClock(of nodes: [Shard]) async throws(AuthError) -> Timestamp {
        var (latest, failure): (Timestamp?, AuthError?) = (nil, nil)
        for node in nodes {
            do throws(AuthError) {
                let rows = try await run(Self.findClock, [:], on: node)
                let now = try decoding(Self.findClock) { () throws(PostgresError) in try rows[0].timestamp("now") }
                latest = max(latest ?? now, now)
            } catch {
                failure = error
            }
        }
        guard let latest else { throw failure ?? .unavailable(cause: "no node") }
        return latest
    }

    /// Copies the cutoff to all nodes, also to nodes that have joined meanwhile. If a node fails, the other known nodes get the cutoff
    /// nevertheless, and then this fails.
    func copy(_ cutoff: Timestamp, to nodes: [Shard]) async throws(AuthError) {
        var (nodes, done, failure) = (nodes, Set<ObjectIdentifier>(), AuthError?.none)
        while nodes.contains(where: { node in !done.contains(node.identity) }) {
            for node in nodes where !done.contains(node.identity) {
                do throws(AuthError) { try await copy(cutoff, to: node) } catch { failure = error }
                done.insert(node.identity)
            }
            if let failure { throw failure }
            nodes = try await database.replicas(readAgain: true) ?? []
        }
    }

    private func copy(_ cutoff: Timestamp, to node: Shard) async throws(AuthError) {
        let copied = try await waiting { () async throws(AuthError) -> Bool? in
            let rows = try await run(Self.copyCutoff, ["cutoff": .timestamptz(microseconds: cutoff.microseconds)], on: node)
            return rows.isEmpty ? nil : true
        }
        guard copied != nil else { throw .unavailable(cause: "the clock of a node is behind, so its sessions go on: repeat the command") }
    }

    private func run(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue>, on node: Shard
    ) async throws(AuthError) -> PostgresRows {
        do throws(PostgresError) {
            return try await node.execute([BoundStatement(statement, values)], on: .work, deadline: nil)
        } catch {
            throw .unavailable(cause: "the sessions of a node may not have ended: repeat the command: \(statement.name): \(error)")
        }
    }

    /// Repeats the body until it returns something, because the clock of the node may be behind. It returns `nil` after ``longestWait``.
    func waiting<Value>(until body: () async throws(AuthError) -> Value?) async throws(AuthError) -> Value? {
        let deadline = ContinuousClock.now + Self.longestWait
        while true {
            if let value = try await body() { return value }
            guard .now < deadline, (try? await Task.sleep(for: Self.pause)) != nil else { return nil }
        }
    }
}
