import AuthCore
import AuthPostgres
import AuthTestSupport
import Testing

@Suite struct SessionActivityTests {
    private static let seenLately = "SELECT count(*) FROM sessions WHERE last_seen_at > now() - interval '1 minute'"
    private static let ends = "SELECT id, access_expires_at, idle_expires_at, expires_at FROM sessions ORDER BY id"

    @Test func `SE5: sightings are written with one statement, each session once, and move no end`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            var ids: [SessionID] = []
            for _ in 0..<20 { ids.append(try #require(await stores.open(for: user.id)).id) }
            try await stores.database.query("UPDATE sessions SET last_seen_at = now() - interval '61 seconds'")
            let ends = try await stores.database.query(Self.ends)
            for _ in 0..<5 { for id in ids { stores.activity.saw(Sighting(sessionID: id, firstUse: nil)) } }
            #expect(try await stores.database.value(Self.seenLately) == "0")
            #expect(try await stores.activity.flush() == 20)
            #expect(try await stores.database.value(Self.seenLately) == "20")
            #expect(try await stores.database.query(Self.ends) == ends)
            // As another instance would that saw them at the same time.
            for id in ids { stores.activity.saw(Sighting(sessionID: id, firstUse: nil)) }
            #expect(try await stores.activity.flush() == 0)
            #expect(try await stores.activity.flush() == 0)
        }
    }

    @Test func `the guard tells what is worth a write`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            #expect(try await stores.sessions.findLive(opened.id)?.unrecorded == [])
            _ = try #require(await stores.rotate(opened))
            #expect(try await stores.sessions.findLive(opened.id)?.unrecorded == [.successorUse])
            try await stores.database.query("UPDATE sessions SET last_seen_at = now() - interval '61 seconds'")
            #expect(try await stores.sessions.findLive(opened.id)?.unrecorded == [.sighting, .successorUse])
            stores.activity.saw(Sighting(sessionID: opened.id, firstUse: TokenGeneration(2)))
            stores.activity.saw(Sighting(sessionID: opened.id, firstUse: nil))
            #expect(try await stores.activity.flush() == 1)
            #expect(try await stores.sessions.findLive(opened.id)?.unrecorded == [])
            #expect(try await stores.sessions.findForRefresh(opened.id)?.isSuccessorUsed == true)
        }
    }

    @Test func `the use of a generation that is over marks no other`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            let second = try #require(await stores.rotated(opened))
            stores.activity.saw(Sighting(sessionID: opened.id, firstUse: TokenGeneration(2)))
            _ = try #require(await stores.rotated(second))
            #expect(try await stores.activity.flush() == 0)
            #expect(try await stores.sessions.findForRefresh(opened.id)?.isSuccessorUsed == false)
        }
    }

    @Test(.onOnePostgreSQL)
    func `a dead session is not written, one that is gone does not matter, one that is held is passed over`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let (dead, held) = (try #require(await stores.open(for: user.id)), try #require(await stores.open(for: user.id)))
            try await stores.sessions.end(dead.id, as: .logout, event: stores.event(.tokenRevoked, routing: user.id.routing))
            try await stores.database.query("UPDATE sessions SET last_seen_at = now() - interval '61 seconds'")
            let gone = stores.identifiers.session(of: user.id)
            try await stores.database.holding("SELECT FROM sessions WHERE id = '\(held.id.text)' FOR UPDATE") { () async throws in
                for id in [dead.id, held.id, gone] { stores.activity.saw(Sighting(sessionID: id, firstUse: nil)) }
                #expect(try await stores.activity.flush() == 0)
            }
            stores.activity.saw(Sighting(sessionID: held.id, firstUse: nil))
            #expect(try await stores.activity.flush() == 1)
        }
    }
}
