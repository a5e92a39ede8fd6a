/// Why a schema is not what this build needs. The errors about the folder of the migrations complete the refusal of `SQL_DIRECTORY`.
public enum SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadableFolder
    case unreadableFile(String)
    case misnamedFile(String)
    case brokenSequence
    case newer(database: Int, build: Int)
    case changed(number: Int, name: String)
    case gap(missing: Int)
    case unmanaged
    case former
    case foreign
    case missing(tables: [String])
    case readOnly
    case noPublicSchema
    case noRight(role: String, missing: String)
    case pending([Int])
    case notDistributed
    case notCoordinator
    case busy
    case refused(String)

    public var description: String {
        switch self {
        case .unreadableFolder: "the migrations cannot be read"
        case .unreadableFile(let name): "the migration \(name) cannot be read"
        case .misnamedFile(let name): "\(name) is not named like 0001_what_it_does.sql"
        case .brokenSequence: "the migrations are not numbered 0000, 0001, 0002… without a gap"
        case .newer(let database, let build):
            "the database has migration \(database), this release knows none after \(build): deploy the release that made it, or a newer one"
        case .changed(let number, let name):
            "migration \(number) (\(name)) is not the file that this database got: restore the file, and put changes into a new one"
        case .gap(let missing):
            "migration \(missing) is missing though later ones are there: the schema is half-applied; restore it from a backup or complete it by hand"
        case .unmanaged:
            "the database has our tables but no schema_migrations: it is half-applied or not ours; use an empty database"
        case .former:
            "a build before the first release made this database, and this release cannot take over its data: "
                + "use an empty database. Nothing was changed"
        case .foreign:
            "the database has a schema_migrations that is not ours: it is another application's; correct DATABASE_URL, or use an empty database"
        case .missing(let tables):
            "the tables \(tables.joined(separator: ", ")) are missing though their migration is recorded: restore the database from a backup"
        case .readOnly:
            "the database is read-only, a standby or by default_transaction_read_only: let DATABASE_URL name the primary, or promote it"
        case .noPublicSchema:
            "the database has no schema public, in which the tables lie: CREATE SCHEMA public. Nothing was changed"
        case .noRight(let role, let missing):
            "the role \(role) lacks the right \(missing): run `auth-api migrate` as the owner of the database (sql/roles/roles.sql). "
                + "Nothing was changed"
        case .pending(let numbers):
            "the migrations \(numbers.map(String.init).joined(separator: ", ")) are pending: run `auth-api migrate`, or set MIGRATE_ON_START=true"
        case .notDistributed:
            "the database has Citus, and not all tables and shards are ready: run `auth-api migrate`. "
                + "If no table is distributed yet, stop all instances first"
        case .notCoordinator: "DATABASE_URL names a worker of Citus: let it name the coordinator"
        case .busy: "another instance has been migrating for over a minute"
        case .refused(let message): message
        }
    }
}
