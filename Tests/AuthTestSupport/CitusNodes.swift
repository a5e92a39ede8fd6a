import AuthPostgres
import FoundationEssentials
public import LibPQ

/// A cluster of Citus for tests. CITUS_URL is a superuser's URL of the coordinator, in a database that has the nodes.
///
/// Each test's database is a database of the same name on every node. Each node copies its own from its own template.
public struct CitusNodes: Sendable {
    /// `nil` if the variable is not set.
    public static let url = ProcessInfo.processInfo.environment["CITUS_URL"].flatMap { url in PostgresConninfo(url) }

    /// Connection strings of the coordinator and of all workers.
    let conninfos: [String]

    public init() async throws {
        guard let url = Self.url else { throw TestDatabase.Missing() }
        let database = TestDatabase(conninfo: url.replacing("dbname", with: url["dbname"] ?? ""))
        let nodes = try await database.query(
            "SELECT nodename, nodeport FROM pg_dist_node WHERE noderole = 'primary' AND groupid <> 0 ORDER BY groupid")
        conninfos = [database.conninfo] + nodes.map { node in url.at(host: node[0]!, port: Int32(node[1]!)!) }
    }

    /// Runs one statement on every node, in the database `postgres`.
    func administer(_ sql: String) async throws {
        for conninfo in conninfos { try await Self.administer(conninfo, sql) }
    }

    /// Repeats the statement while the database is in use, because Citus starts its process in each database again.
    private static func administer(_ conninfo: String, _ sql: String) async throws {
        for _ in 0..<50 {
            do {
                try await query(conninfo, "postgres", sql)
                return
            } catch PostgresError.server(let refusal) where refusal.sqlState == "55006" {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        try await query(conninfo, "postgres", sql)
    }

    @discardableResult
    static func query(_ conninfo: String, _ database: String, _ sql: String) async throws -> [[String?]] {
        guard let target = PostgresConninfo(conninfo)?.replacing("dbname", with: database) else { throw TestDatabase.Missing() }
        return try await TestDatabase(conninfo: target).query(sql)
    }

    /// Makes a database that has all nodes and no tables.
    func make(_ name: String) async throws {
        try await administer("CREATE DATABASE \(name) TEMPLATE template0")
        for conninfo in conninfos { try await Self.query(conninfo, name, "CREATE EXTENSION citus") }
        for (index, conninfo) in conninfos.enumerated() {
            let place = PostgresConninfo(conninfo)
            let call = index == 0 ? "citus_set_coordinator_host" : "citus_add_node"
            try await Self.query(conninfos[0], name, "SELECT \(call)('\(place?["host"] ?? "")', \(place?["port"] ?? "5432"))")
        }
    }

    /// Forbids connections, because PostgreSQL copies only a database that no process uses. Citus has a process in each of its databases.
    func close(_ name: String) async throws {
        try await administer("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
        try await administer("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '\(name)'")
    }
}
