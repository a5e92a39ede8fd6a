import AuthCore
public import LibPQ

/// The database, and the one place where a database error becomes an ``AuthError``.
public struct PostgresDatabase: Sendable {
    enum Layout {
        case single(Shard)
        case distributed(CitusCluster)
    }

    let layout: Layout

    /// One PostgreSQL.
    public init(_ node: PostgresNode) { layout = .single(Shard(node: node, tables: nil)) }

    /// A database that Citus distributes.
    public init(_ cluster: CitusCluster) { layout = .distributed(cluster) }

    /// The server with the tables that are not distributed.
    private var coordinator: PostgresNode {
        switch layout {
        case .single(let shard): shard.node
        case .distributed(let cluster): cluster.coordinator
        }
    }

    /// Checks whether a pooler in front of PostgreSQL can serve these connections.
    ///
    /// - Throws: ``PostgresError/unsuitable(_:)`` if it cannot. If the database does not answer, this throws nothing: see ``start()``.
    public func checkPooler() async throws(PostgresError) {
        do {
            try await coordinator.work.checkPooler()
        } catch .unsuitable(let reason) {
            throw .unsuitable(reason)
        } catch {}
    }

    /// Begins to connect. Until that succeeds, statements wait for their deadline.
    public func start() throws(PostgresError) { try coordinator.start() }

    /// Lets what is in flight finish, then closes all connections.
    public func shutdown() async {
        switch layout {
        case .single(let shard): await shard.node.shutdown()
        case .distributed(let cluster): await cluster.shutdown()
        }
    }

    /// Runs one statement, which is one transaction, by the deadline of the request being served.
    func run(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue>, at placement: Placement,
        on group: PostgresNode.ConnectionGroup = .work
    ) async throws(AuthError) -> PostgresRows {
        try await run([BoundStatement(statement, values)], at: placement, on: group)
    }

    /// Runs statements as one transaction.
    ///
    /// - Returns: the rows of the last.
    func run(
        _ steps: [BoundStatement], at placement: Placement, on group: PostgresNode.ConnectionGroup = .work
    ) async throws(AuthError) -> PostgresRows {
        try await perform(at: placement, during: steps[steps.count - 1].statement) { shard throws(PostgresError) in
            try await shard.execute(steps, on: group, deadline: RequestDeadline.current)
        }
    }

    /// Runs a statement for some items, by the deadline of the request being served, together with other requests.
    ///
    /// - Parameter items: the arrays of the statement's parameters in their order.
    func runTogether(
        _ statement: PostgresStatement, _ items: [PostgresValue], at placement: Placement, on group: PostgresNode.ConnectionGroup
    ) async throws(AuthError) -> PostgresMatches {
        try await perform(at: placement, during: statement) { shard throws(PostgresError) in
            try await shard.executeTogether(statement, items, on: group, deadline: RequestDeadline.current)
        }
    }

    private func perform<Value>(
        at placement: Placement, during statement: PostgresStatement, _ body: (Shard) async throws(PostgresError) -> Value
    ) async throws(AuthError) -> Value {
        switch layout {
        case .single(let shard):
            do throws(PostgresError) { return try await body(shard) } catch { throw AuthError(error, during: statement) }
        case .distributed(let cluster):
            let key = try cluster.routing.key(of: placement)
            do throws(PostgresError) {
                return try await cluster.perform(at: key, body)
            } catch {
                throw AuthError(error, during: statement)
            }
        }
    }
}

extension PostgresDatabase {
    /// Runs a statement on the coordinator: over the tables that are not distributed, or over all shards together.
    func runOnCoordinator(
        _ statement: PostgresStatement, _ values: PostgresNamed<PostgresValue> = [:], on group: PostgresNode.ConnectionGroup = .background
    ) async throws(AuthError) -> PostgresRows {
        do throws(PostgresError) {
            return try await coordinator.client(of: group).execute(statement, values, deadline: RequestDeadline.current)
        } catch {
            throw AuthError(error, during: statement)
        }
    }

    /// The same for the guard, without a task that waits.
    ///
    /// - Parameters:
    ///   - keys: the routing key of each item; called only if the database is distributed.
    ///   - recipient: gets `nil` if the caller must look up each item separately. Then the rows are in several shards, the map of the
    ///     shards is not known, or a shard has moved.
    func runTogether(
        _ statement: PostgresStatement, _ items: [PostgresValue], keys: () -> [RoutingKey], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<PostgresMatches, AuthError>?) -> Void
    ) {
        let shard: Shard?
        switch layout {
        case .single(let only): shard = only
        case .distributed(let cluster): shard = cluster.commonShard(of: keys())
        }
        guard let shard else { return recipient(nil) }
        shard.node.lookups.executeTogether(
            shard.tables?.statement(statement) ?? statement, items: items, after: shard.tables?.hold, deadline: deadline
        ) { found in
            if case .failure(let error) = found, noteFailure(error) { return recipient(nil) }
            recipient(found.mapError { error in AuthError(error, during: statement) })
        }
    }

    /// - Returns: whether the shard has moved, so that another try can succeed.
    private func noteFailure(_ error: PostgresError) -> Bool {
        guard case .distributed(let cluster) = layout else { return false }
        cluster.noteFailure(error)
        return error.isOfMovedShard
    }

    /// Whether the work in the background has a connection to the node of these rows.
    func isConnected(_ placement: Placement) -> Bool {
        let node: PostgresNode?
        switch layout {
        case .single(let shard): node = shard.node
        case .distributed(let cluster):
            node = (try? cluster.routing.key(of: placement)).flatMap { key in cluster.commonShard(of: [key]) }?.node
        }
        return (node?.background.snapshot.ready ?? 0) > 0
    }

    /// - Returns: for each shard, the positions of its keys; `nil` if the database is not distributed, or the map of the shards is not
    ///   known.
    func shardGroups(of keys: () -> [RoutingKey]) -> [[Int]]? {
        guard case .distributed(let cluster) = layout, let map = cluster.knownMap else { return nil }
        let keys = keys()
        return Array(Dictionary(grouping: keys.indices) { position in map.index(of: keys[position]) }.values)
    }

    var isDistributed: Bool { if case .distributed = layout { true } else { false } }

    /// Whether one transaction can have the rows of both.
    func isOneTransaction(_ placements: (Placement, Placement)) throws(AuthError) -> Bool {
        guard case .distributed(let cluster) = layout else { return true }
        return try cluster.routing.key(of: placements.0) == cluster.routing.key(of: placements.1)
    }
}

extension AuthError {
    /// Every database error that a store does not expect is a failure of the server. The error says whether trying again can help.
    init(_ error: PostgresError, during statement: PostgresStatement) {
        let cause = "\(statement.name): \(error)"
        switch error {
        case .server(let refusal) where refusal.isDefinite: self = .internalError(cause: cause)
        case .decoding, .misuse: self = .internalError(cause: cause)
        default: self = .unavailable(cause: cause)
        }
    }
}

/// Decodes what a statement returned. A value of another type than expected is a failure of ours.
func decoding<Value>(_ statement: PostgresStatement, _ decode: () throws(PostgresError) -> Value) throws(AuthError) -> Value {
    do throws(PostgresError) {
        return try decode()
    } catch {
        throw AuthError(error, during: statement)
    }
}
