import AuthCore
import AuthTestSupport
import Testing

@Suite struct ProfileStoreTests {
    private static func change(
        _ stores: TestStores, _ user: UserID, name: ProfileChange.Field = .keep, locale: ProfileChange.Field = .keep,
        metadata: ProfileChange.Field = .keep
    ) async throws -> Profile {
        try await stores.domain.profiles.change(
            try ProfileChange(displayName: name, locale: locale, metadata: metadata), of: user, origin: TestStores.origin)
    }

    @Test func `a change sets, keeps and removes fields`() async throws {
        try await TestStores.with { stores in
            let user = try await Owner.registered(stores).user.id
            var profile = try await Self.change(stores, user, name: .set("Ada 👩‍💻"), metadata: .set(#"{"theme": "dark", "n": 1.50}"#))
            #expect(profile.displayName == "Ada 👩‍💻" && profile.locale == nil && profile.metadata == #"{"n": 1.50, "theme": "dark"}"#)
            profile = try await Self.change(stores, user, locale: .set("ja"))
            #expect(profile.displayName == "Ada 👩‍💻" && profile.locale == .japanese && profile.metadata != nil)
            profile = try await Self.change(stores, user, name: .remove, locale: .remove, metadata: .remove)
            #expect(profile.displayName == nil && profile.locale == nil && profile.metadata == nil)
            #expect(try await stores.database.value("SELECT profile IS NULL FROM users") == "t")
            #expect(try await stores.database.value("SELECT count(*) FROM audit_pending WHERE type = 'profile_changed'") == "3")
        }
    }

    @Test func `what is too long, invisible or no language is refused, and mails come in the chosen language`() async throws {
        #expect(throws: AuthError.self) {
            _ = try ProfileChange(displayName: .set(String(repeating: "a", count: 101)), locale: .keep, metadata: .keep)
        }
        #expect(throws: AuthError.self) { _ = try ProfileChange(displayName: .set("a\u{202E}b"), locale: .keep, metadata: .keep) }
        #expect(throws: AuthError.self) { _ = try ProfileChange(displayName: .keep, locale: .set("xx"), metadata: .keep) }
        #expect(throws: AuthError.self) {
            _ = try ProfileChange(
                displayName: .keep, locale: .keep, metadata: .set(#"{"a":""# + String(repeating: "b", count: 4096) + #""}"#))
        }
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            _ = try await Self.change(stores, owner.user.id, locale: .set("fr-CA"))
            _ = try await owner.resetToken()
            #expect(try owner.letter(.resetPassword).message.locale == .french)
        }
    }
}

extension ProfileStoreTests {
    @Test func `an export has what is stored, and no secret`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            let export = try await stores.domain.profiles.export(for: session, origin: TestStores.origin)
            for value in [Owner.email, session.session.id.text, "verify_email", TestStores.origin.ip!] {
                #expect(export.stored.contains(value), "\(value)")
            }
            #expect(!export.stored.contains("argon2id") && !export.stored.contains("digest") && !export.stored.contains("salt"))
            #expect(export.events.map(\.type).sorted().contains("authn_login_success") && export.next == nil)
        }
    }

    @Test func `SE10: an export needs a recent login`() async throws {
        try await TestStores.with { stores in
            let session = try await Owner.registered(stores).logIn()
            try await stores.database.query("UPDATE sessions SET created_at = created_at - interval '10 minutes'")
            await #expect(throws: AuthError.insufficientAuthentication(maxAge: .seconds(600))) {
                _ = try await stores.domain.profiles.export(for: session, origin: TestStores.origin)
            }
        }
    }
}
