import AuthPostgres
import AuthTestSupport
import LibPQ
import Testing

/// The promise that every operation of an account touches one shard.
@Suite struct CatalogueTests {
    @Test func `every unique index of account data contains the routing key`() async throws {
        try await TestDatabase.with { database in
            let rows = try await database.query(
                """
                SELECT i.indexrelid::regclass::text
                FROM pg_index i
                JOIN pg_class c ON c.oid = i.indrelid
                WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND NOT EXISTS (
                    SELECT FROM pg_attribute a
                    WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND a.attname IN ('routing', 'account_routing')
                )
                ORDER BY 1
                """)
            #expect(
                rows == [
                    ["schema_migrations_pkey"], ["session_cutoff_pkey"],
                ])
        }
    }

    @Test func `every table except audit_pending has a primary key, and every constraint has a name that we chose`() async throws {
        try await TestDatabase.with { database in
            let keyless = try await database.query(
                """
                SELECT c.relname FROM pg_class c
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')
                  AND c.relname <> 'audit_pending'
                """)
            #expect(keyless.isEmpty)
            let foreign = try await database.query(
                """
                SELECT k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition AND k.conname NOT LIKE c.relname || '\\_%'
                """)
            #expect(foreign.isEmpty)
        }
    }

    @Test(.onOnePostgreSQL) func `every foreign key carries the routing key`() async throws {
        try await TestDatabase.with { database in
            let rows = try await database.query(
                """
                SELECT k.conname FROM pg_constraint k
                WHERE k.contype = 'f' AND NOT EXISTS (
                    SELECT FROM pg_attribute a
                    WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname IN ('routing', 'account_routing')
                )
                """)
            #expect(rows.isEmpty)
        }
    }

    @Test(.onOnePostgreSQL) func `there are no sequences`() async throws {
        try await TestDatabase.with { database in
            let sequences = try await database.query("SELECT relname FROM pg_class WHERE relkind = 'S'")
            #expect(sequences.isEmpty)
        }
    }

    @Test func `every statement on account data names the routing key`() {
        let unrouted = Statements.all.filter { statement in
            ["users", "sessions", "user_emails", "login_failures", "network_attempts", "audit_events"].contains(
                where: statement.sql.contains)
                && !statement.sql.contains("routing")
        }
        #expect(unrouted.map(\.name).isEmpty)
        #expect(
            Statements.all.filter { !$0.sql.contains("routing") }.map(\.name) == [
                "find_migration", "find_clock", "copy_cutoff", "list_clients", "seal_events", "erase_events", "find_history", "take_head",
                "hash_links", "open_volume",
            ])
    }

    /// The server runs its statements on the tables of a shard, which have other names.
    @Test func `every statement runs on tables that have other names`() async throws {
        try await TestDatabase.with { database in
            let tables = try await database.query(
                """
                SELECT c.oid::regclass::text, c.relname FROM pg_class c
                WHERE c.relnamespace IN ('public'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                  AND c.oid <> 'audit.heads'::regclass
                """)
            let names = Dictionary(uniqueKeysWithValues: tables.map { table in (table[0]!, table[0]! + "_7") })
            let renamed = Statements.all.filter { statement in !statement.sql.contains("audit.heads") }
                .map { statement in statement.replacing(names, suffix: "_7") }
            try await PostgresScriptConnection.with(database.conninfo, applicationName: "auth-api test") { connection in
                for table in tables { try connection.run("ALTER TABLE \(table[0]!) RENAME TO \(table[1]!)_7") }
                for statement in renamed {
                    let types = statement.parameterTypes.map { type in "\(type)".replacing("Array", with: "[]") }
                    let list = types.isEmpty ? "" : "(\(types.joined(separator: ", ")))"
                    try connection.run("PREPARE \(statement.name)\(list) AS \(statement.sql)")
                }
            }
        }
    }

    @Test func `every statement uses each of its parameters, and no other`() {
        let faults = Statements.all.compactMap { statement in statement.fault.map { "\(statement.name) \($0)" } }
        #expect(faults.isEmpty)
    }

    @Test func `statements have names of their own`() {
        #expect(Set(Statements.all.map(\.name)).count == Statements.all.count)
    }

    @Test(.onOnePostgreSQL) func `every statement of the guard and of refresh is a look-up by primary key`() async throws {
        try await TestDatabase.with { database in
            for statement in Statements.all where statement.isReadByID {
                let plan = try await database.plan(of: statement)
                #expect(!plan.contains("Seq Scan") && plan.contains("_pkey"), "\(statement.name): \(plan)")
                // The table is empty here, so PostgreSQL would read any index from end to end.
                #expect(statement.effect != .readsTogether || !plan.contains("sessions_not_ended"), "\(statement.name): \(plan)")
            }
        }
    }
}

extension PostgresStatement {
    fileprivate var isReadByID: Bool {
        parameterTypes == (effect == .readsTogether ? [.int4Array, .uuidArray] : [.int4, .uuid]) && effect != .writes
    }
}

extension TestDatabase {
    /// How PostgreSQL would run a statement that takes an id; sequential scans cost so much that only a missing index is one.
    func plan(of statement: PostgresStatement) async throws -> String {
        try await PostgresScriptConnection.with(conninfo, applicationName: "auth-api test") { connection in
            try connection.run("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
            let isBatch = statement.effect == .readsTogether
            try connection.run("PREPARE planned \(isBatch ? "(int4[], uuid[])" : "(int4, uuid)") AS \(statement.sql)")
            let id = "00000000-0000-0000-0000-000000000000"
            return try connection.query("EXPLAIN EXECUTE planned\(isBatch ? "('{1}', '{\(id)}')" : "(1, '\(id)')")").map { $0[0] ?? "" }
                .joined(separator: "\n")
        }
    }
}
