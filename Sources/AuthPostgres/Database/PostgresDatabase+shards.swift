import AuthCore
import LibPQ

/// Statements over all rows. Each shard runs them in a transaction of its own.
extension PostgresDatabase {
    /// Runs a statement on all shards. The shards of one node come one after another, until the node stops answering.
    ///
    /// - Returns: the rows of each shard that did not fail, and one of the failures.
    func runOnShards(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue> = [:]
    ) async throws(AuthError) -> (rows: [PostgresRows], failure: AuthError?) {
        let step = BoundStatement(statement, values)
        let shards = try await shards(during: statement)
        let nodes = Dictionary(grouping: shards.indices) { index in shards[index].identity }
        let outcomes = await withTaskGroup(of: ([PostgresRows], PostgresError?).self) { tasks in
            for indices in nodes.values { tasks.addTask { await run(step, onShards: indices) } }
            var outcomes: [([PostgresRows], PostgresError?)] = []
            for await outcome in tasks { outcomes.append(outcome) }
            return outcomes
        }
        let failure = outcomes.lazy.compactMap { outcome in outcome.1 }.first
        return (outcomes.flatMap { outcome in outcome.0 }, failure.map { error in AuthError(error, during: statement) })
    }

    /// Runs a statement on all shards, and fails if one of them fails.
    func runOnAllShards(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue> = [:]
    ) async throws(AuthError) -> [PostgresRows] {
        let (rows, failure) = try await runOnShards(statement, values)
        if let failure { throw failure }
        return rows
    }

    /// Runs a statement on one shard, for readers that go through one shard after another.
    ///
    /// - Parameter index: the place of the shard in the order of the shards' numbers, from 0.
    /// - Returns: `nil` after the last shard.
    func run(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue>, onShard index: Int
    ) async throws(AuthError) -> PostgresRows? {
        let shards = try await shards(during: statement)
        guard index < shards.count else { return nil }
        let (rows, error) = await run(BoundStatement(statement, values), onShards: [index])
        if let error { throw AuthError(error, during: statement) }
        return rows[0]
    }

    /// For each node, its copies of the tables that all nodes have; `nil` if the database is not distributed.
    ///
    /// - Parameter readAgain: whether nodes may have joined since the last reading.
    func replicas(readAgain: Bool = false) async throws(AuthError) -> [Shard]? {
        guard case .distributed(let cluster) = layout else { return nil }
        do throws(PostgresError) {
            let known = try await cluster.map()
            return try await readAgain ? cluster.map(after: known.version).map.replicas : known.map.replicas
        } catch {
            throw AuthError(error, during: ShardMap.findPlacements)
        }
    }

    /// Runs a body on one node after another, until it succeeds. On each node it runs for one shard.
    func runOnAnyNode<Value>(
        during statement: PostgresStatement, _ body: (Shard) async throws(PostgresError) -> Value
    ) async throws(AuthError) -> Value {
        let shards = try await shards(during: statement)
        let nodes = Dictionary(grouping: shards, by: \.identity).values.map { shards in shards[0] }
        let ordered = nodes.sorted { left, right in left.node.lookups.snapshot.ready > right.node.lookups.snapshot.ready }
        var failure = PostgresError.unavailable("no node has shards")
        for shard in ordered {
            do throws(PostgresError) { return try await body(shard) } catch { failure = error }
        }
        if case .distributed(let cluster) = layout { cluster.noteFailure(failure) }
        throw AuthError(failure, during: statement)
    }

    private func shards(during statement: PostgresStatement) async throws(AuthError) -> [Shard] {
        switch layout {
        case .single(let shard): return [shard]
        case .distributed(let cluster):
            do throws(PostgresError) { return try await cluster.map().map.shards } catch { throw AuthError(error, during: statement) }
        }
    }

    /// - Parameter indices: the places of the shards in the order of their numbers. A move does not change this order.
    private func run(_ step: BoundStatement, onShards indices: [Int]) async -> ([PostgresRows], PostgresError?) {
        var (rows, failure): ([PostgresRows], PostgresError?) = ([], nil)
        for index in indices {
            do throws(PostgresError) {
                rows.append(try await run(step, onShard: index))
            } catch {
                failure = error
                if error.isOfNode { break }
            }
        }
        return (rows, failure)
    }

    private func run(_ step: BoundStatement, onShard index: Int) async throws(PostgresError) -> PostgresRows {
        switch layout {
        case .single(let shard): return try await shard.execute([step], on: .background, deadline: RequestDeadline.current)
        case .distributed(let cluster):
            return try await cluster.perform { map throws(PostgresError) in
                guard map.shards.indices.contains(index) else { throw .unavailable("the number of shards has changed") }
                return try await map.shards[index].execute([step], on: .background, deadline: RequestDeadline.current)
            }
        }
    }
}
