import AuthCore
import LibPQ

/// Every node of a distributed database has a copy of the session cutoff, so that a look-up reads no other node. The cutoff only moves
/// forward, so each copy is changed in a transaction of its own, and a command that failed is repeated.
extension PostgresSessionCutoffStore {
    static let statements = [moveCutoff, findClock, copyCutoff]

    /// The clocks of two nodes may differ by so much.
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

    /// A session may have been created by the clock of any node. A node that does not answer now makes ``copy(_:to:)`` fail.
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

    /// Copies the cutoff to all nodes, also to those that have joined meanwhile. If a node fails, the others get it nevertheless.
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
        guard copied != nil else { throw .unavailable(cause: "the clock of a node is late, and its sessions live on: repeat the command") }
    }

    private func run(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue>, on node: Shard
    ) async throws(AuthError) -> PostgresRows {
        do throws(PostgresError) {
            return try await node.execute([BoundStatement(statement, values)], on: .work, deadline: nil)
        } catch {
            throw .unavailable(cause: "the sessions of a node live on: repeat the command: \(statement.name): \(error)")
        }
    }

    /// Repeats the body until it returns something, because the clock of the node may be late.
    func waiting<Value>(until body: () async throws(AuthError) -> Value?) async throws(AuthError) -> Value? {
        let deadline = ContinuousClock.now + Self.longestWait
        while true {
            if let value = try await body() { return value }
            guard .now < deadline, (try? await Task.sleep(for: Self.pause)) != nil else { return nil }
        }
    }
}
