import AuthCore
import AuthTestSupport
import Testing

/// A change of password by its owner, on PostgreSQL.
@Suite struct PasswordChangeTests {
    private static func change(
        _ stores: TestStores, _ session: AuthenticatedSession, from current: String = Owner.password, to new: String = Owner.newPassword
    ) async throws -> IssuedTokens {
        try await stores.domain.sessions.passwordChange.change(
            current: current, new: new, confirmation: new, of: session, origin: TestStores.origin)
    }

    @Test func `PW7: this session goes on with new tokens, its old ones and all other sessions end`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let other = try await owner.logIn()
            let old = try await stores.domain.sessions.signIn.signIn(
                email: Owner.email, password: Owner.password, deviceName: nil, origin: TestStores.origin)
            let session = try await owner.session(old)
            let tokens = try await Self.change(stores, session)
            #expect(tokens.sessionID == session.session.id)
            #expect(try await owner.session(tokens).session.id == session.session.id)
            await #expect(throws: AuthError.invalidToken) { _ = try await owner.session(old) }
            await #expect(throws: AuthError.invalidToken) {
                _ = try await stores.domain.sessions.refresh.refresh(old.pair.refresh.reveal(), origin: TestStores.origin)
            }
            #expect(try await !owner.isAlive(other))
            let next = try await stores.domain.sessions.refresh.refresh(tokens.pair.refresh.reveal(), origin: TestStores.origin)
            #expect(try await owner.session(next).session.id == session.session.id)
            await #expect(throws: AuthError.invalidCredentials) { _ = try await owner.logIn() }
            _ = try await owner.logIn(Owner.newPassword)
            try await owner.send()
            _ = try owner.letter(.passwordChanged)
        }
    }

    @Test func `PW7: a wrong present password changes nothing, and counts like a failed login`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            var refusals: [String] = []
            for _ in 0..<8 {
                do {
                    _ = try await Self.change(stores, session, from: "not the present one")
                } catch let error as AuthError { refusals.append(error.code) }
            }
            #expect(refusals.first == "validation_failed" && refusals.last == "too_many_attempts", "\(refusals)")
            #expect(try await owner.isAlive(session))
            #expect(try await stores.database.value("SELECT count(*) FROM users WHERE password_changed_at IS NOT NULL") == "0")
        }
    }

    @Test func `PW7: of two changes at the same time one succeeds`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let sessions = [try await owner.logIn(), try await owner.logIn()]
            let changed = await successes(2) { number in _ = try await Self.change(stores, sessions[number], to: "fresh password \(number)")
            }
            #expect(changed == 1)
            #expect(try await stores.database.value("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == "1")
        }
    }

    @Test func `PW1: the rules for new passwords hold here too`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            await #expect(throws: AuthError.self) { _ = try await Self.change(stores, session, to: "short") }
            await #expect(throws: AuthError.self) {
                _ = try await stores.domain.sessions.passwordChange.change(
                    current: Owner.password, new: Owner.newPassword, confirmation: "another", of: session, origin: TestStores.origin)
            }
            _ = try await owner.logIn()
        }
    }

    @Test func `a session that has ended changes nothing`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            try await stores.domain.sessions.signOut.signOut(session, origin: TestStores.origin)
            await #expect(throws: AuthError.invalidToken) { _ = try await Self.change(stores, session) }
            _ = try await owner.logIn()
        }
    }
}
