import AuthCore
import AuthTestSupport
import Testing

@Suite(.requestDeadline) struct OwnSessionsTests {
    private let world = World(sessions: .standard(sessionsPerUser: 5))

    private func authenticated(_ tokens: IssuedTokens) async throws -> AuthenticatedSession {
        try await world.authentication.authenticate(tokens.pair.access.reveal())
    }

    /// Sessions of one account, a second apart, oldest first.
    private func signedIn(_ count: Int) async throws -> [IssuedTokens] {
        try await world.register()
        var all: [IssuedTokens] = []
        for number in 0..<count {
            world.clock.advance(by: .seconds(1))
            all.append(try await world.logIn(deviceName: "device \(number)"))
        }
        return all
    }

    @Test func `the list is of the owner's live sessions, newest first, page by page`() async throws {
        let tokens = try await signedIn(5)
        try await world.register("grace@example.org")
        _ = try await world.logIn("grace@example.org")
        let current = try await authenticated(tokens[0])
        let first = try await world.ownSessions.page(for: current, after: nil, size: 2)
        #expect(first.sessions.map(\.name) == ["device 4", "device 3"])
        let cursor = try #require(first.next)
        // One that was ended meanwhile moves none of the others.
        try await world.ownSessions.end(tokens[3].sessionID, by: current, origin: World.origin)
        let second = try await world.ownSessions.page(for: current, after: SessionCursor(cursor.text.utf8), size: 2)
        #expect(second.sessions.map(\.name) == ["device 2", "device 1"])
        let third = try await world.ownSessions.page(for: current, after: second.next, size: 2)
        #expect(third.sessions.map(\.name) == ["device 0"] && third.next == nil)
    }

    @Test func `one session is ended from another`() async throws {
        let tokens = try await signedIn(2)
        let current = try await authenticated(tokens[0])
        for _ in 0..<2 { try await world.ownSessions.end(tokens[1].sessionID, by: current, origin: World.origin) }
        await #expect(throws: AuthError.invalidToken) { try await authenticated(tokens[1]) }
        #expect(world.eventKinds.count { $0 == .tokenRevoked } == 1)
        #expect(world.database.events.last?.sessionID == tokens[1].sessionID)
    }

    @Test func `SE9: a foreign session is not there, no more than an unknown one`() async throws {
        let current = try await authenticated(try await signedIn(1)[0])
        try await world.register("grace@example.org")
        let foreign = try await world.logIn("grace@example.org")
        let unknown = IdentifierGenerator(clock: world.clock).session(of: current.user.id)
        for id in [foreign.sessionID, unknown] {
            await #expect(throws: AuthError.notFound) { try await world.ownSessions.end(id, by: current, origin: World.origin) }
        }
        _ = try await authenticated(foreign)
        #expect(world.eventKinds.last == .loginSucceeded)
    }

    @Test func `all others are ended and the one that asks lives on, refreshed too`() async throws {
        let tokens = try await signedIn(3)
        let current = try await authenticated(tokens[1])
        try await world.ownSessions.endOthers(than: current, origin: World.origin)
        for other in [tokens[0], tokens[2]] { await #expect(throws: AuthError.invalidToken) { try await authenticated(other) } }
        _ = try await authenticated(tokens[1])
        _ = try await world.refresh.refresh(tokens[1].pair.refresh.reveal(), origin: World.origin)
        #expect(world.eventKinds.contains(.otherTokensRevoked))
    }

    @Test func `a login beyond the limit ends the session idle longest`() async throws {
        let tokens = try await signedIn(5)
        world.clock.advance(by: .seconds(120))
        _ = try await authenticated(tokens[0])
        world.clock.advance(by: .seconds(1))
        let sixth = try await world.logIn()
        await #expect(throws: AuthError.invalidToken) { try await authenticated(tokens[1]) }
        for live in [tokens[0], tokens[2], sixth] { _ = try await authenticated(live) }
        #expect(world.eventKinds.last == .sessionLimitReached)
    }

    @Test(arguments: ["", "x", "AQ", "AQAAAAAAAAAAAAAAAAAAAAAA", "AgAAAAAAAAAAAAAAAAAAAAA", "AQAAAAAAAAAAAAAAAAAAAAB"])
    func `JS4: what is no cursor is none`(_ text: String) {
        #expect(SessionCursor(text.utf8) == nil)
    }

    @Test func `a session is noted as seen at most once a minute, and a successor at its first use`() async throws {
        let first = try await signedIn(1)[0]
        for _ in 0..<5 { _ = try await authenticated(first) }
        #expect(world.activity.sightings.isEmpty)
        world.clock.advance(by: .seconds(61))
        for _ in 0..<5 { _ = try await authenticated(first) }
        #expect(world.activity.sightings == [Sighting(sessionID: first.sessionID, firstUse: nil)])
        let second = try await world.refresh.refresh(first.pair.refresh.reveal(), origin: World.origin)
        for _ in 0..<5 { _ = try await authenticated(second) }
        #expect(world.activity.sightings.dropFirst() == [Sighting(sessionID: first.sessionID, firstUse: TokenGeneration(2))])
    }
}
