import AuthCore
import AuthCrypto
import AuthTestSupport
import ServerTestSupport
import Testing

/// The refresh of a session as its holder, a thief and a bad network see it, over two instances.
/// `ROUNDS=1000 ./script/test --filter RefreshPromiseTests` makes many of it.
@Suite(.serialized) struct RefreshPromiseTests {
    @Test(.timeLimit(.minutes(10)))
    func `RF2: however many clients present one refresh token together, on any instance, all get the same pair`() async throws {
        try await ServerPair.with { servers in
            var tokens = try await Person.signedIn(on: servers.first).tokens
            var presented = 0
            for round in 0..<Rounds.count {
                let (presenters, refresh) = (2 + (round * 37) % 199, tokens.refresh)
                let pairs = try await concurrently(presenters) { number in
                    try await Person.retrying {
                        try await servers.instance(number).http.post("/api/auth/refresh/", bearer: refresh)
                    }
                }.map(Person.Tokens.init)
                #expect(Set(pairs.map { $0?.refresh }).count == 1 && Set(pairs.map { $0?.access }).count == 1)
                tokens = try #require(pairs.first.flatMap { $0 })
                presented += presenters
            }
            let generation = try await servers.database.value("SELECT generation FROM sessions")
            #expect(generation == "\(Rounds.count + 1)")
            #expect(try await servers.second.http.get("/api/profile/", bearer: tokens.access).status == 200)
            print("\(Rounds.count) rounds of 2 to 200 presenters, \(presented) answers, one pair a round")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RF1: a grandparent's replay ends the session with both its access tokens, and is audited`() async throws {
        try await ServerPair.with { servers in
            let first = try await Person.signedIn(on: servers.first).tokens
            let second = try await servers.refreshed(first)
            let third = try await servers.refreshed(second)
            #expect(try await servers.second.http.get("/api/profile/", bearer: second.access).status == 200)
            try await servers.expectReuse(of: first, ending: [second, third])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RF4: a parent's replay after the grace ends the session once its successor was used`() async throws {
        try await ServerPair.with { servers in
            let first = try await Person.signedIn(on: servers.first).tokens
            let second = try await servers.refreshed(first)
            #expect(try await servers.first.http.get("/api/profile/", bearer: second.access).status == 200)
            try await servers.waitUntilUseIsRecorded()
            try await servers.age(by: "11 seconds")
            try await servers.expectReuse(of: first, ending: [first, second])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `RF3: a lost response is told again after five minutes, on another instance, and not after eleven`() async throws {
        try await ServerPair.with { servers in
            let first = try await Person.signedIn(on: servers.first).tokens
            try await servers.first.http.abandon(servers.refreshRequest(first), after: .milliseconds(1))
            try await servers.waitUntil("SELECT generation = 2 FROM sessions")
            try await servers.age(by: "5 minutes")
            let second = try await servers.refreshed(first)
            #expect(try await servers.refreshed(first).refresh == second.refresh)
            let retries = "SELECT count(*) FROM audit.events WHERE type = 'session_renewal_retried' AND session_id IS NOT NULL"
            #expect(try await servers.database.value(retries) == "1")
            try await servers.age(by: "6 minutes")
            try await servers.expectReuse(of: first, ending: [first, second])
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `a made-up refresh token with the right session and generation does nothing, however often`() async throws {
        try await ServerPair.with { servers in
            let tokens = try await Person.signedIn(on: servers.first).tokens
            let real = try #require(RefreshToken(tokens.refresh))
            let before = try await servers.database.value("SELECT count(*) FROM audit.events")
            let each = 10 * Rounds.count / 8
            let statuses = try await concurrently(8) { worker in
                var statuses: [Int: Int] = [:]
                for _ in 0..<each {
                    let forged = RefreshToken(
                        sessionID: real.sessionID, generation: real.generation, secret: .random(), tag: try Self.randomTag(like: real))
                    let reply = try await Person.retrying {
                        try await servers.instance(worker).http.post("/api/auth/refresh/", bearer: forged.reveal())
                    }
                    statuses[reply.status, default: 0] += 1
                    #expect(reply.json("code") == "invalid_token")
                }
                return statuses
            }
            #expect(statuses.allSatisfy { $0 == [401: each] })
            #expect(try await servers.database.value("SELECT count(*) FROM audit.events") == before)
            #expect(try await servers.first.http.get("/api/profile/", bearer: tokens.access).status == 200)
            _ = try await servers.refreshed(tokens)
            print("\(8 * each) forged refresh tokens: 401 each, no audit row, the session lives")
        }
    }

    /// Of another session: sixteen octets that are as good as random.
    private static func randomTag(like token: RefreshToken) throws -> RefreshTag {
        let mint = TokenMint(cryptography: OpenSSLTokenCryptography())
        return try mint.first(for: token.sessionID, salt: .random()).refresh.tag
    }
}
