import AuthCore
import AuthTestSupport
import Testing

@Suite(.requestDeadline) struct SessionLifeTests {
    private let world = World(
        sessions: .standard(accessTokenLifetime: .seconds(60), idleLifetime: .seconds(600), absoluteLifetime: .seconds(1500)))

    private func authenticationFailure(_ token: String) async -> AuthError? {
        do {
            _ = try await world.authentication.authenticate(token)
            return nil
        } catch {
            return error
        }
    }

    private func refreshFailure(_ token: String) async -> AuthError? {
        do {
            _ = try await world.refresh.refresh(token, origin: World.origin)
            return nil
        } catch {
            return error
        }
    }

    private func signedIn() async throws -> IssuedTokens {
        try await world.register()
        return try await world.logIn()
    }

    @Test func `a wrong secret with the right session and generation proves nothing`() async throws {
        let real = try await signedIn().pair.access
        let forged = AccessToken(sessionID: real.sessionID, generation: real.generation, secret: .random())
        #expect(await authenticationFailure(forged.reveal()) == .invalidToken)
        let other = AccessToken(sessionID: real.sessionID, generation: TokenGeneration(2), secret: real.secret)
        #expect(await authenticationFailure(other.reveal()) == .invalidToken)
    }

    @Test func `SE5: an access token ends after its time, a session that is not refreshed after its own`() async throws {
        let first = try await signedIn()
        world.clock.advance(by: .seconds(59))
        #expect(await authenticationFailure(first.pair.access.reveal()) == nil)
        world.clock.advance(by: .seconds(1))
        #expect(await authenticationFailure(first.pair.access.reveal()) == .invalidToken)
        world.clock.advance(by: .seconds(539))
        let second = try await world.refresh.refresh(first.pair.refresh.reveal(), origin: World.origin)
        #expect(second.refreshExpiresIn == 600)
        world.clock.advance(by: .seconds(600))
        #expect(await refreshFailure(second.pair.refresh.reveal()) == .invalidToken)
    }

    @Test func `SE5: no refresh moves the absolute end`() async throws {
        var tokens = try await signedIn()
        for _ in 0..<2 {
            world.clock.advance(by: .seconds(599))
            tokens = try await world.refresh.refresh(tokens.pair.refresh.reveal(), origin: World.origin)
        }
        #expect(tokens.refreshExpiresIn == 302)
        #expect(tokens.accessExpiresIn == 60)
        world.clock.advance(by: .seconds(302))
        #expect(await refreshFailure(tokens.pair.refresh.reveal()) == .invalidToken)
    }

    @Test func `SE6: a logout ends its own session and no other`() async throws {
        let first = try await signedIn()
        let second = try await world.logIn()
        let current = try await world.authentication.authenticate(first.pair.access.reveal())
        try await world.signOut.signOut(current, origin: World.origin)
        #expect(await authenticationFailure(first.pair.access.reveal()) == .invalidToken)
        #expect(await refreshFailure(first.pair.refresh.reveal()) == .invalidToken)
        #expect(await authenticationFailure(second.pair.access.reveal()) == nil)
        #expect(world.eventKinds.last == .tokenRevoked)
    }

    @Test func `SE8: a logout everywhere ends all sessions of the account and of no other`() async throws {
        let first = try await signedIn()
        let second = try await world.logIn()
        try await world.register("grace@example.org")
        let foreign = try await world.logIn("grace@example.org")
        let current = try await world.authentication.authenticate(first.pair.access.reveal())
        try await world.signOut.signOutEverywhere(current, origin: World.origin)
        for tokens in [first, second] {
            #expect(await authenticationFailure(tokens.pair.access.reveal()) == .invalidToken)
            #expect(await refreshFailure(tokens.pair.refresh.reveal()) == .invalidToken)
        }
        #expect(await authenticationFailure(foreign.pair.access.reveal()) == nil)
        #expect(world.eventKinds.last == .allTokensRevoked)
    }

    @Test func `an account that is disabled or gone has no session`() async throws {
        let tokens = try await signedIn()
        world.database.disable(tokens.user.id)
        #expect(await authenticationFailure(tokens.pair.access.reveal()) == .invalidToken)
        #expect(await refreshFailure(tokens.pair.refresh.reveal()) == .invalidToken)
        world.database.delete(tokens.user.id)
        #expect(await authenticationFailure(tokens.pair.access.reveal()) == .invalidToken)
    }

    @Test func `SE7: the database away is unavailable, never an invalid token`() async throws {
        let tokens = try await signedIn()
        world.database.goAway()
        #expect(await authenticationFailure(tokens.pair.access.reveal()) == .unavailable(cause: "no connection before the deadline"))
        #expect(await refreshFailure(tokens.pair.refresh.reveal()) == .unavailable(cause: "no connection before the deadline"))
        #expect(await authenticationFailure("aat_nonsense") == .invalidToken)
    }
}
