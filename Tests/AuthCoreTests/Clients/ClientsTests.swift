import AuthCore
import AuthTestSupport
import Testing

@Suite(.requestDeadline) struct ClientsTests {
    private let world = World()
    private let id = ServiceClientID("orders.api-2")!

    private func added() async throws -> ServiceClientSecret {
        try #require(await world.clients.add(id, origin: World.origin))
    }

    @Test func `a client proves itself with its secret`() async throws {
        let secret = try await added()
        #expect(try await world.clients.authenticate(id: id.text, secret: secret.reveal(), origin: World.origin) == id)
        #expect("\(secret)" == "acs_****")
        #expect(world.eventKinds == [.clientCreated])
    }

    @Test func `an unknown client, a wrong secret and a revoked client are refused alike`() async throws {
        let secret = try await added().reveal()
        let other = ServiceClientSecret(secret: .random()).reveal()
        for (id, secret) in [("nobody", secret), (id.text, other), (id.text, "acs_"), (id.text, ""), ("", secret), ("a b", secret)] {
            await #expect(throws: AuthError.invalidClient) {
                try await world.clients.authenticate(id: id, secret: secret, origin: World.origin)
            }
        }
        #expect(try await world.clients.revoke(id, origin: World.origin))
        await #expect(throws: AuthError.invalidClient) {
            try await world.clients.authenticate(id: id.text, secret: secret, origin: World.origin)
        }
        #expect(try await !world.clients.revoke(id, origin: World.origin))
        #expect(try await world.clients.add(id, origin: World.origin) == nil)
        #expect(
            world.eventKinds == [.clientCreated] + Array(repeating: .clientRefused, count: 6) + [.clientRevoked, .clientRefused])
    }

    @Test func `IN1: a rotated client proves itself with the new secret and, in the overlap, with the one before`() async throws {
        let first = try await added()
        let second = try #require(await world.clients.rotate(id, overlap: .seconds(60), origin: World.origin))
        for secret in [first, second] {
            #expect(try await world.clients.authenticate(id: id.text, secret: secret.reveal(), origin: World.origin) == id)
        }
        let third = try #require(await world.clients.rotate(id, overlap: .zero, origin: World.origin))
        #expect(try await world.clients.authenticate(id: id.text, secret: third.reveal(), origin: World.origin) == id)
        for secret in [first, second] {
            await #expect(throws: AuthError.invalidClient) {
                try await world.clients.authenticate(id: id.text, secret: secret.reveal(), origin: World.origin)
            }
        }
        #expect(try await world.clients.revoke(id, origin: World.origin))
        #expect(try await world.clients.rotate(id, overlap: .zero, origin: World.origin) == nil)
    }

    @Test func `a database that is away is no wrong secret`() async throws {
        let secret = try await added().reveal()
        world.database.goAway()
        await #expect(throws: AuthError.unavailable(cause: "no connection before the deadline")) {
            try await world.clients.authenticate(id: id.text, secret: secret, origin: World.origin)
        }
    }

    @Test(arguments: ["", "a b", "a:b", "ä", String(repeating: "a", count: 65), "a\n"])
    func `what is no client id is none`(_ text: String) {
        #expect(ServiceClientID(text) == nil)
    }

    @Test(arguments: ["access", "refresh", "exchanged refresh"])
    func `any token of a session revokes it`(_ kind: String) async throws {
        try await world.register()
        let first = try await world.logIn()
        let second = try await world.refresh.refresh(first.pair.refresh.reveal(), origin: World.origin)
        let text =
            switch kind {
            case "access": second.pair.access.reveal()
            case "refresh": second.pair.refresh.reveal()
            default: first.pair.refresh.reveal()
            }
        try await world.revocation.revoke(text, by: id, origin: World.origin)
        await #expect(throws: AuthError.invalidToken) { try await world.authentication.authenticate(second.pair.access.reveal()) }
        #expect(world.eventKinds.last == .tokenRevoked)
    }

    @Test func `a token that somebody made up revokes nothing`() async throws {
        try await world.register()
        let tokens = try await world.logIn()
        let (access, refresh) = (tokens.pair.access, tokens.pair.refresh)
        let forged = [
            AccessToken(sessionID: access.sessionID, generation: access.generation, secret: .random()).reveal(),
            RefreshToken(sessionID: refresh.sessionID, generation: refresh.generation, secret: .random(), tag: refresh.tag).reveal(),
            "garbage", "",
        ]
        for text in forged { try await world.revocation.revoke(text, by: id, origin: World.origin) }
        _ = try await world.authentication.authenticate(access.reveal())
        #expect(world.eventKinds.last == .loginSucceeded)
    }
}
