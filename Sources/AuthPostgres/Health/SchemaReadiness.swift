public import AuthCore
import LibPQ

/// Ready while the database answers, has the newest migration that this release knows, and answers the look-up of the guard. In a
/// distributed database it is enough that one node with shards answers, because another instance would have the same nodes.
///
/// A newer one is no reason to stop serving: it is how a rolling upgrade looks to the instances that are next.
public struct SchemaReadiness: Readiness {
    private let database: PostgresDatabase
    private let newest: Int
    private let lookUp: @Sendable () async throws(AuthError) -> Void

    /// - Parameters:
    ///   - newest: the number of the migration.
    ///   - lookUp: runs the statement of the guard, which every request with a token needs.
    public init(database: PostgresDatabase, newest: Int, lookUp: @escaping @Sendable () async throws(AuthError) -> Void) {
        self.database = database
        self.newest = newest
        self.lookUp = lookUp
    }

    static let findMigration = PostgresStatement(
        "find_migration", .reads, parameters: ["number": .int4],
        sql: "SELECT number FROM schema_migrations WHERE number = :number")

    public func check() async throws(AuthError) {
        // On the guard's connections: commits that wait for a lost standby keep the others, and those who are signed in need none.
        let find = BoundStatement(Self.findMigration, ["number": .int4(Int32(newest))])
        let rows = try await database.runOnAnyNode(during: Self.findMigration) { shard throws(PostgresError) in
            try await shard.execute([find], on: .lookups, deadline: RequestDeadline.current)
        }
        guard !rows.isEmpty else { throw .unavailable(cause: "migration \(newest) is not applied") }
        try await lookUp()
    }
}
