import AuthCore
import LibPQ

/// The rows of some routing keys, together on one node. One PostgreSQL is one shard with all rows.
struct Shard: Sendable {
    let node: PostgresNode
    /// The tables of the shard; `nil` if they have the names that the statements use.
    let tables: ShardTables?

    /// Shards on the same node have the same identity.
    var identity: ObjectIdentifier { ObjectIdentifier(node.background) }

    /// Runs statements as one transaction.
    ///
    /// - Returns: the rows of the last.
    func execute(
        _ steps: [BoundStatement], on group: PostgresNode.ConnectionGroup, deadline: ContinuousClock.Instant?
    ) async throws(PostgresError) -> PostgresRows {
        guard let tables else { return try await node.client(of: group).execute(steps, deadline: deadline) }
        let own = steps.map { step in step.rebound(to: tables.statement(step.statement)) }
        return try await node.client(of: group).execute([tables.hold] + own, deadline: deadline)
    }

    /// Runs a statement for some items, together with other requests.
    func executeTogether(
        _ statement: PostgresStatement, _ items: [PostgresValue], on group: PostgresNode.ConnectionGroup, deadline: ContinuousClock.Instant?
    ) async throws(PostgresError) -> PostgresMatches {
        try await node.client(of: group).executeTogether(
            tables?.statement(statement) ?? statement, items: items, after: tables?.hold, deadline: deadline)
    }
}
