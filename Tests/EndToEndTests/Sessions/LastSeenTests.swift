import AuthTestSupport
import ServerTestSupport
import Testing

/// When a session was last seen is written behind the answers' back.
@Suite struct LastSeenTests {
    private static let seen = "SELECT last_seen_at > now() - interval '1 minute' FROM sessions"

    @Test(.timeLimit(.minutes(5)))
    func `a stop writes down who was seen`() async throws {
        try await ServerPair.with { servers in
            let tokens = try await Person.signedIn(on: servers.first).tokens
            try await servers.database.query("UPDATE sessions SET last_seen_at = last_seen_at - interval '1 hour'")
            #expect(try await servers.first.http.get("/api/auth/verify/", bearer: tokens.access).status == 200)
            #expect(servers.first.terminate() == 0)
            #expect(try await servers.database.value(Self.seen) == "t")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a thousand requests of one session are one write`() async throws {
        try await ServerPair.with { servers in
            let tokens = try await Person.signedIn(on: servers.first).tokens
            try await servers.database.query("UPDATE sessions SET last_seen_at = last_seen_at - interval '1 hour'")
            let version = "SELECT xmin FROM sessions"
            let before = try await servers.database.value(version)
            let statuses = try await concurrently(8) { number in
                var statuses: Set<Int> = []
                for _ in 0..<125 {
                    statuses.insert(try await servers.instance(number).http.get("/api/profile/", bearer: tokens.access).status)
                }
                return statuses
            }
            #expect(statuses.allSatisfy { $0 == [200] })
            try await servers.waitUntil(Self.seen)
            let written = try await servers.database.value(version)
            #expect(written != before)
            _ = try await servers.first.http.get("/api/profile/", bearer: tokens.access)
            try await Task.sleep(for: .milliseconds(1500))
            #expect(try await servers.database.value(version) == written)
        }
    }
}
