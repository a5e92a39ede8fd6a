import AuthTestSupport
import ServerTestSupport
import Testing

@Suite struct ReadinessTests {
    /// The schema has the newest migration, but every request with a token would fail.
    @Test(.timeLimit(.minutes(5)))
    func `the server is ready only while the look-up of the guard works`() async throws {
        try await ServerProcess.with { server, database async throws in
            #expect(try await server.http.get("/readyz").status == 200)
            try await database.query("ALTER TABLE sessions RENAME TO sessions_away")
            #expect(try await server.http.get("/readyz").status == 503)
            #expect(try await server.http.get("/livez").status == 200)
            try await database.query("ALTER TABLE sessions_away RENAME TO sessions")
            while try await server.http.get("/readyz").status != 200 { try await Task.sleep(for: .milliseconds(50)) }
        }
    }
}
