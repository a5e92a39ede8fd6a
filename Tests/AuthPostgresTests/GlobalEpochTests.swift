import AuthCore
import AuthCrypto
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

@Suite struct GlobalEpochTests {
    /// Everything that can end a session, in any order. Minutes are those before now.
    private enum Mark: Hashable, CaseIterable { case logout, logoutEverywhere, epoch30, epoch10 }

    private static let ages = [40, 20, 5]

    /// A weaker mark never takes back what a stricter one has ended.
    @Test(.timeLimit(.minutes(5)))
    func `IN4: in whatever order marks are set, the strictest wins, for a token of any age`() async throws {
        try await Stores.with { stores in
            for marks in Permutations.of(Mark.allCases) {
                try await stores.database.query("UPDATE global_epoch SET began_at = '-infinity'")
                let user = try #require(await stores.register("\(UUID())@example.org"))
                let sessions = try await Self.sessions(of: user, stores)
                for (number, mark) in marks.enumerated() {
                    try await Self.set(mark, stores, user, youngest: sessions[2])
                    for (session, age) in zip(sessions, Self.ages) {
                        try await Self.expect(session, isAlive: !Self.kills(Set(marks[...number]), age: age), stores, "\(marks) \(age)")
                    }
                }
            }
        }
    }

    private static func expect(_ session: Stores.Opened, isAlive: Bool, _ stores: Stores, _ comment: Comment) async throws {
        #expect((try await stores.sessions.guarded(session.id) != nil) == isAlive, comment)
        #expect(try await guardedTogether(session, stores) == isAlive, comment)
        #expect((try await stores.sessions.refreshable(session.id) != nil) == isAlive, comment)
        if !isAlive { #expect(try await stores.rotate(session) == nil, comment) }
    }

    private static func kills(_ set: Set<Mark>, age: Int) -> Bool {
        set.contains(.logoutEverywhere) || set.contains(.logout) && age == 5
            || set.contains(.epoch30) && age > 30 || set.contains(.epoch10) && age > 10
    }

    private static func set(_ mark: Mark, _ stores: Stores, _ user: User, youngest: Stores.Opened) async throws {
        switch mark {
        case .logout:
            try await stores.sessions.end(youngest.id, as: .logout, event: stores.event(.tokenRevoked, routing: user.id.routing))
        case .logoutEverywhere:
            try await stores.sessions.endAll(of: user.id, event: stores.event(.allTokensRevoked, routing: user.id.routing))
        case .epoch30: _ = try await begin(stores, minutesAgo: 30)
        case .epoch10: _ = try await begin(stores, minutesAgo: 10)
        }
    }

    @discardableResult
    private static func begin(_ stores: Stores, minutesAgo minutes: Int64) async throws -> Timestamp? {
        let moment = Timestamp(microseconds: SystemWallClock().now().microseconds - minutes * 60_000_000)
        return try await stores.epoch.begin(at: moment, event: stores.event(.earlierTokensRevoked, routing: .random()))
    }

    private static func sessions(of user: User, _ stores: Stores) async throws -> [Stores.Opened] {
        var sessions: [Stores.Opened] = []
        for age in ages {
            let session = try #require(await stores.open(for: user.id))
            try await stores.database.query(
                "UPDATE sessions SET created_at = now() - interval '\(age) minutes' WHERE id = $1", [session.id.text])
            sessions.append(session)
        }
        return sessions
    }

    private static func guardedTogether(_ session: Stores.Opened, _ stores: Stores) async throws -> Bool {
        try await withCheckedThrowingContinuation { continuation in
            stores.sessions.guarded([session.id], deadline: .now + .seconds(10)) { found in
                continuation.resume(with: found.map { $0[0] != nil })
            }
        }
    }

    @Test func `IN4: a session that was refreshed since is as dead as the others, and is neither listed nor counted`() async throws {
        try await Stores.with { stores in
            let user = try #require(await stores.register())
            let opened = try await Self.sessions(of: user, stores)[1]
            let renewed = try #require(await stores.rotated(opened))
            try await Self.begin(stores, minutesAgo: 10)
            #expect(try await stores.sessions.guarded(renewed.id) == nil)
            #expect(try await stores.rotate(renewed) == nil)
            #expect(try await stores.sessions.live(of: user.id, olderThan: nil, limit: 9).count == 1)
            let policy = SessionPolicy(sessionsPerUser: 2)
            #expect(try await stores.open(for: user.id, policy: policy) != nil)
            #expect(try await stores.database.value("SELECT count(*) FROM audit_events WHERE type = 'session_limit_reached'") == "0")
            let states = try await stores.database.query("SELECT state, ended_by FROM audit.sessions ORDER BY created_at")
            #expect(states == [["ended", "global_epoch"], ["ended", "global_epoch"], ["live", nil], ["live", nil]])
        }
    }

    @Test func `F32: the mark is audited, moves forward alone, and never into the future`() async throws {
        try await Stores.with { stores in
            let late = try #require(await Self.begin(stores, minutesAgo: 10))
            #expect(try await Self.begin(stores, minutesAgo: 30) == late)
            #expect(try await Self.begin(stores, minutesAgo: -30) == nil)
            let now = try #require(
                await stores.epoch.begin(at: nil, event: stores.event(.earlierTokensRevoked, routing: .random())))
            #expect(now > late)
            let trail = try await stores.database.query(
                "SELECT outcome, (details ->> 'before')::timestamptz <= (details ->> 'epoch')::timestamptz FROM audit_events ORDER BY occurred_at"
            )
            #expect(trail == [["success", "t"], ["success", "t"], ["success", "t"]])
        }
    }

    @Test func `F32: without its row no session is alive`() async throws {
        try await Stores.with { stores in
            let user = try #require(await stores.register())
            let session = try #require(await stores.open(for: user.id))
            try await stores.database.query("DELETE FROM global_epoch")
            #expect(try await stores.sessions.guarded(session.id) == nil)
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
