import AuthCore
import AuthCrypto
import AuthPostgres
import AuthTestSupport
import AuthText
import Testing

@Suite struct AccountStoreTests {
    @Test func `the database and the server compute the same routing key for every address`() async throws {
        try await TestDatabase.with { database in
            for address in ["ada@example.org", "νικοσ@a.example", "a\\b@a.example", "\\x41@a.example", "\\\\@a.example", "'%\"😀@a.example"]
            {
                let expected = RoutingKey(digest: try OpenSSLTokenCryptography().sha256(Array(address.utf8)))
                let found = try await database.query("SELECT address_routing($1)", [address])
                #expect(found == [["\(expected.value)"]], "\(address)")
            }
        }
    }

    @Test(.onOnePostgreSQL) func `an account is made with its address and its event, in one statement`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register("Ada@Example.org"))
            #expect(user.email == "Ada@Example.org")
            let rows = try await stores.database.query(
                """
                SELECT u.email, a.address, e.type, e.outcome, host(e.ip), e.user_agent, e.request_id, u.routing = e.routing
                FROM users u JOIN user_emails a ON a.user_id = u.id JOIN audit.events e ON e.user_id = u.id
                """)
            #expect(
                rows == [["Ada@Example.org", "ada@example.org", "user_created", "success", "192.0.2.7", "curl/8", "request-1", "t"]])
        }
    }

    @Test func `a taken address makes nothing but an event, whatever its spelling`() async throws {
        try await TestStores.with { stores in
            _ = try await stores.register("ada@example.org")
            #expect(try await stores.register("ADA@EXAMPLE.ORG") == nil)
            #expect(try await stores.database.value("SELECT count(*) FROM users") == "1")
            let refused = try await stores.database.query(
                "SELECT outcome, user_id, details ->> 'email' FROM audit.events WHERE outcome = 'failure'")
            #expect(refused == [["failure", nil, "ada@example.org"]])
        }
    }

    @Test func `CC2: fifty concurrent registrations of one address make one account`() async throws {
        try await TestStores.with { stores in
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<50 {
                    group.addTask { try await stores.register(number.isMultiple(of: 2) ? "ada@example.org" : "Ada@EXAMPLE.org") != nil }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
            #expect(try await stores.database.value("SELECT count(*) FROM users") == "1")
            #expect(try await stores.database.value("SELECT count(*) FROM user_emails") == "1")
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events") == "50")
        }
    }

    @Test func `credentials are found by the canonical address`() async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register("ada@example.org"))
            try await stores.database.query("UPDATE users SET session_epoch = 7, disabled_at = now()")
            let email = try #require(EmailAddress("ADA@example.ORG", rules: UnicodeTextRules()))
            let credentials = try #require(await stores.accounts.credentials(for: email, verificationGrace: nil))
            #expect(credentials.userID == user.id)
            #expect(credentials.passwordHash == TestStores.hash)
            #expect(credentials.obstacle == .disabled)
            #expect(credentials.sessionEpoch == 7)
        }
    }

    @Test func `an absent address has no credentials`() async throws {
        try await TestStores.with { stores in
            let email = try #require(EmailAddress("nobody@example.org", rules: UnicodeTextRules()))
            let credentials = try await stores.accounts.credentials(for: email, verificationGrace: nil)
            #expect(credentials == nil)
        }
    }

    @Test func `a failed login is kept with the address that was tried`() async throws {
        try await TestStores.with { stores in
            let email = try #require(EmailAddress("nobody@example.org", rules: UnicodeTextRules()))
            let attempt = LoginAttempt(
                email: email, ip: nil, networks: .random(), isFromKnownClient: false, failures: 5, policy: .standard())
            let events = [AuditKind.loginFailed, .loginFailedMax].map { stores.event($0, routing: .random()) }
            try await stores.accounts.recordFailedLogin(attempt, userID: nil, events: events)
            let rows = try await stores.database.query("SELECT email, host(ip), failures FROM audit.failed_logins")
            #expect(rows == [["nobody@example.org", "192.0.2.7", "1"]])
            let told = try await stores.database.query("SELECT type, details ->> 'failures' FROM audit.events ORDER BY 1")
            #expect(told == [["authn_login_fail", "5"], ["authn_login_fail_max", "5"]])
        }
    }
}
