import AuthTestSupport
import ServerTestSupport
import Testing

@Suite struct SequentialScanTests {
    private static let scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'login_failures'"

    /// Each address that is tried leaves a row: who fills the table must not make every login read all of it. A plan is good until the
    /// table is analysed again, and here it was analysed while it had one row.
    @Test(.timeLimit(.minutes(5)))
    func `logins read no table from end to end, whatever was known of its size`() async throws {
        try await ServerProcess.with { server, database in
            #expect(try await Person("first@example.org", on: server).login(password: "not this one").status == 401)
            _ = try await database.query("ANALYZE login_failures")
            let before = try await database.value(Self.scans)
            for number in 0..<20 {
                #expect(try await Person("nobody\(number)@example.org", on: server).login(password: "not this one").status == 401)
            }
            // A backend reports what it counted when it rests, at most once a second.
            try await Task.sleep(for: .seconds(2))
            #expect(try await Person("last@example.org", on: server).login(password: "not this one").status == 401)
            try await Task.sleep(for: .seconds(1))
            #expect(try await database.value(Self.scans) == before)
            // Which is such a scan itself.
            #expect(try await database.value("SELECT count(*) FROM login_failures") == "22")
        }
    }
}
