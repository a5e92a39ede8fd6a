import Foundation
import LibPQ
import Logging
import ServerTestSupport
import Testing

/// PostgreSQL reached through TLS, its certificate checked.
@Suite struct TLSTests {
    @Test(.timeLimit(.minutes(5)))
    func `CF4: the server works over verified TLS, large answers in a full pipeline too, and an impostor is refused`() async throws {
        try await Cluster.with { cluster in
            let folder = try TemporaryFolder()
            let (own, foreign) = try await Self.certificates(cluster, folder)
            let trusted = try #require(PostgresConninfo(cluster.conninfo)?.verifying(by: own))
            try await Self.serve(trusted)
            try await Self.fillPipeline(trusted)
            let deceived = try #require(PostgresConninfo(cluster.conninfo)?.verifying(by: foreign))
            await #expect(throws: PostgresError.self) { try await Self.query("SELECT 1", deceived) }
        }
    }

    /// Turns TLS on with one certificate; the other is made the same way and belongs to nobody.
    private static func certificates(_ cluster: Cluster, _ folder: TemporaryFolder) async throws -> (own: String, foreign: String) {
        for name in ["foreign", "server"] {
            let request = "openssl req -new -x509 -days 1 -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
            _ = try await query("COPY (SELECT 1) TO PROGRAM '\(request) -out \(name).crt -keyout \(name).key 2>&1'", cluster.conninfo)
        }
        _ = try await query("ALTER SYSTEM SET ssl = on", cluster.conninfo)
        _ = try await query("SELECT pg_reload_conf(), pg_sleep(0.5)", cluster.conninfo)
        var paths: [String] = []
        for name in ["server", "foreign"] {
            let file = try folder.file(name)
            try file.handle.write(contentsOf: Data((try await query("SELECT pg_read_file('\(name).crt')", cluster.conninfo)).utf8))
            paths.append(file.url.path)
        }
        return (paths[0], paths[1])
    }

    private static func serve(_ conninfo: String) async throws {
        let server = try await ServerProcess.start(database: conninfo)
        defer { server.kill() }
        let (person, tokens) = try await Person.signedIn(on: server)
        #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 200)
        let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'auth-api'"
        #expect(try await query(encrypted, conninfo) == "t")
    }

    /// TLS hands over whole records, and what the library holds of them already no `poll` tells of.
    private static func fillPipeline(_ conninfo: String) async throws {
        let client = PostgresClient(
            configuration: .init(conninfo: conninfo, connections: 1), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try client.start()
        let statement = PostgresStatement("large", .reads, parameters: ["length": .int4], sql: "SELECT repeat('x', :length) AS text")
        let lengths = try await concurrently(200) { number in
            try await client.execute(statement, ["length": .int4(Int32(number * 997))])[0].text("text").utf8.count
        }
        #expect(lengths.sorted() == (0..<200).map { $0 * 997 })
        await client.shutdown()
    }

    private static func query(_ sql: String, _ conninfo: String) async throws -> String {
        try await PostgresScriptConnection.with(conninfo, applicationName: "test") { try $0.query(sql) }.first?.first.flatMap { $0 } ?? ""
    }
}

extension PostgresConninfo {
    fileprivate func verifying(by certificate: String) -> String? {
        PostgresConninfo(replacing("sslmode", with: "verify-full"))?.replacing("sslrootcert", with: certificate)
    }
}
