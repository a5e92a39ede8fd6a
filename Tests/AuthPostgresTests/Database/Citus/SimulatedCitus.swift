import AuthCore
import AuthCrypto
import AuthPostgres
import AuthTestSupport
import LibPQ

/// A coordinator and two workers as the server sees them: three databases of one PostgreSQL, with the tables of Citus' catalogue and with
/// one shard on each worker. Even routing keys are on node 1, odd ones on node 2. This tests what the server does. `script/test-citus`
/// tests it with Citus itself.
struct SimulatedCitus {
    /// The coordinator first.
    let databases: [TestDatabase]
    let stores: TestStores

    static func with(
        reachable: Set<Int32> = [1, 2], _ body: (SimulatedCitus) async throws -> Void
    ) async throws {
        try await TestDatabase.with(3) { databases in
            for (group, database) in databases.enumerated() { try await prepare(database, group: group) }
            let database = database(databases, reachable)
            try database.start()
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(SimulatedCitus(databases: databases, stores: TestStores(databases[0], database))))
            } catch {
                outcome = .failure(error)
            }
            await database.shutdown()
            try outcome.get()
        }
    }

    private static func database(_ databases: [TestDatabase], _ reachable: Set<Int32>) -> PostgresDatabase {
        let coordinator = TestDatabase.node(databases[0].conninfo, timeout: .seconds(10))
        let routing = RoutingKeys(cryptography: OpenSSLTokenCryptography())
        return PostgresDatabase(
            CitusCluster(coordinator: coordinator, routing: routing) { _, port, lineage in
                let conninfo = reachable.contains(port) ? databases[Int(port)].conninfo : "host=/nowhere"
                return TestDatabase.node(conninfo, timeout: reachable.contains(port) ? .seconds(10) : .milliseconds(300), lineage: lineage)
            })
    }

    /// Moves the shard with the even keys in the catalogues, but not its rows.
    func moveEvenShard(to node: Int) async throws {
        for database in databases {
            try await database.query("UPDATE pg_dist_placement SET groupid = \(node) WHERE shardid % 10 = 1 AND shardid < 300")
        }
    }

    /// The rows of a table on both workers, those of the even keys first.
    func rows(_ columns: String, from table: String) async throws -> [[String?]] {
        var rows: [[String?]] = []
        for (database, suffix) in zip(databases.dropFirst(), ["1", "2"]) {
            rows += try await database.query("SELECT \(columns) FROM \(Self.shard(of: table))\(suffix)")
        }
        return rows
    }

    /// The rows of a table on all nodes.
    func copies(_ columns: String, of table: String) async throws -> [[String?]] {
        var rows: [[String?]] = []
        for database in databases { rows += try await database.query("SELECT \(columns) FROM \(table)") }
        return rows
    }

    private static let tables = [
        "users", "user_emails", "login_failures", "network_attempts", "sessions", "clients", "audit_pending", "audit_events",
        "audit.chains", "known_devices", "one_time_tokens", "mails", "mail_budgets", "mail_suppressions",
    ]
    private static let copies = ["session_cutoff", "schema_migrations", "audit.volumes"]

    /// The name of a shard's table without its last digit, which is 1 for the even keys and 2 for the odd ones.
    private static func shard(of table: String) -> String { "\(table)_\(10 + tables.firstIndex(of: table)!)" }

    private static func prepare(_ database: TestDatabase, group: Int) async throws {
        try await PostgresScriptConnection.with(database.conninfo, applicationName: "auth-api test") { connection in
            try connection.run(catalogue(group: group))
            for table in tables {
                for (suffix, home) in [("1", 1), ("2", 2)] {
                    let name = shard(of: table) + suffix
                    try connection.run(
                        """
                        INSERT INTO pg_dist_shard VALUES ('\(table)', \(name.split(separator: "_").last!), '\(suffix)', '\(suffix)');
                        INSERT INTO pg_dist_placement VALUES (\(name.split(separator: "_").last!), \(home), 1);
                        CREATE TABLE \(name) (LIKE \(table) INCLUDING ALL);
                        """)
                }
                try connection.run("INSERT INTO pg_dist_partition VALUES ('\(table)', 'h', 1)")
            }
            for (number, table) in copies.enumerated() {
                try connection.run(
                    """
                    INSERT INTO pg_dist_partition VALUES ('\(table)', 'n', 2);
                    INSERT INTO pg_dist_shard VALUES ('\(table)', \(300 + number));
                    INSERT INTO pg_dist_placement SELECT \(300 + number), groupid, 1 FROM pg_dist_node;
                    CREATE TABLE \(table)_\(300 + number) (LIKE \(table) INCLUDING ALL);
                    INSERT INTO \(table)_\(300 + number) SELECT * FROM \(table);
                    """)
            }
            for suffix in ["1", "2"] { try connection.run(ownOfShard(suffix)) }
        }
    }

    private static func catalogue(group: Int) -> String {
        """
        CREATE TABLE pg_dist_node (groupid integer, nodename text, nodeport integer, noderole text);
        INSERT INTO pg_dist_node VALUES (0, 'coordinator', 0, 'primary'), (1, 'node', 1, 'primary'), (2, 'node', 2, 'primary');
        CREATE TABLE pg_dist_local_group (groupid integer);
        INSERT INTO pg_dist_local_group VALUES (\(group));
        CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod "char", colocationid integer);
        CREATE TABLE pg_dist_shard (logicalrelid regclass, shardid bigint, shardminvalue text, shardmaxvalue text);
        CREATE TABLE pg_dist_placement (shardid bigint, groupid integer, shardstate integer);
        CREATE FUNCTION worker_hash(key integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1 + key % 2;
        CREATE FUNCTION hold_shard(shard bigint) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_dist_placement JOIN pg_dist_local_group USING (groupid) WHERE shardid = shard) THEN
                RAISE EXCEPTION 'the shard is on another node' USING ERRCODE = 'AA001';
            END IF;
        END;
        $$;
        """
    }

    /// Makes what `LIKE` does not copy: the chains, the foreign keys, a trigger, and the functions of the trail.
    private static func ownOfShard(_ suffix: String) -> String {
        var renaming = "replace(pg_get_functiondef(name::regproc), name || '(', name || '_10\(suffix)(')"
        for table in ["public.audit_pending", "public.audit_events", "audit.chains"] {
            renaming = "replace(\(renaming), '\(table)', '\(shard(of: table.replacing("public.", with: "")))\(suffix)')"
        }
        let cascades = ["sessions", "known_devices", "one_time_tokens", "mails"].map { table in
            """
            ALTER TABLE \(shard(of: table))\(suffix) ADD FOREIGN KEY (user_id, routing)
                REFERENCES \(shard(of: "users"))\(suffix) (id, routing) ON DELETE CASCADE;
            """
        }
        return """
            \(cascades.joined(separator: "\n"))
            INSERT INTO \(shard(of: "audit.chains"))\(suffix) SELECT * FROM audit.chains WHERE routing % 2 = \(suffix) - 1;
            CREATE TRIGGER disabling_raises_epoch BEFORE UPDATE OF disabled_at ON \(shard(of: "users"))\(suffix)
                FOR EACH ROW WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION disabling_raises_epoch();
            DO $do$
            DECLARE
                name text;
            BEGIN
                FOREACH name IN ARRAY '{audit.seal, audit.erase, audit.history}'::text[] LOOP
                    EXECUTE \(renaming);
                    EXECUTE format('ALTER FUNCTION %s_10\(suffix) SET search_path = public, pg_temp', name);
                END LOOP;
            END;
            $do$;
            """
    }
}
