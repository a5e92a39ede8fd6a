import LibPQ

/// The ends of what each column of the schema can hold, set one after another.
public struct ExtremeValues: Sendable {
    /// One column and one value, as SQL has them.
    public struct Case: Sendable, CustomStringConvertible {
        public let table: String
        public let column: String
        public let value: String

        public var description: String { "\(table).\(column) = \(value.prefix(60))" }
    }

    private let database: TestDatabase
    private let tables: [String]

    /// Keeps what the tables hold now, to go back to it before each case.
    public init(_ database: TestDatabase) async throws {
        self.database = database
        tables = try await database.query(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('public', 'audit') AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
            """
        ).compactMap(\.[0])
        try await database.query("CREATE SCHEMA kept")
        for (number, table) in tables.enumerated() { try await database.query("CREATE TABLE kept.t\(number) AS TABLE \(table)") }
    }

    /// Takes the checks of the schema away: it is as a row that was there before them, or as one who does not heed them.
    public func dropChecks() async throws {
        let checks = try await database.query(
            "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
        )
        for check in checks { try await database.query(check[0] ?? "") }
    }

    /// Every column of every table with every value, NULL included.
    public func all() async throws -> [Case] {
        let columns = try await database.query(
            """
            SELECT format('%I.%I', table_schema, table_name), format('%I', column_name), udt_name FROM information_schema.columns
            WHERE table_schema IN ('public', 'audit') AND format('%I.%I', table_schema, table_name) = ANY ($1::text[])
            ORDER BY 1, ordinal_position
            """, ["{\(tables.joined(separator: ","))}"])
        return columns.flatMap { column in
            (["NULL"] + Self.values(of: column[2] ?? "")).map { Case(table: column[0] ?? "", column: column[1] ?? "", value: $0) }
        }
    }

    /// Sets the column of all rows to the value; triggers and foreign keys do not look.
    ///
    /// - Returns: whether the schema lets it be.
    public func set(_ extreme: Case) async throws -> Bool {
        do {
            try await run(restoring + ["UPDATE \(extreme.table) SET \(extreme.column) = \(extreme.value)"])
            return true
        } catch PostgresError.server {
            try await run(restoring)
            return false
        }
    }

    private var restoring: [String] {
        tables.map { "DELETE FROM \($0)" } + tables.enumerated().map { "INSERT INTO \($1) SELECT * FROM kept.t\($0)" }
    }

    private func run(_ statements: [String]) async throws {
        try await PostgresScriptConnection.with(database.conninfo, applicationName: "auth-api test") { connection in
            try connection.run("BEGIN; SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = '10s'")
            for statement in statements { try connection.run(statement) }
            try connection.run("COMMIT")
        }
    }

    private static func values(of type: String) -> [String] {
        switch type {
        case "int4": ["-2147483648", "0", "2147483647"]
        case "int8": ["-9223372036854775808", "0", "9223372036854775807"]
        case "bool": ["true", "false"]
        case "text": ["''", "repeat('x', 1000000)", "U&'\\+10FFFF'", "E'a\\r\\nX: b'"]
        case "bytea": ["''", "decode(repeat('ff', 1000000), 'hex')"]
        case "uuid": ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"]
        case "timestamptz": ["'-infinity'", "'infinity'", "'4714-11-24 00:00+00 BC'", "'294276-12-31 23:59:59.999999+00'"]
        case "inet", "cidr": ["'0.0.0.0/0'", "'::/0'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'"]
        case "jsonb": ["'{}'", "'null'", "'[1e1000]'", "jsonb_build_object('email', repeat('x', 1000000), 'count', 'x')"]
        case "numeric": ["'NaN'", "'infinity'", "'-infinity'"]
        default: ["''"]
        }
    }
}
