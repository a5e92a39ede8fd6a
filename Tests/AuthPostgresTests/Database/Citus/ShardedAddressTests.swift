import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import Testing

/// An address on another node than its account.
@Suite(.onOnePostgreSQL) struct ShardedAddressTests {
    private static func email(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text, rules: UnicodeTextRules())) }

    /// Runs the body with an account on one node, and an address of the other node.
    private static func withAccount(_ body: (SimulatedCitus, _ old: EmailAddress, _ new: EmailAddress) async throws -> Void) async throws {
        try await SimulatedCitus.with { citus in
            let all = try (0..<50).map { number in try email("p\(number)@example.org") }
            let even = try #require(try all.first { email in try TestStores.routing.key(of: email).value % 2 == 0 })
            let odd = try #require(try all.first { email in try TestStores.routing.key(of: email).value % 2 == 1 })
            #expect(try await citus.stores.register(even.text) != nil)
            try await body(citus, even, odd)
        }
    }

    private static let origin = TestStores.origin

    @Test func `an address of another node is taken, and the old one is free`() async throws {
        try await Self.withAccount { citus, old, new in
            let accounts = citus.stores.domain.accounts
            let user = try #require(await citus.stores.accounts.credentials(for: old)?.userID)
            let opened = try #require(await citus.stores.open(for: user))
            #expect(try await accounts.administration.rename(old, to: new, reason: nil, origin: Self.origin) == .done)
            #expect(try await citus.stores.accounts.credentials(for: new)?.userID == user)
            #expect(try await citus.stores.accounts.credentials(for: old) == nil)
            #expect(try await citus.stores.sessions.findLive(opened.id)?.user.email == new.text)
            #expect(try await accounts.administration.account(new)?.liveSessions == 1)
            #expect(try await citus.stores.register(new.text) == nil)
            #expect(try await citus.stores.register(old.text) != nil)
        }
    }

    @Test func `a login with such an address opens a session, and its failures are where the address is`() async throws {
        try await Self.withAccount { citus, old, new in
            #expect(try await citus.stores.domain.accounts.administration.rename(old, to: new, reason: nil, origin: Self.origin) == .done)
            let credentials = try #require(await citus.stores.accounts.credentials(for: new))
            func attempt(on device: SessionID? = nil) async throws -> LoginAttempt {
                try await citus.stores.attempts.begin(
                    new, ip: Self.origin.ip, device: device, policy: .standard(), limitEvent: citus.stores.limitEvent(Self.origin))
            }
            _ = try await attempt()
            let opened = try #require(await citus.stores.open(for: credentials.userID, attempt: try await attempt()))
            let failures = try await citus.databases[2].query("SELECT failures FROM login_failures_122 WHERE address = '\(new.canonical)'")
            #expect(Set(failures) == [["0"]])
            let again = try await attempt(on: opened.id)
            #expect(try await citus.stores.open(for: credentials.userID, attempt: again) != nil)
            // The allowance of the address for logins counts for the device too.
            try await citus.databases[2].query("UPDATE login_failures_122 SET logins_spent_until = now() + interval '1 day'")
            await #expect(throws: AuthError.self) { _ = try await attempt(on: opened.id) }
        }
    }

    @Test func `an address that another account has is not taken`() async throws {
        try await Self.withAccount { citus, old, new in
            #expect(try await citus.stores.register(new.text) != nil)
            let renamed = try await citus.stores.domain.accounts.administration.rename(old, to: new, reason: nil, origin: Self.origin)
            #expect(renamed == .nothingToDo)
            #expect(try await citus.stores.accounts.credentials(for: old) != nil)
        }
    }

    /// The server ends before the second step, and before the third.
    @Test(arguments: [("users_101", "BEFORE UPDATE"), ("user_emails_111", "BEFORE DELETE")])
    func `a change of address that was interrupted is finished by the same command`(table: String, event: String) async throws {
        try await Self.withAccount { citus, old, new in
            let administration = citus.stores.domain.accounts.administration
            let user = try #require(await citus.stores.accounts.credentials(for: old)?.userID)
            let node = citus.databases[1]
            try await node.query("CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stop'; END $$")
            try await node.query("CREATE TRIGGER stop \(event) ON \(table) FOR EACH ROW EXECUTE FUNCTION stop()")
            await #expect(throws: AuthError.self) { try await administration.rename(old, to: new, reason: nil, origin: Self.origin) }
            // The old address still finds the account, and no new account gets either address.
            #expect(try await citus.stores.accounts.credentials(for: old)?.userID == user)
            for address in [old, new] { #expect(try await citus.stores.register(address.text) == nil) }
            try await node.query("DROP TRIGGER stop ON \(table)")
            #expect(try await administration.rename(old, to: new, reason: nil, origin: Self.origin) == .done)
            #expect(try await citus.stores.accounts.credentials(for: new)?.userID == user)
            #expect(try await citus.stores.register(old.text) != nil)
        }
    }

    @Test func `a deleted account leaves nothing on either node`() async throws {
        try await Self.withAccount { citus, old, new in
            let user = try #require(await citus.stores.accounts.credentials(for: old)?.userID)
            #expect(try await citus.stores.domain.accounts.administration.rename(old, to: new, reason: nil, origin: Self.origin) == .done)
            _ = try #require(await citus.stores.open(for: user))
            #expect(try await citus.stores.domain.deletion.erasure.erase(new))
            for table in ["users", "user_emails", "sessions", "login_failures"] {
                #expect(try await citus.rows("1", from: table) == [], "\(table)")
            }
            #expect(try await citus.stores.register(new.text) != nil)
        }
    }

    @Test(arguments: ["user_emails_112", "users_101"])
    func `a deletion that was interrupted is finished by the server`(table: String) async throws {
        try await Self.withAccount { citus, old, new in
            let administration = citus.stores.domain.accounts.administration
            #expect(try await administration.rename(old, to: new, reason: nil, origin: Self.origin) == .done)
            let node = citus.databases[table == "users_101" ? 1 : 2]
            try await node.query("CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stop'; END $$")
            try await node.query("CREATE TRIGGER stop BEFORE DELETE ON \(table) FOR EACH ROW EXECUTE FUNCTION stop()")
            let erasure = citus.stores.domain.deletion.erasure
            await #expect(throws: AuthError.self) { try await erasure.erase(new) }
            await #expect(throws: AuthError.self) { try await erasure.eraseDue { _ in } }
            try await node.query("DROP TRIGGER stop ON \(table)")
            #expect(try await erasure.eraseDue { _ in } == 1)
            #expect(try await citus.rows("email", from: "users") == [])
            #expect(try await citus.stores.accounts.credentials(for: new) == nil)
            #expect(try await citus.stores.register(new.text) != nil)
        }
    }
}
