import FoundationEssentials
import LibPQ

/// Has Citus distribute the tables, if the database has the extension.
struct Distribution: Sendable {
    private static let file = "citus/distribute.sql"

    /// The folder of the migrations.
    let directory: String

    func isFound(_ connection: PostgresScriptConnection) throws -> Bool {
        try connection.query("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")[0][0] == "t"
    }

    /// Whether Citus distributes tables already.
    func isBegun(_ connection: PostgresScriptConnection) throws -> Bool {
        try connection.query("SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'users'::regclass)")[0][0] == "t"
    }

    /// Whether ``run(_:newest:)`` has not run since the newest migration, or since a shard was split. The comment of a function has the
    /// number of the newest migration at that time.
    func isPending(_ connection: PostgresScriptConnection, newest: Int) throws -> Bool {
        try connection.query(
            """
            SELECT coalesce(obj_description(to_regprocedure('hold_shard(bigint)'), 'pg_proc'), '') <> :mark
                OR EXISTS (SELECT FROM pg_dist_shard WHERE logicalrelid = 'users'::regclass
                                                       AND to_regprocedure(format('audit.seal_%s(integer)', shardid)) IS NULL)
            """, ["mark": Self.mark(newest)])[0][0] == "t"
    }

    private static func mark(_ newest: Int) -> String { "distributed up to migration \(newest)" }

    /// - Throws: ``SchemaError/notCoordinator``.
    func requireCoordinator(_ connection: PostgresScriptConnection) throws {
        guard try connection.query("SELECT groupid FROM pg_dist_local_group")[0][0] == "0" else { throw SchemaError.notCoordinator }
    }

    /// - Parameter newest: the number of the newest migration.
    /// - Throws: ``SchemaError`` if the script cannot be read, or if Citus refuses.
    func run(_ connection: PostgresScriptConnection, newest: Int) throws {
        let script: String
        do { script = try String(contentsOfFile: "\(directory)/\(Self.file)", encoding: .utf8) } catch {
            throw SchemaError.unreadableFile(Self.file)
        }
        do throws(PostgresError) {
            try connection.run(script)
            try connection.run("COMMENT ON FUNCTION hold_shard IS '\(Self.mark(newest))'")
        } catch {
            guard case .server(let refusal) = error else { throw error }
            throw SchemaError.refused("Citus refused to distribute the tables, and nothing was changed: \(refusal.messageForLog)")
        }
    }
}
