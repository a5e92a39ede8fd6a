import AuthCore
import AuthPostgres
import AuthTestSupport
import NIOConcurrencyHelpers
import Testing

@Suite struct OwnSessionStoreTests {
    @Test func `the list has the account's live sessions, newest first, and begins again where it ended`() async throws {
        try await TestStores.with { stores in
            let ada = try #require(await stores.register("ada@example.org"))
            let bob = try #require(await stores.register("bob@example.org"))
            _ = try await stores.open(for: bob.id)
            var ids: [SessionID] = []
            for number in 0..<5 {
                ids.insert(try #require(await stores.open(for: ada.id, name: "\(number)")).id, at: 0)
                try await Task.sleep(for: .milliseconds(2))
            }
            try await stores.database.query("UPDATE sessions SET ended_at = now(), ended_by = 'logout' WHERE name = '4'")
            try await stores.database.query("UPDATE sessions SET idle_expires_at = now(), access_expires_at = now() WHERE name = '3'")
            let first = try await stores.sessions.live(of: ada.id, olderThan: nil, limit: 2)
            #expect(first.map(\.id) == Array(ids[2...3]))
            #expect(first.map(\.name) == ["2", "1"] && first[0].ip == "192.0.2.7" && first[0].userAgent == "curl/8")
            let rest = try await stores.sessions.live(of: ada.id, olderThan: first[1].id, limit: 2)
            #expect(rest.map(\.id) == [ids[4]])
            try await stores.database.query("UPDATE users SET disabled_at = now()")
            #expect(try await stores.sessions.live(of: ada.id, olderThan: nil, limit: 9).isEmpty)
        }
    }

    @Test func `SE9: one's own session is ended once, a foreign one never`() async throws {
        try await TestStores.with { stores in
            let ada = try #require(await stores.register("ada@example.org"))
            let bob = try #require(await stores.register("bob@example.org"))
            let current = try #require(await stores.open(for: ada.id))
            let other = try #require(await stores.open(for: ada.id))
            let foreign = try #require(await stores.open(for: bob.id))
            let end = { (id: SessionID) in
                try await stores.sessions.end(
                    id, of: ada.id, from: current.id, event: stores.event(.tokenRevoked, routing: ada.id.routing))
            }
            #expect(try await end(other.id))
            #expect(try await end(other.id))
            #expect(try await !end(foreign.id))
            #expect(try await stores.sessions.findLive(other.id) == nil)
            #expect(try await stores.sessions.findLive(foreign.id) != nil)
            let rows = try await stores.database.query(
                "SELECT session_id, details ->> 'from_session' FROM audit.events WHERE type = 'authn_token_revoked'")
            #expect(rows == [[other.id.text, current.id.text]])
        }
    }

    @Test func `all others are ended, the one that asks moves into the new epoch`() async throws {
        try await TestStores.with { stores in
            let ada = try #require(await stores.register("ada@example.org"))
            let bob = try #require(await stores.register("bob@example.org"))
            let current = try #require(await stores.open(for: ada.id))
            let other = try #require(await stores.open(for: ada.id))
            let foreign = try #require(await stores.open(for: bob.id))
            for _ in 0..<2 {
                let isAlive = try await stores.sessions.endOthers(
                    than: current.id, of: ada.id, event: stores.event(.otherTokensRevoked, routing: ada.id.routing))
                #expect(isAlive)
            }
            #expect(try await stores.sessions.findLive(other.id) == nil)
            #expect(try await stores.sessions.findLive(foreign.id) != nil)
            #expect(try await stores.sessions.findLive(current.id) != nil)
            #expect(try await stores.rotate(current) != nil)
            let rows = try await stores.database.query(
                "SELECT session_id, details ->> 'sessions' FROM audit.events WHERE type = 'authn_tokens_revoked_others' ORDER BY event_id")
            // The second time there was nothing to end.
            #expect(rows == [[current.id.text, "[\"\(other.id.text)\"]"]])
        }
    }

    @Test func `a session that was ended does not come back by asking for the end of all others`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let current = try #require(await stores.open(for: user.id))
            try await stores.sessions.endAll(of: user.id, event: stores.event(.allTokensRevoked, routing: user.id.routing))
            let later = try #require(await stores.open(for: user.id, epoch: 1))
            let isAlive = try await stores.sessions.endOthers(
                than: current.id, of: user.id, event: stores.event(.otherTokensRevoked, routing: user.id.routing))
            #expect(!isAlive)
            #expect(try await stores.sessions.findLive(current.id) == nil)
            #expect(try await stores.sessions.findLive(later.id) != nil)
        }
    }

    @Test func `a session that has expired meanwhile ends no others`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let current = try #require(await stores.open(for: user.id))
            let other = try #require(await stores.open(for: user.id))
            try await stores.database.query(
                "UPDATE sessions SET access_expires_at = now(), idle_expires_at = now() WHERE id = '\(current.id.text)'")
            let isAlive = try await stores.sessions.endOthers(
                than: current.id, of: user.id, event: stores.event(.otherTokensRevoked, routing: user.id.routing))
            #expect(!isAlive)
            #expect(try await stores.sessions.findLive(other.id) != nil)
        }
    }

    @Test func `logins that race the end of all others are dead, and the one that asks survives its own refreshes`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            var current = try #require(await stores.open(for: user.id))
            for round in 0..<20 {
                let epoch = Int32(round)
                let asking = current
                let opened = try await withThrowingTaskGroup(of: TestStores.Opened?.self) { group in
                    for number in 0..<12 {
                        group.addTask { try await stores.open(for: user.id, epoch: epoch) }
                        if number == 6 {
                            group.addTask {
                                _ = try await stores.sessions.endOthers(
                                    than: asking.id, of: user.id, event: stores.event(.otherTokensRevoked, routing: user.id.routing))
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: [TestStores.Opened]()) { if let opened = $1 { $0.append(opened) } }
                }
                #expect(opened.count == 12)
                for session in opened { #expect(try await stores.sessions.findLive(session.id) == nil) }
                current = try #require(await stores.rotated(current))
            }
        }
    }

    @Test func `a session that asks for the end of all others several times together does not end itself`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let current = try #require(await stores.open(for: user.id))
            for _ in 0..<20 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            let isAlive = try await stores.sessions.endOthers(
                                than: current.id, of: user.id, event: stores.event(.otherTokensRevoked, routing: user.id.routing))
                            #expect(isAlive)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await stores.sessions.findLive(current.id) != nil)
            }
        }
    }

    @Test func `of two sessions that end each other together one lives`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            for round in 0..<20 {
                let pair = [
                    try #require(await stores.open(for: user.id, epoch: Int32(round))).id,
                    try #require(await stores.open(for: user.id, epoch: Int32(round))).id,
                ]
                let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for id in pair {
                        group.addTask {
                            try await stores.sessions.endOthers(
                                than: id, of: user.id, event: stores.event(.otherTokensRevoked, routing: user.id.routing))
                        }
                    }
                    return try await group.reduce(into: [Bool]()) { $0.append($1) }
                }
                #expect(answers.count { $0 } == 1)
                var living = 0
                for id in pair where try await stores.sessions.findLive(id) != nil { living += 1 }
                #expect(living == 1)
            }
        }
    }

    @Test(.onOnePostgreSQL) func `the end of all marks and tells of a login that came before it and was not yet done`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let (login, end) = (NIOLockedValueBox<SessionID?>(nil), stores.event(.allTokensRevoked, routing: user.id.routing))
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await stores.database.holding("SELECT FROM users FOR NO KEY UPDATE") {
                    group.addTask {
                        let id = try await stores.open(for: user.id)?.id
                        login.withLockedValue { $0 = id }
                    }
                    try await stores.waitUntilBlocked(1)
                    group.addTask { try await stores.sessions.endAll(of: user.id, event: end) }
                    try await stores.waitUntilBlocked(2)
                }
                try await group.waitForAll()
            }
            let id = try #require(login.withLockedValue { $0 }).text
            #expect(try await stores.database.query("SELECT id, ended_by FROM sessions") == [[id, "logout_all"]])
            let told = "SELECT details ->> 'sessions' FROM audit.events WHERE type = 'authn_tokens_revoked_all'"
            #expect(try await stores.database.value(told) == "[\"\(id)\"]")
        }
    }

    @Test func `SE11: a hundred racing logins leave exactly as many sessions as the limit, the newest`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let policy = SessionPolicy.standard(sessionsPerUser: 10)
            let racing = try await withThrowingTaskGroup(of: SessionID?.self) { group in
                for _ in 0..<100 { group.addTask { try await stores.open(for: user.id, policy: policy)?.id } }
                return try await group.reduce(into: [SessionID]()) { if let id = $1 { $0.append(id) } }
            }
            #expect(racing.count == 100)
            let live = "SELECT count(*) FROM audit.sessions WHERE state = 'live'"
            #expect(try await stores.database.value(live) == "10")
            let ended = "SELECT count(*) FROM sessions WHERE ended_by = 'limit'"
            #expect(try await stores.database.value(ended) == "90")
            let audited = """
                SELECT sum(jsonb_array_length(details -> 'sessions')) FROM audit.events WHERE type = 'session_limit_reached'
                """
            #expect(try await stores.database.value(audited) == "90")
            // At no moment were there more: every login but the first ten ended exactly one.
            let most = "SELECT max(jsonb_array_length(details -> 'sessions')) FROM audit.events WHERE type = 'session_limit_reached'"
            #expect(try await stores.database.value(most) == "1")
        }
    }

    @Test func `the limit ends the session idle longest, and dead ones do not count`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let policy = SessionPolicy.standard(sessionsPerUser: 2)
            let dead = try #require(await stores.open(for: user.id, policy: policy))
            let old = try #require(await stores.open(for: user.id, policy: policy))
            try await stores.sessions.end(dead.id, as: .logout, event: stores.event(.tokenRevoked, routing: user.id.routing))
            let young = try #require(await stores.open(for: user.id, policy: policy))
            #expect(try await stores.database.value("SELECT count(*) FROM sessions WHERE ended_by = 'limit'") == "0")
            try await stores.database.query("UPDATE sessions SET last_seen_at = now() + interval '1 second' WHERE id = $1", [old.id.text])
            _ = try await stores.open(for: user.id, policy: policy)
            #expect(try await stores.sessions.findLive(young.id) == nil)
            #expect(try await stores.sessions.findLive(old.id) != nil)
        }
    }
}
