public import AuthCore
public import LibPQ
import NIOConcurrencyHelpers

/// A database that Citus distributes. Citus places and moves the shards. A transaction concerns the rows of one routing key. So it runs on
/// the node that has them, with the same statements as on one PostgreSQL. Citus neither plans nor commits it.
public final class CitusCluster: Sendable {
    /// Makes the connections to a node.
    public typealias NodeFactory = @Sendable (_ host: String, _ port: Int32, _ lineage: PostgresLineage) -> PostgresNode

    /// If a node does not answer, the map is read again, but not sooner than this after the last reading.
    private static let shortestRest: Duration = .seconds(1)

    private typealias Reading = Task<PostgresError?, Never>

    private struct State {
        var map: ShardMap?
        /// How many times the map was read.
        var version = 0
        var readAt = ContinuousClock.now
        var current: Reading?
        /// The reading that begins when the current one has ended.
        var next: Reading?
        var nodes: [ShardMap.Address: PostgresNode] = [:]
        /// Servers that replace each other have one lineage.
        var lineages: [Int32: PostgresLineage] = [:]
    }

    let coordinator: PostgresNode
    let routing: RoutingKeys
    private let makeNode: NodeFactory
    private let state = NIOLockedValueBox(State())

    /// - Parameters:
    ///   - coordinator: the node with the tables that are not distributed.
    ///   - routing: computes the routing keys of addresses and services.
    ///   - makeNode: called for each worker, and again if another server takes the worker's place.
    public init(coordinator: PostgresNode, routing: RoutingKeys, makeNode: @escaping NodeFactory) {
        self.coordinator = coordinator
        self.routing = routing
        self.makeNode = makeNode
    }

    func shutdown() async {
        let nodes = state.withLockedValue { state in Array(state.nodes.values) }
        await withTaskGroup { tasks in
            for node in [coordinator] + nodes { tasks.addTask { await node.shutdown() } }
        }
    }

    /// Runs a body for the shard of a routing key, and again if the shard has moved.
    func perform<Value>(
        at key: RoutingKey, _ body: (Shard) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        try await perform { map throws(PostgresError) in try await body(try map.shard(of: key)) }
    }

    /// Runs a body with the map of the shards. If a shard has moved, the body has changed nothing, and it runs again with a newer map: at
    /// most twice.
    func perform<Value>(_ body: (ShardMap) async throws(PostgresError) -> Value) async throws(PostgresError) -> Value {
        let (map, version) = try await map()
        do throws(PostgresError) { return try await body(map) } catch { try notice(error, with: version) }
        let newer = try await self.map(after: version)
        do throws(PostgresError) { return try await body(newer.map) } catch { try notice(error, with: newer.version) }
        // The second map may have been read before the move.
        return try await body(try await self.map(after: newer.version).map)
    }

    /// - Throws: the error, unless a shard has moved.
    private func notice(_ error: PostgresError, with version: Int) throws(PostgresError) {
        // The caller waits for the next map itself.
        if error.isOfMovedShard { return }
        noteFailure(error, with: version)
        throw error
    }

    /// The newest map; `nil` until it was read.
    var knownMap: ShardMap? { state.withLockedValue { state in state.map } }

    /// - Returns: `nil` if the keys are in several shards, or the map is not known yet.
    func commonShard(of keys: [RoutingKey]) -> Shard? {
        guard let map = knownMap, let index = keys.first.flatMap(map.index) else { return nil }
        return keys.allSatisfy { key in map.index(of: key) == index } ? map.shards[index] : nil
    }

    /// Reads the map again in the background, if this failure says that the map is old or may be old.
    ///
    /// - Parameter version: the version of the map with which it failed; `nil` for the newest.
    func noteFailure(_ error: PostgresError, with version: Int? = nil) {
        guard error.isOfNode || error.isOfMovedShard else { return }
        state.withLockedValue { state in
            guard version ?? state.version == state.version, state.current == nil else { return }
            if error.isOfMovedShard || .now - state.readAt >= Self.shortestRest { _ = freshReading(&state) }
        }
    }

    /// - Parameter version: the map returned is newer than this version.
    func map(after version: Int = 0) async throws(PostgresError) -> (map: ShardMap, version: Int) {
        let reading = state.withLockedValue { state in state.version > version ? nil : freshReading(&state) }
        if let failure = await reading?.value { throw failure }
        let (map, newest) = state.withLockedValue { state in (state.map, state.version) }
        guard let map else { throw .unavailable("the map of the shards is not known yet") }
        return (map, newest)
    }

    /// A reading that has not begun yet.
    private func freshReading(_ state: inout State) -> Reading {
        if let next = state.next { return next }
        let current = state.current
        let reading = Reading {
            if let current {
                _ = await current.value
                self.state.withLockedValue { state in (state.current, state.next) = (state.next, nil) }
            }
            do throws(PostgresError) {
                let map = try await read()
                self.state.withLockedValue { state in
                    (state.map, state.version, state.current, state.readAt) = (map, state.version + 1, nil, .now)
                }
                return nil
            } catch {
                self.state.withLockedValue { state in (state.current, state.readAt) = (nil, .now) }
                return error
            }
        }
        if current == nil { state.current = reading } else { state.next = reading }
        return reading
    }

    /// Every node knows where all shards are, so the coordinator need not answer.
    private func read() async throws(PostgresError) -> ShardMap {
        let known = state.withLockedValue { state in Array(state.nodes.values) }
        var nodes = [coordinator] + known
        nodes.sort { left, right in left.lookups.snapshot.ready > 0 && right.lookups.snapshot.ready == 0 }
        var failure = PostgresError.unavailable("no node")
        for node in nodes {
            do throws(PostgresError) {
                let placements = try await node.lookups.execute(ShardMap.findPlacements)
                let keys = try await node.lookups.execute(ShardMap.findKeys)
                return try map(placements, keys)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func map(_ placements: PostgresRows, _ keys: PostgresRows) throws(PostgresError) -> ShardMap {
        var used: Set<ShardMap.Address> = []
        let map = try ShardMap(placements: placements, keys: keys) { address throws(PostgresError) in
            used.insert(address)
            return try node(at: address)
        }
        let unused = state.withLockedValue { state in
            let unused = state.nodes.filter { node in !used.contains(node.key) }
            for address in unused.keys { state.nodes[address] = nil }
            return Array(unused.values)
        }
        if !unused.isEmpty { Task { for node in unused { await node.shutdown() } } }
        return map
    }

    private func node(at address: ShardMap.Address) throws(PostgresError) -> PostgresNode {
        if address.group == 0 { return coordinator }
        let (node, isNew) = state.withLockedValue { state in
            if let node = state.nodes[address] { return (node, false) }
            let lineage = state.lineages[address.group] ?? PostgresLineage()
            let node = makeNode(address.host, address.port, lineage)
            (state.lineages[address.group], state.nodes[address]) = (lineage, node)
            return (node, true)
        }
        guard isNew else { return node }
        do throws(PostgresError) {
            try node.start()
        } catch {
            // The next reading of the map makes the node again.
            state.withLockedValue { state in state.nodes[address] = nil }
            throw error
        }
        return node
    }
}
