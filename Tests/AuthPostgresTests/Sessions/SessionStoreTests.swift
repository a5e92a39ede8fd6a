import AuthCore
import AuthPostgres
import AuthTestSupport
import Testing

@Suite struct SessionStoreTests {
    /// Changes that end every session.
    private static let ends = [
        "UPDATE sessions SET idle_expires_at = now() - interval '1 microsecond'",
        "UPDATE sessions SET access_expires_at = now(), idle_expires_at = now(), expires_at = now()",
        "UPDATE sessions SET ended_at = now(), ended_by = 'logout'",
        "UPDATE users SET disabled_at = now()",
        "UPDATE users SET session_epoch = session_epoch + 1",
    ]

    @Test func `an opened session is found by the guard with its owner and its client`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id, name: "laptop"))
            let found = try #require(await stores.sessions.findLive(opened.id))
            #expect(found.user == user)
            #expect(found.session.name == "laptop")
            #expect(found.session.ip == "192.0.2.7")
            #expect(found.session.userAgent == "curl/8")
            #expect(found.generation == .first)
            let current = try #require(found.current)
            #expect(current.digest.equalsInConstantTime(try stores.mint.digest(of: opened.pair.access.secret)))
            #expect(current.expiresAt == opened.times.accessExpiresAt && found.previous == nil && found.unrecorded.isEmpty)
        }
    }

    @Test func `the access token ends with the session when it would live longer`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let policy = SessionPolicy.standard(
                accessTokenLifetime: .seconds(100), idleLifetime: .seconds(50), absoluteLifetime: .seconds(30))
            let times = try #require(await stores.open(for: user.id, policy: policy)).times
            #expect(times.accessExpiresAt.seconds(since: times.now) == 30)
            #expect(times.refreshExpiresAt.seconds(since: times.now) == 30)
        }
    }

    @Test(arguments: ends + ["DELETE FROM users"])
    func `SE5: the guard refuses a session after`(_ change: String) async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            try await stores.database.query(change)
            #expect(try await stores.sessions.findLive(opened.id) == nil)
        }
    }

    @Test(arguments: ends)
    func `RF5: nothing is refreshed or rotated after`(_ change: String) async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            try await stores.database.query(change)
            #expect(try await stores.sessions.findForRefresh(opened.id) == nil)
            #expect(try await stores.rotate(opened) == nil)
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'session_renewed'") == "0")
        }
    }

    @Test func `an expired access token is not among those that the guard gets to see`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            try await stores.database.query("UPDATE sessions SET access_expires_at = now() - interval '1 microsecond'")
            let found = try #require(await stores.sessions.findLive(opened.id))
            #expect(found.current == nil && found.previous == nil)
        }
    }

    @Test func `the access token before lives through the grace, or to its own end where that is sooner`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            _ = try #require(await stores.rotate(opened))
            let previous = try #require(await stores.sessions.findLive(opened.id)?.previous)
            #expect(previous.digest.equalsInConstantTime(try stores.mint.digest(of: opened.pair.access.secret)))
            try await stores.database.query("UPDATE sessions SET previous_access_expires_at = now() - interval '1 microsecond'")
            #expect(try await stores.sessions.findLive(opened.id)?.previous == nil)

            let expired = try #require(await stores.open(for: user.id))
            try await stores.database.query("UPDATE sessions SET access_expires_at = now() - interval '1 second'")
            _ = try #require(await stores.rotate(expired))
            #expect(try await stores.sessions.findLive(expired.id)?.previous == nil)

            let strict = try #require(await stores.open(for: user.id))
            _ = try #require(await stores.rotate(strict, policy: .standard(refreshGrace: .zero)))
            #expect(try await stores.sessions.findLive(strict.id)?.previous == nil)
        }
    }

    @Test func `an expired access token does not keep the session from being refreshed`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            try await stores.database.query("UPDATE sessions SET access_expires_at = now() - interval '1 hour'")
            #expect(try await stores.rotate(opened) != nil)
            #expect(try await stores.sessions.findLive(opened.id) != nil)
        }
    }

    @Test func `a rotation replaces both digests, keeps the old one of access beside them, and never moves the absolute end`() async throws
    {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            try await stores.database.query(
                "UPDATE sessions SET expires_at = now() + interval '1 minute', idle_expires_at = now() + interval '1 second', access_expires_at = now()"
            )
            let times = try #require(await stores.rotate(opened))
            #expect((58...60).contains(times.refreshExpiresAt.seconds(since: times.now)))
            let row = try await stores.database.query(
                """
                SELECT generation, previous_access_digest = sha256($1::bytea), access_digest <> previous_access_digest,
                       refresh_digest <> sha256($2::bytea), rotated_at > created_at, successor_used_at IS NULL
                FROM sessions
                """, [opened.pair.access.secret.array.bytea, opened.pair.refresh.secret.array.bytea])
            #expect(row == [["2", "t", "t", "t", "t", "t"]])
        }
    }

    @Test func `RF2: of a hundred concurrent rotations of one generation exactly one succeeds`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 { group.addTask { try await stores.rotate(opened) != nil } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
            #expect(try await stores.database.value("SELECT generation FROM sessions") == "2")
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'session_renewed'") == "1")
        }
    }

    @Test(.onOnePostgreSQL)
    func `a session that another transaction has locked keeps no other from being rotated, and is rotated later`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let held = try #require(await stores.open(for: user.id))
            var others: [TestStores.Opened] = []
            for _ in 0..<40 { others.append(try #require(await stores.open(for: user.id))) }
            var waiting: Task<IssuedSession?, any Error>?
            try await stores.database.holding("SELECT FROM sessions WHERE id = '\(held.id.text)' FOR UPDATE") {
                () async throws in
                let rotated = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for (number, other) in others.enumerated() {
                        // In the midst of them, so that it shares an execution with some.
                        if number == 20 { waiting = Task { try await stores.rotateDespiteLocks(held) } }
                        group.addTask { try await stores.rotate(other) != nil }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(rotated == others.count)
                #expect(try await stores.database.value("SELECT generation FROM sessions WHERE id = '\(held.id.text)'") == "1")
            }
            #expect(try await waiting?.value != nil)
            #expect(try await stores.database.value("SELECT count(*) FROM sessions WHERE generation = 2") == "41")
        }
    }

    @Test(.onOnePostgreSQL) func `a rotation is a heap-only update`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            var opened = try #require(await stores.open(for: user.id))
            for _ in 0..<20 {
                opened = try #require(await stores.rotated(opened))
            }
            // A backend reports its statistics when it ends, or many seconds later.
            try await stores.database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            var counts: [[String?]] = []
            for _ in 0..<50 {
                counts = try await stores.database.query(
                    "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'sessions'")
                if counts == [["20", "20"]] { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(counts == [["20", "20"]])
        }
    }

    @Test func `ending a session is audited once, however often it is ended`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            for _ in 0..<3 {
                try await stores.sessions.end(opened.id, as: .logout, event: stores.event(.tokenRevoked, routing: opened.id.routing))
            }
            #expect(try await stores.sessions.findLive(opened.id) == nil)
            let rows = try await stores.database.query("SELECT session_id FROM audit.events WHERE type = 'authn_token_revoked'")
            #expect(rows == [[opened.id.text]])
        }
    }

    @Test func `ending all sessions ends those of this account and no other`() async throws {
        try await TestStores.with { stores in
            let ada = try #require(await stores.register("ada@example.org"))
            let bob = try #require(await stores.register("bob@example.org"))
            let first = try #require(await stores.open(for: ada.id))
            let second = try #require(await stores.open(for: ada.id))
            let foreign = try #require(await stores.open(for: bob.id))
            try await stores.sessions.endAll(of: ada.id, event: stores.event(.allTokensRevoked, routing: ada.id.routing))
            #expect(try await stores.sessions.findLive(first.id) == nil)
            #expect(try await stores.sessions.findLive(second.id) == nil)
            #expect(try await stores.sessions.findLive(foreign.id) != nil)
            let details = try await stores.database.value(
                "SELECT jsonb_array_length(details -> 'sessions') FROM audit.events WHERE type = 'authn_tokens_revoked_all'")
            #expect(details == "2")
        }
    }

    @Test func `a session whose password was read before all sessions were ended is born ended`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            try await stores.sessions.endAll(of: user.id, event: stores.event(.allTokensRevoked, routing: user.id.routing))
            let late = try #require(await stores.open(for: user.id, epoch: 0))
            #expect(try await stores.sessions.findLive(late.id) == nil)
            #expect(try await stores.database.value("SELECT ended_by FROM sessions") == "logout_all")
            let next = try #require(await stores.open(for: user.id, epoch: 1))
            #expect(try await stores.sessions.findLive(next.id) != nil)
        }
    }

    @Test func `SE8: sessions opened while all are being ended are dead, whichever comes first`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            for round in 0..<20 {
                let epoch = Int32(round)
                let opened = try await withThrowingTaskGroup(of: TestStores.Opened?.self) { group in
                    for number in 0..<20 {
                        group.addTask { try await stores.open(for: user.id, epoch: epoch) }
                        if number == 10 {
                            group.addTask {
                                try await stores.sessions.endAll(
                                    of: user.id, event: stores.event(.allTokensRevoked, routing: user.id.routing))
                                return nil
                            }
                        }
                    }
                    return try await group.reduce(into: [TestStores.Opened]()) { if let opened = $1 { $0.append(opened) } }
                }
                #expect(opened.count == 20)
                for session in opened { #expect(try await stores.sessions.findLive(session.id) == nil) }
            }
        }
    }

    @Test func `a disabled account opens no session`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            try await stores.database.query("UPDATE users SET disabled_at = now()")
            #expect(try await stores.open(for: user.id) == nil)
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'authn_login_success'") == "0")
        }
    }

    @Test func `a stronger hash replaces the one that was verified and no other`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let stronger = PasswordHash(
                phc: "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU")
            _ = try await stores.open(for: user.id, verified: PasswordHash(phc: "$argon2id$other"), rehash: stronger)
            #expect(try await stores.database.value("SELECT password_hash FROM users") == TestStores.hash.phc)
            _ = try await stores.open(for: user.id, rehash: stronger)
            #expect(try await stores.database.value("SELECT password_hash FROM users") == stronger.phc)
        }
    }

    @Test func `an end has its cause, and reuse is a failure in the trail`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            for cause in [SessionEnd.reuse, .client(ServiceClientID("orders")!), .logout] {
                let opened = try #require(await stores.open(for: user.id))
                try await stores.sessions.end(opened.id, as: cause, event: stores.event(.tokenReused, routing: opened.id.routing))
                #expect(try await stores.sessions.findLive(opened.id) == nil)
                #expect(try await stores.sessions.findForRefresh(opened.id) == nil)
            }
            let rows = try await stores.database.query(
                """
                SELECT s.ended_by, e.outcome, e.details ->> 'client'
                FROM sessions s JOIN audit.events e ON e.session_id = s.id AND e.type = 'authn_token_reuse'
                ORDER BY s.id
                """)
            #expect(rows == [["reuse", "failure", nil], ["client", "success", "orders"], ["logout", "success", nil]])
        }
    }
    @Test func `LG1: refreshes in quick succession share a row of the audit trail, which has their number`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            var session = try #require(await stores.open(for: user.id))
            for _ in 0..<20 { session = try #require(await stores.rotated(session)) }
            let rows = "SELECT details FROM audit.events WHERE type = 'session_renewed' ORDER BY occurred_at"
            #expect(try await stores.database.query(rows) == [["{}"]])
            #expect(try await stores.database.value("SELECT unrecorded_renewals FROM sessions") == "19")
            try await stores.database.query("UPDATE sessions SET renewal_recorded_at = now() - interval '10 seconds'")
            session = try #require(await stores.rotated(session))
            #expect(try await stores.database.query(rows) == [["{}"], [#"{"renewals": 20}"#]])
            // A clock that was set back keeps no row away.
            try await stores.database.query("UPDATE sessions SET renewal_recorded_at = now() + interval '1 year'")
            _ = try #require(await stores.rotated(session))
            #expect(try await stores.database.query(rows).count == 3)
        }
    }

    @Test func `LG1: a refresh from another address or user agent has a row of its own, and four of them within ten seconds do`()
        async throws
    {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            var session = try #require(await stores.open(for: user.id))
            let owner = RequestOrigin(ip: "192.0.2.7", userAgent: "curl/8", requestID: "request")
            let agent = RequestOrigin(ip: "192.0.2.7", userAgent: "thief/1", requestID: "request")
            let thief = RequestOrigin(ip: "198.51.100.9", userAgent: "thief/1", requestID: "request")
            for origin in [owner, owner, agent, agent, thief, owner, thief, agent] {
                session = try #require(await stores.rotated(session, from: origin))
            }
            let rows = """
                SELECT host(ip), user_agent, details FROM audit.events WHERE type = 'session_renewed' ORDER BY occurred_at
                """
            let expected = [
                ["192.0.2.7", "curl/8", "{}"], ["192.0.2.7", "thief/1", #"{"renewals": 2}"#],
                ["198.51.100.9", "thief/1", #"{"renewals": 2}"#], ["192.0.2.7", "curl/8", "{}"],
            ]
            #expect(try await stores.database.query(rows) == expected)
            try await stores.database.query("UPDATE sessions SET renewal_recorded_at = now() - interval '10 seconds'")
            _ = try #require(await stores.rotated(session, from: thief))
            let all = expected + [["198.51.100.9", "thief/1", #"{"renewals": 3}"#]]
            #expect(try await stores.database.query(rows) == all)
        }
    }

    @Test func `LG1: a retry is in the audit trail once for each generation`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let session = try #require(await stores.open(for: user.id))
            for generation: Int32 in [2, 2, 2, 3, 3, 2] {
                try await stores.sessions.recordRetry(
                    of: session.id, generation: TokenGeneration(generation), event: stores.event(.renewalRetried, routing: user.id.routing))
            }
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'session_renewal_retried'") == "2")
        }
    }
}

extension [UInt8] {
    /// PostgreSQL's hexadecimal form of a bytea.
    var bytea: String { "\\x" + map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
}
