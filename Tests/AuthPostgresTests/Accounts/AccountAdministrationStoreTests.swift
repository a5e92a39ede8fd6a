import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import LibPQ
import Testing

/// Accounts as an operator changes them, by commands and by SQL.
@Suite struct AccountAdministrationStoreTests {
    private static func address(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text, rules: UnicodeTextRules())) }

    /// The body has an account with one open session.
    private static func with(
        _ body: (TestStores, AccountAdministration, User, TestStores.Opened) async throws -> Void
    ) async throws {
        try await TestDatabase.with { test in
            try await test.withDatabase { database in
                let stores = TestStores(test, database)
                let user = try #require(await stores.register("Ada@example.org"))
                try await body(stores, stores.domain.accounts.administration, user, try #require(await stores.open(for: user.id)))
            }
        }
    }

    private static let origin = RequestOrigin(ip: nil, userAgent: "auth-api user", requestID: "request-2")

    private static func isAlive(_ session: TestStores.Opened, _ stores: TestStores) async throws -> Bool {
        let (isGuarded, isRefreshable) = (
            try await stores.sessions.findLive(session.id) != nil, try await stores.sessions.findForRefresh(session.id) != nil
        )
        #expect(isGuarded == isRefreshable)
        return isGuarded
    }

    @Test func `SE6: what disabling has ended stays over when the account is enabled, and both are audited with the reason`() async throws {
        try await Self.with { stores, accounts, user, session in
            let email = try Self.address("ADA@example.org")
            #expect(try await Self.isAlive(session, stores))
            #expect(try await accounts.enable(email, reason: "x", origin: Self.origin) == .nothingToDo)
            #expect(try await accounts.disable(email, reason: "stolen laptop", origin: Self.origin) == .done)
            #expect(try await accounts.disable(email, reason: "again", origin: Self.origin) == .nothingToDo)
            #expect(try await !Self.isAlive(session, stores))
            #expect(try await stores.open(for: user.id, epoch: 1) == nil)
            #expect(try await accounts.account(email)?.state.disabledAt != nil)
            #expect(try await accounts.enable(email, reason: "laptop found", origin: Self.origin) == .done)
            #expect(try await !Self.isAlive(session, stores))
            #expect(try await stores.rotate(session) == nil)
            let account = try #require(await accounts.account(email))
            #expect(account.state.disabledAt == nil && account.liveSessions == 0 && !account.isBlocked && account.user.id == user.id)
            let events = try await stores.database.query(
                """
                SELECT type, outcome, user_id::text, details ->> 'email', details ->> 'reason', details ->> 'sessions', user_agent
                FROM audit.events WHERE type IN ('user_disabled', 'user_enabled') ORDER BY occurred_at
                """)
            #expect(
                events == [
                    [
                        "user_disabled", "success", user.id.text, "ada@example.org", "stolen laptop", #"["\#(session.id.text)"]"#,
                        "auth-api user",
                    ],
                    ["user_enabled", "success", user.id.text, "ada@example.org", "laptop found", nil, "auth-api user"],
                ])
            #expect(try await stores.database.query("SELECT state, ended_by FROM audit.sessions") == [["ended", "disabled"]])
        }
    }

    @Test func `RL5: what was tried at an address before an account moves there does not keep its owner out`() async throws {
        try await Self.with { stores, accounts, _, _ in
            try await stores.database.query(
                "INSERT INTO login_failures VALUES (address_routing('eve@example.org'), 'eve@example.org', '::/0', 100, now() + interval '1 hour', now() + interval '1 day')"
            )
            let outcome = try await accounts.rename(
                try Self.address("ada@example.org"), to: try Self.address("eve@example.org"), reason: nil, origin: Self.origin)
            #expect(outcome == .done)
            #expect(try await stores.database.value("SELECT count(*) FROM login_failures WHERE address = 'eve@example.org'") == "0")
        }
    }

    @Test func `SE6: the same by SQL: no token of before disabling lives again`() async throws {
        try await Self.with { stores, _, _, session in
            try await stores.database.query("UPDATE users SET disabled_at = now()")
            try await stores.database.query("UPDATE users SET disabled_at = now()")
            try await stores.database.query("UPDATE users SET disabled_at = NULL")
            #expect(try await !Self.isAlive(session, stores))
            #expect(try await stores.database.value("SELECT session_epoch FROM users") == "1")
        }
    }

    @Test func `a login that read the password before disabling opens nothing after enabling`() async throws {
        try await Self.with { stores, accounts, user, _ in
            let email = try Self.address("ada@example.org")
            let epoch = try #require(await stores.accounts.credentials(for: email)).sessionEpoch
            _ = try await accounts.disable(email, reason: nil, origin: Self.origin)
            _ = try await accounts.enable(email, reason: nil, origin: Self.origin)
            let late = try #require(await stores.open(for: user.id, epoch: epoch))
            #expect(try await !Self.isAlive(late, stores))
        }
    }

    @Test(.onOnePostgreSQL, arguments: [true, false])
    func `a deleted account frees its address, ends its sessions, and leaves the trail`(byCommand: Bool) async throws {
        try await Self.with { stores, accounts, user, session in
            let events = try await stores.database.value("SELECT count(*) FROM audit.events")
            if byCommand {
                #expect(try await stores.domain.deletion.erasure.erase(try Self.address("ada@example.org")))
                let event = try await stores.database.query(
                    "SELECT user_id::text, request_id, details::text FROM audit.events WHERE type = 'user_deleted'")
                #expect(event == [[user.id.text, "server:operator", "{}"]])
            } else {
                try await stores.database.query("DELETE FROM users")
                #expect(try await stores.database.value("SELECT count(*) FROM audit.events") == events)
            }
            #expect(try await !Self.isAlive(session, stores))
            for table in ["users", "user_emails", "sessions"] {
                #expect(try await stores.database.value("SELECT count(*) FROM \(table)") == "0", "\(table)")
            }
            #expect(try await accounts.account(try Self.address("ada@example.org")) == nil)
            #expect(try await stores.register("ada@example.org") != nil)
        }
    }

    @Test func `a renamed account is found by the new address alone, its sessions live on, and the old address is free`() async throws {
        try await Self.with { stores, accounts, user, session in
            let (old, new) = (try Self.address("ada@example.org"), try Self.address("Löve@Example.org"))
            _ = try #require(await stores.register("grace@example.org"))
            let taken = try Self.address("GRACE@example.org")
            #expect(try await accounts.rename(old, to: taken, reason: nil, origin: Self.origin) == .nothingToDo)
            #expect(try await accounts.rename(old, to: new, reason: nil, origin: Self.origin) == .done)
            #expect(try await stores.accounts.credentials(for: old) == nil)
            #expect(try await stores.accounts.credentials(for: new)?.userID == user.id)
            #expect(try await stores.sessions.findLive(session.id)?.user.email == "Löve@Example.org")
            #expect(try await stores.register("ada@example.org") != nil)
            let event = try await stores.database.query(
                "SELECT user_id::text, details ->> 'before', details ->> 'email' FROM audit.events WHERE type = 'user_updated'")
            #expect(event == [[user.id.text, "ada@example.org", new.canonical]])
            // The same address in another spelling is a change too.
            #expect(try await accounts.rename(new, to: try Self.address("löve@example.org"), reason: nil, origin: Self.origin) == .done)
        }
    }

    @Test(
        .onOnePostgreSQL,
        arguments: [
            "UPDATE users SET email = 'eve@example.org'",
            "UPDATE user_emails SET address = 'eve@example.org', routing = address_routing('eve@example.org')", "DELETE FROM user_emails",
        ])
    func `by SQL an address is not changed on one side alone, and the refusal says so`(_ change: String) async throws {
        try await Self.with { stores, _, user, _ in
            do {
                try await stores.database.query(change)
                Issue.record("\(change) was taken")
            } catch PostgresError.server(let error) {
                #expect(error.sqlState == "23000" && error.messageForLog.contains("must be changed together"), "\(error)")
            }
            #expect(try await stores.accounts.credentials(for: try Self.address("ada@example.org"))?.userID == user.id)
        }
    }

    @Test(.onOnePostgreSQL) func `by SQL both sides may be changed in one transaction`() async throws {
        try await Self.with { stores, accounts, user, _ in
            try await stores.database.query(
                """
                WITH moved AS (
                    UPDATE user_emails SET address = 'eve@example.org', routing = address_routing('eve@example.org')
                    RETURNING account_routing, user_id
                )
                UPDATE users SET email = 'Eve@example.org' FROM moved WHERE users.routing = moved.account_routing AND users.id = moved.user_id
                """)
            #expect(try await accounts.account(try Self.address("eve@example.org"))?.user.id == user.id)
        }
    }

    @Test func `what is not about the address is changed as before`() async throws {
        try await Self.with { stores, _, _, _ in
            try await stores.database.query("UPDATE users SET email = email, password_hash = password_hash || ''")
        }
    }
}
