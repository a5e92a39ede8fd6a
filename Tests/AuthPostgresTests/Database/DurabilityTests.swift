import AuthTestSupport
import LibPQ
import Testing

@testable import AuthPostgres

@Suite struct DurabilityTests {
    @Test(arguments: [
        ("host=a", "on", "on", "", 0, []), ("host=a,b", "on", "on", "s", 1, []), ("host=a,b", "on", "remote_apply", "s", 0, []),
        ("host=a,b", "on", "on", "", 0, ["synchronous_standby_names"]), ("host=a", "on", "on", "", 1, ["synchronous_standby_names"]),
        ("host=a", "on", "off", "", 0, ["synchronous_commit"]), ("host=a,b", "on", "local", "s", 1, ["synchronous_commit"]),
        ("host=a", "off", "on", "", 0, ["fsync"]),
        ("host=a,b", "off", "off", "", 1, ["fsync", "synchronous_commit", "synchronous_standby_names"]),
    ])
    func `every way to lose what was acknowledged is named`(
        conninfo: String, fsync: String, commit: String, synchronous: String, standbys: Int, settings: [String]
    ) {
        let doubts = Durability(conninfo: conninfo).doubts(fsync: fsync, commit: commit, synchronous: synchronous, standbys: standbys)
        #expect(doubts.map { String($0.prefix { $0 != " " }) } == settings)
    }

    @Test func `what the connection string itself puts off is seen`() async throws {
        try await TestDatabase.withEmpty { database in
            let careless = try #require(PostgresConninfo(database.conninfo)).replacing("options", with: "-c synchronous_commit=off")
            let (doubts, others) = (
                try await Durability(conninfo: careless).doubts(), try await Durability(conninfo: database.conninfo).doubts()
            )
            #expect(
                doubts.contains { $0.hasPrefix("synchronous_commit is off") } && !others.contains { $0.hasPrefix("synchronous_commit") })
        }
    }
}
