/// What a database says of its migrations.
public struct SchemaState: Hashable, Sendable {
    /// A migration that `schema_migrations` lists.
    public struct Applied: Hashable, Sendable {
        public let number: Int
        public let name: String
        public let checksum: String

        public init(number: Int, name: String, checksum: String) {
            self.number = number
            self.name = name
            self.checksum = checksum
        }
    }

    /// `nil` where there is no `schema_migrations`.
    public let applied: [Applied]?
    /// Which of ``ownTables`` exist.
    public let tables: Set<String>

    /// Tables that the first migrations make and no migration drops.
    static let ownTables: Set = ["audit_events", "sessions", "user_emails", "users"]
    /// The number of the migration that makes the last of them.
    static let ownTablesMigration = 5
    /// The name of migration 1 in the builds before this schema.
    static let formerName = "accounts_and_sessions"

    public init(applied: [Applied]?, tables: Set<String>) {
        self.applied = applied
        self.tables = tables
    }

    /// The files that this database lacks, in order.
    ///
    /// - Parameter checksums: of `files`, in the same order.
    /// - Throws: ``SchemaError`` for a database that these files did not make.
    public func pending(of files: [MigrationFile], checksums: [String]) throws(SchemaError) -> [MigrationFile] {
        guard let applied else {
            guard tables.isEmpty else { throw .unmanaged }
            return files
        }
        guard !applied.contains(where: { $0.number == 1 && $0.name == Self.formerName }) else { throw .former }
        for (index, migration) in applied.sorted(by: { left, right in left.number < right.number }).enumerated() {
            guard migration.number < files.count else { throw .newer(database: migration.number, build: files.count - 1) }
            guard migration.number == index else { throw .gap(missing: index) }
            guard migration.checksum == checksums[index] else { throw .changed(number: index, name: migration.name) }
        }
        let missing = Self.ownTables.subtracting(tables)
        guard applied.count <= Self.ownTablesMigration || missing.isEmpty else { throw .missing(tables: missing.sorted()) }
        return Array(files.dropFirst(applied.count))
    }
}
