import AuthCore
import AuthCrypto
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

@Suite struct SessionCutoffTests {
    /// Everything that can end a session, in any order. Minutes are those before now.
    private enum End: Hashable, CaseIterable { case logout, logoutEverywhere, cutoff30, cutoff10 }

    private static let ages = [40, 20, 5]

    /// A weaker end never takes back what a stricter one has ended.
    @Test(.timeLimit(.minutes(5)))
    func `IN4: in whatever order sessions are ended, the strictest end wins, for a token of any age`() async throws {
        try await TestStores.with { stores in
            for ends in Permutations.of(End.allCases) {
                try await stores.database.query("UPDATE session_cutoff SET began_at = '-infinity'")
                let user = try #require(await stores.register("\(UUID())@example.org"))
                let sessions = try await Self.sessions(of: user, stores)
                for (number, end) in ends.enumerated() {
                    try await Self.end(end, stores, user, youngest: sessions[2])
                    for (session, age) in zip(sessions, Self.ages) {
                        try await Self.expect(session, isAlive: !Self.kills(Set(ends[...number]), age: age), stores, "\(ends) \(age)")
                    }
                }
            }
        }
    }

    private static func expect(_ session: TestStores.Opened, isAlive: Bool, _ stores: TestStores, _ comment: Comment) async throws {
        #expect((try await stores.sessions.findLive(session.id) != nil) == isAlive, comment)
        #expect(try await guardedTogether(session, stores) == isAlive, comment)
        #expect((try await stores.sessions.findForRefresh(session.id) != nil) == isAlive, comment)
        if !isAlive { #expect(try await stores.rotate(session) == nil, comment) }
    }

    private static func kills(_ set: Set<End>, age: Int) -> Bool {
        set.contains(.logoutEverywhere) || set.contains(.logout) && age == 5
            || set.contains(.cutoff30) && age > 30 || set.contains(.cutoff10) && age > 10
    }

    private static func end(_ end: End, _ stores: TestStores, _ user: User, youngest: TestStores.Opened) async throws {
        switch end {
        case .logout:
            try await stores.sessions.end(youngest.id, as: .logout, event: stores.event(.tokenRevoked, routing: user.id.routing))
        case .logoutEverywhere:
            try await stores.sessions.endAll(of: user.id, event: stores.event(.allTokensRevoked, routing: user.id.routing))
        case .cutoff30: _ = try await move(stores, minutesAgo: 30)
        case .cutoff10: _ = try await move(stores, minutesAgo: 10)
        }
    }

    @discardableResult
    private static func move(_ stores: TestStores, minutesAgo minutes: Int64) async throws -> Timestamp? {
        let moment = Timestamp(microseconds: SystemWallClock().now().microseconds - minutes * 60_000_000)
        return try await stores.cutoff.move(to: moment, event: stores.event(.earlierTokensRevoked, routing: .random()))
    }

    private static func sessions(of user: User, _ stores: TestStores) async throws -> [TestStores.Opened] {
        var sessions: [TestStores.Opened] = []
        for age in ages {
            let session = try #require(await stores.open(for: user.id))
            try await stores.database.query(
                "UPDATE sessions SET created_at = now() - interval '\(age) minutes' WHERE id = $1", [session.id.text])
            sessions.append(session)
        }
        return sessions
    }

    private static func guardedTogether(_ session: TestStores.Opened, _ stores: TestStores) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            stores.sessions.findLive([session.id], deadline: .now + .seconds(10)) { found in
                continuation.resume(with: found.map { $0[0] != nil })
            }
        }
    }

    @Test func `IN4: a session that was refreshed since is as dead as the others, and is neither listed nor counted`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try await Self.sessions(of: user, stores)[1]
            let renewed = try #require(await stores.rotated(opened))
            try await Self.move(stores, minutesAgo: 10)
            #expect(try await stores.sessions.findLive(renewed.id) == nil)
            #expect(try await stores.rotate(renewed) == nil)
            #expect(try await stores.sessions.live(of: user.id, olderThan: nil, limit: 9).count == 1)
            let policy = SessionPolicy.standard(sessionsPerUser: 2)
            #expect(try await stores.open(for: user.id, policy: policy) != nil)
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'session_limit_reached'") == "0")
            let states = try await stores.database.query("SELECT state, ended_by FROM audit.sessions ORDER BY created_at")
            #expect(states == [["ended", "session_cutoff"], ["ended", "session_cutoff"], ["live", nil], ["live", nil]])
        }
    }

    @Test func `F32: the cutoff is audited, moves forward alone, and never into the future`() async throws {
        try await TestStores.with { stores in
            let late = try #require(await Self.move(stores, minutesAgo: 10))
            #expect(try await Self.move(stores, minutesAgo: 30) == late)
            #expect(try await Self.move(stores, minutesAgo: -30) == nil)
            let now = try #require(
                await stores.cutoff.move(to: nil, event: stores.event(.earlierTokensRevoked, routing: .random())))
            #expect(now > late)
            let trail = try await stores.database.query(
                "SELECT outcome, (details ->> 'before')::timestamptz <= (details ->> 'cutoff')::timestamptz FROM audit.events ORDER BY occurred_at"
            )
            #expect(trail == [["success", "t"], ["success", "t"], ["success", "t"]])
        }
    }

    @Test func `F32: without its row no session is alive`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let session = try #require(await stores.open(for: user.id))
            try await stores.database.query("DELETE FROM session_cutoff")
            #expect(try await stores.sessions.findLive(session.id) == nil)
        }
    }
}

private enum Permutations {
    static func of<Element>(_ elements: [Element]) -> [[Element]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index in
            var others = elements
            let first = others.remove(at: index)
            return of(others).map { [first] + $0 }
        }
    }
}
