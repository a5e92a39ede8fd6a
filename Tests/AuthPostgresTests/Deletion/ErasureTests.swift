import AuthCore
import AuthPostgres
import AuthTestSupport
import FoundationEssentials
import Testing

/// Deletion by the owner, its grace, and what is left after it: nothing.
@Suite(.timeLimit(.minutes(5))) struct ErasureTests {
    private static let browser = RequestOrigin(
        ip: "203.0.113.9", userAgent: "Lovelace/1.0 (Analytical Engine)", requestID: "request-of-ada")
    private static let name = "Ada Augusta King"
    private static let newEmail = "countess@example.net"

    /// What must not be found of the person. The name of the device has no part of the others.
    private static let traces = [Owner.email, newEmail, name, browser.ip!, browser.userAgent!, "ada's engine", "ada-notes"]

    /// A life with all that the server keeps of one: mails, failures, an earlier address, a name, devices.
    private static func lived(_ stores: TestStores) async throws -> Owner {
        let domain = stores.domain
        _ = try await domain.accounts.registration.register(
            email: Owner.email, password: Owner.password, confirmation: Owner.password, origin: browser)
        let address = try TestStores.address(Owner.email)
        let user = try #require(await domain.accounts.administration.account(address)?.user)
        let owner = Owner(stores: stores, user: user, email: newEmail)
        try await owner.send()
        try await domain.emails.confirm(token: try owner.letter(.verifyEmail).token, origin: browser)
        await #expect(throws: AuthError.invalidCredentials) { try await owner.logIn("a wrong password", as: Owner.email, from: browser) }
        let tokens = try await domain.sessions.signIn.signIn(
            email: Owner.email, password: Owner.password, deviceName: "ada's engine", origin: browser)
        let session = try await owner.session(tokens)
        _ = try await domain.profiles.change(
            ProfileChange(displayName: .set(name), locale: .keep, metadata: .set(#"{"notes":"ada-notes"}"#)), of: user.id, origin: browser)
        try await domain.recovery.forget(email: Owner.email, locale: nil, origin: browser)
        try await domain.emails.change.request(email: newEmail, of: session, origin: browser)
        try await owner.send()
        try await domain.emails.confirm(token: try owner.letter(.confirmEmail).token, origin: browser)
        try await domain.recovery.forget(email: newEmail, locale: nil, origin: browser)
        try await owner.send()
        // At both addresses somebody guesses, and mails to the new one come back.
        for email in [Owner.email, newEmail] {
            await #expect(throws: AuthError.invalidCredentials) { try await owner.logIn("a wrong password", as: email, from: browser) }
        }
        let administration = domain.accounts.administration
        _ = try await administration.disable(try TestStores.address(newEmail), reason: "\(name) asked", origin: TestStores.origin)
        _ = try await administration.enable(try TestStores.address(newEmail), reason: newEmail, origin: TestStores.origin)
        try await owner.send()
        _ = try await domain.mails.administration.suppress(
            try TestStores.address(newEmail), reason: "550 \(newEmail)", origin: TestStores.origin)
        return owner
    }

    /// The tables that have a text in one of their rows.
    private static func tables(with text: String, _ stores: TestStores) async throws -> [String] {
        let tables = try await stores.database.query(
            """
            SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relnamespace IN ('public'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            ORDER BY 1
            """)
        var found: [String] = []
        for table in tables.map({ row in row[0]! }) {
            let rows = try await stores.database.value("SELECT count(*) FROM \(table) t WHERE strpos(to_jsonb(t)::text, $1) > 0", [text])
            if rows != "0" { found.append(table) }
        }
        return found
    }

    private static func sealAll(_ stores: TestStores) async throws {
        while try await stores.trail.seal(limit: 1000) > 0 {}
    }

    private static func expectIntact(_ stores: TestStores, erased: Bool) async throws {
        let report = try await stores.domain.audit.verify(head: stores.trail.head())
        #expect(report.findings == [] && (report.erased > 0) == erased, "\(report)")
    }

    /// The owner deletes the account, and the grace ends.
    private static func deleted(_ owner: Owner) async throws {
        let session = try await owner.logIn(from: browser)
        _ = try await owner.stores.domain.deletion.schedule(session, origin: browser)
        try await owner.send()
        try await owner.stores.database.query("UPDATE users SET deleted_after = now() WHERE deleted_after IS NOT NULL")
    }

    @Test(arguments: [true, false])
    func `an account that was deleted leaves no trace, and the trail verifies before and after`(isSealed: Bool) async throws {
        try await TestStores.with { stores in
            let other = try await Owner.registered(stores, email: "bob@example.org")
            let owner = try await Self.lived(stores)
            for trace in Self.traces { #expect(try await !Self.tables(with: trace, stores).isEmpty, "\(trace)") }
            if isSealed { try await Self.sealAll(stores) }
            try await Self.expectIntact(stores, erased: false)
            try await Self.deleted(owner)
            #expect(try await stores.domain.deletion.erasure.eraseDue { _ in } == 1)
            for _ in 0..<2 {
                for trace in Self.traces {
                    // The allowance of a network belongs to no account: the row has the network and a time, and retention removes it.
                    let tables = try await Self.tables(with: trace, stores).filter { table in table != "network_attempts" }
                    #expect(tables == [], "\(trace)")
                }
                try await Self.sealAll(stores)
                try await Self.expectIntact(stores, erased: isSealed)
            }
            let event = "SELECT user_id, ip, user_agent, request_id, details FROM audit.events WHERE type = 'user_deleted'"
            #expect(try await stores.database.query(event) == [[owner.user.id.text, nil, nil, "server:deletion", "{}"]])
            // Somebody else is as before, and a change of their events is found.
            _ = try await other.logIn()
            #expect(
                try await stores.database.value("SELECT count(*) FROM audit.events WHERE user_id IS NOT NULL AND email = $1", [other.email])
                    != "0")
            try await stores.database.query("UPDATE audit_events SET ip = '198.51.100.9' WHERE user_id = '\(other.user.id.text)'")
            #expect(try await !stores.domain.audit.verify().findings.isEmpty)
            #expect(try await stores.domain.deletion.erasure.eraseDue { _ in } == 0)
        }
    }

    @Test func `an operator erases at once, also an account that is disabled`() async throws {
        try await TestStores.with { stores in
            let owner = try await Self.lived(stores)
            let address = try TestStores.address(Self.newEmail)
            _ = try await stores.domain.accounts.administration.disable(address, reason: "spam", origin: TestStores.origin)
            #expect(try await stores.domain.deletion.erasure.erase(address))
            for trace in Self.traces {
                let tables = try await Self.tables(with: trace, stores).filter { table in table != "network_attempts" }
                #expect(tables == [], "\(trace)")
            }
            let event = "SELECT user_id, request_id FROM audit.events WHERE type = 'user_deleted'"
            #expect(try await stores.database.query(event) == [[owner.user.id.text, "server:operator"]])
            #expect(try await !stores.domain.deletion.erasure.erase(address))
        }
    }

    @Test func `what a crash has left is erased by the next round`() async throws {
        try await TestStores.with { stores in
            let owner = try await Self.lived(stores)
            try await Self.deleted(owner)
            try await stores.database.query(
                "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stop'; END $$")
            try await stores.database.query("CREATE TRIGGER stop BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION stop()")
            await #expect(throws: AuthError.self) { try await stores.domain.deletion.erasure.eraseDue { _ in } }
            let tables = try await Self.tables(with: Self.newEmail, stores)
            #expect(tables.contains("users") && !tables.contains("audit_pending") && !tables.contains("audit_events"), "\(tables)")
            #expect(try await stores.database.value("SELECT count(*) FROM users") == "1")
            try await stores.database.query("DROP TRIGGER stop ON users")
            #expect(try await stores.domain.deletion.erasure.eraseDue { _ in } == 1)
            for trace in [Owner.email, Self.newEmail] { #expect(try await Self.tables(with: trace, stores) == []) }
            #expect(try await stores.database.value("SELECT count(*) FROM users") == "0")
        }
    }

    @Test func `one account that cannot be erased does not keep the others`() async throws {
        try await TestStores.with { stores in
            for number in 0..<3 { _ = try await Owner.registered(stores, email: "p\(number)@example.org") }
            try await stores.database.query("UPDATE users SET deleted_after = now() - interval '1 hour'")
            try await stores.database.query(
                """
                CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN IF OLD.email = 'p1@example.org' THEN RAISE EXCEPTION 'stop'; END IF; RETURN OLD; END $$
                """)
            try await stores.database.query("CREATE TRIGGER stop BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION stop()")
            await #expect(throws: AuthError.self) { try await stores.domain.deletion.erasure.eraseDue { _ in } }
            #expect(try await stores.database.query("SELECT email FROM users") == [["p1@example.org"]])
        }
    }

    @Test func `two instances erase the same accounts at the same time`() async throws {
        try await TestStores.with { stores in
            for number in 0..<20 { _ = try #require(await stores.register("p\(number)@example.org")) }
            try await stores.database.query("UPDATE users SET deleted_after = now()")
            try await stores.database.withDatabase { database in
                let other = TestStores(stores, database)
                async let mine = stores.domain.deletion.erasure.eraseDue { _ in }
                async let others = other.domain.deletion.erasure.eraseDue { _ in }
                let erased = try await mine + others
                #expect(erased == 20)
            }
            #expect(try await stores.database.value("SELECT count(*) FROM audit.events WHERE type = 'user_deleted'") == "20")
            #expect(try await Self.tables(with: "@example.org", stores) == [])
        }
    }

    @Test func `within the grace nothing is erased, and the link of the mail keeps the account; after it the link is refused`() async throws
    {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let domain = stores.domain
            for round in 0..<2 {
                let session = try await owner.logIn()
                _ = try await domain.deletion.schedule(session, origin: TestStores.origin)
                try await owner.send()
                #expect(try await !owner.isAlive(session))
                await #expect(throws: AuthError.invalidCredentials) { try await owner.logIn("a wrong password") }
                await #expect(throws: AuthError.self) { try await owner.logIn() }
                #expect(try await domain.deletion.erasure.eraseDue { _ in } == 0)
                let token = try owner.letter(.deletionScheduled).token
                if round == 1 { try await stores.database.query("UPDATE users SET deleted_after = now()") }
                guard round == 0 else {
                    await #expect(throws: AuthError.invalidOneTimeToken) {
                        try await domain.deletion.restore(token: token, origin: TestStores.origin)
                    }
                    #expect(try await domain.deletion.erasure.eraseDue { _ in } == 1)
                    await #expect(throws: AuthError.invalidOneTimeToken) {
                        try await domain.deletion.restore(token: token, origin: TestStores.origin)
                    }
                    break
                }
                try await domain.deletion.restore(token: token, origin: TestStores.origin)
                #expect(try await !owner.isAlive(session))
                await #expect(throws: AuthError.invalidOneTimeToken) {
                    try await domain.deletion.restore(token: token, origin: TestStores.origin)
                }
            }
            await #expect(throws: AuthError.invalidCredentials) { try await owner.logIn() }
        }
    }

    @Test func `SE10: deletion needs a recent login`() async throws {
        try await TestStores.with { stores in
            let owner = try await Owner.registered(stores)
            let session = try await owner.logIn()
            try await stores.database.query("UPDATE sessions SET created_at = created_at - interval '1 hour'")
            await #expect {
                _ = try await stores.domain.deletion.schedule(session, origin: TestStores.origin)
            } throws: { error in
                if case .insufficientAuthentication? = error as? AuthError { true } else { false }
            }
            #expect(try await owner.isAlive(session))
            #expect(try await stores.database.value("SELECT count(*) FROM users WHERE deleted_after IS NOT NULL") == "0")
        }
    }

    @Test(arguments: [true, false])
    func `logins during a deletion leave no session alive`(byOperator: Bool) async throws {
        try await TestStores.with { stores in
            for round in 0..<8 {
                let owner = try await Owner.registered(stores, email: "p\(round)@example.org")
                try await stores.forgetLimits()
                let session = try await owner.logIn()
                let address = try TestStores.address(owner.email)
                async let logins = successes(8) { _ in _ = try await owner.logIn() }
                if byOperator {
                    #expect(try await stores.domain.deletion.erasure.erase(address))
                } else {
                    _ = try await stores.domain.deletion.schedule(session, origin: TestStores.origin)
                }
                _ = await logins
                let alive = """
                    SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id AND u.session_epoch = s.session_epoch
                    WHERE s.ended_at IS NULL
                    """
                #expect(try await stores.database.value(alive) == "0", "round \(round)")
                #expect(try await !owner.isAlive(session))
                await #expect(throws: AuthError.self) { try await owner.logIn() }
            }
        }
    }
}
