import AuthCore
import AuthTestSupport
import Testing

/// A library of cryptography that fails says neither yes nor no.
@Suite struct BrokenCryptographyTests {
    private struct Broken: TokenCryptography {
        func sha256(_ octets: Octets32) throws(AuthError) -> Octets32 { throw .unavailable(cause: "broken") }
        func sha256(_ octets: [UInt8]) throws(AuthError) -> Octets32 { throw .unavailable(cause: "broken") }
        func hmacSHA256(key: Octets32, message: [UInt8]) throws(AuthError) -> Octets32 { throw .unavailable(cause: "broken") }
    }

    private static let refusal = AuthError.unavailable(cause: "broken")
    private let world = World()

    /// An access and a refresh token of a live session, and services that cannot compute.
    private func signedIn() async throws -> (tokens: TokenPair, authentication: SessionAuthentication, refresh: SessionRefresh) {
        try await world.register()
        let tokens = try await world.logIn().pair
        let broken = world.domain(cryptography: Broken()).sessions
        return (tokens, broken.authentication, broken.refresh)
    }

    @Test func `a token is neither accepted nor called invalid`() async throws {
        let (tokens, authentication, _) = try await signedIn()
        await #expect(throws: Self.refusal) { try await authentication.authenticate(tokens.access.reveal()) }
        let results = await withCheckedContinuation { continuation in
            authentication.authenticate([tokens.access], deadline: .now + .seconds(1)) { continuation.resume(returning: $0) }
        }
        #expect(throws: Self.refusal) { try results[0].get() }
    }

    @Test func `a refresh changes nothing, and the session lives on`() async throws {
        let (tokens, _, refresh) = try await signedIn()
        let before = world.eventKinds
        await #expect(throws: Self.refusal) { try await refresh.refresh(tokens.refresh.reveal(), origin: World.origin) }
        #expect(world.eventKinds == before)
        _ = try await world.refresh.refresh(tokens.refresh.reveal(), origin: World.origin)
    }
}
