public import AuthCore
import LibPQ

/// Ready while the database answers and has the newest migration that this release knows.
///
/// A newer one is no reason to stop serving: it is how a rolling upgrade looks to the instances that are next.
public struct SchemaReadiness: Readiness {
    private let database: PostgresDatabase
    private let newest: Int

    public init(database: PostgresDatabase, newest: Int) {
        self.database = database
        self.newest = newest
    }

    static let findMigration = PostgresStatement(
        "find_migration", .reads, parameters: [.int4],
        sql: "SELECT number FROM schema_migrations WHERE number = $1")

    public func check() async throws(AuthError) {
        // On the guard's connections: commits that wait for a lost standby keep the others, and those who are signed in need none.
        let rows = try await database.run(Self.findMigration, [.int4(Int32(newest))], on: .guarding)
        guard !rows.isEmpty else { throw .unavailable(cause: "migration \(newest) is not applied") }
    }
}
