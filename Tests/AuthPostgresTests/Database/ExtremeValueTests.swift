import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import LibPQ
import Testing

@testable import AuthCrypto

/// What somebody may have written into the database by hand.
@Suite struct ExtremeValueTests {
    private static let client = ServiceClientID("billing")!

    /// A value that ended the process would end this test's.
    @Test(.onOnePostgreSQL, .timeLimit(.minutes(15)), arguments: [true, false])
    func `no value that a column can hold ends the process, whatever store reads it`(hasChecks: Bool) async throws {
        try await TestStores.with { stores in
            let user = try #require(try await stores.register())
            let opened = try #require(try await stores.open(for: user.id))
            _ = try await stores.clients.add(
                Self.client, secretDigest: .random(),
                event: stores.event(.clientCreated, routing: try TestStores.routing.key(of: Self.client)))
            _ = try await stores.begin()
            _ = try await stores.trail.seal(limit: 10)
            // To write all chains again for each case would take a minute.
            try await stores.database.query("DELETE FROM audit.chains WHERE routing NOT IN (SELECT routing FROM audit_events)")
            let extremes = try await ExtremeValues(stores.database)
            if !hasChecks { try await extremes.dropChecks() }
            let cases = try await extremes.all()
            #expect(cases.count > 200)
            var accepted = 0
            for extreme in cases {
                guard try await extremes.set(extreme) else { continue }
                accepted += 1
                await stores.readEverything(user, opened)
            }
            #expect(accepted > 50, "of \(cases.count)")
        }
    }

    /// Where the checks are away, the server alone bears such values: that is the test above.
    @Test(
        .onOnePostgreSQL,
        .timeLimit(.minutes(15)),
        arguments: [
            ("sessions SET created_at = '-infinity'", "sessions_times_bounded"),
            ("sessions SET created_at = 'infinity'", "sessions_times_bounded"),
            ("sessions SET rotated_at = '1969-12-31+00'", "sessions_times_bounded"),
            ("sessions SET last_seen_at = 'infinity'", "sessions_times_bounded"),
            ("sessions SET expires_at = '10000-01-01+00'", "sessions_times_bounded"),
            ("sessions SET expires_at = 'infinity', idle_expires_at = 'infinity'", "sessions_times_bounded"),
            ("sessions SET name = repeat('x', 401)", "sessions_texts_bounded"),
            ("sessions SET user_agent = repeat('x', 2049)", "sessions_texts_bounded"),
            ("users SET session_epoch = 2147483647", "users_session_epoch_bounded"),
            ("users SET created_at = 'infinity'", "users_created_at_bounded"),
            ("users SET email = E'a\\r\\nX: b'", "users_email_visible"),
            ("users SET password_hash = '$2b$12$x'", "users_password_hash_readable"),
            ("session_cutoff SET set_at = 'infinity'", "session_cutoff_set_at_bounded"),
        ])
    func `the schema refuses what means nothing`(_ change: String, _ constraint: String) async throws {
        try await TestStores.with { stores in
            let user = try #require(try await stores.register())
            _ = try #require(try await stores.open(for: user.id))
            do {
                try await stores.database.query("UPDATE \(change)")
                Issue.record("\(change) was taken")
            } catch PostgresError.server(let error) {
                #expect(error.sqlState == "23514" && error.constraint == constraint, "\(error)")
            }
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `what PostgreSQL cannot store is an error that trying again does not mend`() async throws {
        try await TestStores.with { stores in
            let user = try #require(try await stores.register())
            let opened = try #require(try await stores.open(for: user.id))
            // SQLSTATE 22021: no text of PostgreSQL has U+0000.
            let origin = RequestOrigin(ip: nil, userAgent: nil, requestID: "a\0b")
            let event = stores.event(.sessionRenewed, routing: user.id.routing, origin: origin)
            do {
                try await stores.sessions.end(opened.id, as: .logout, event: event)
                Issue.record("it was stored")
            } catch AuthError.internalError {}
            #expect(try await stores.sessions.findLive(opened.id) != nil)
        }
    }

    @Test(.timeLimit(.minutes(15)))
    func `the schema takes the hashes that the server can read, and no other`() async throws {
        let hash = TestStores.hash.phc
        let octets = Array("$argon2idvmtp=,0123456789AQgwZz+/ ".unicodeScalars)
        var texts = [hash] + ["p=4", "p=8", "p=16", "p=17", "p=0"].map { hash.replacing("p=1", with: $0) }
        texts += ["m=8", "m=7", "m=262144", "m=262145", "m=019456"].map { hash.replacing("m=19456", with: $0) }
        texts += ["t=16", "t=17", "t=0", "t=02"].map { hash.replacing("t=2", with: $0) }
        for _ in 0..<2000 {
            var scalars = Array(hash.unicodeScalars)
            for _ in 0..<Int.random(in: 1...2) {
                let index = scalars.indices.randomElement()!
                switch Int.random(in: 0..<3) {
                case 0: scalars[index] = octets.randomElement()!
                case 1: scalars.remove(at: index)
                default: scalars.insert(octets.randomElement()!, at: index)
                }
            }
            texts.append(String(String.UnicodeScalarView(scalars)))
        }
        try await TestDatabase.with { database in
            let found = try await database.query(
                """
                SELECT password_hash_is_readable(text)
                FROM jsonb_array_elements_text($1::jsonb) WITH ORDINALITY AS t (text, number) ORDER BY number
                """, [String(decoding: JSONEncoder().encode(texts), as: UTF8.self)])
            #expect(found.count == texts.count)
            let judged = zip(texts, found).map { text, row in (text, bySchema: row[0] == "t", byServer: PHCString(text) != nil) }
            #expect(judged.filter { $0.bySchema != $0.byServer }.map(\.0) == [])
        }
    }
}

extension TestStores {
    fileprivate func begin(on device: SessionID? = nil) async throws -> LoginAttempt {
        try await attempts.begin(
            EmailAddress("ada@example.org", rules: UnicodeTextRules())!, ip: Self.origin.ip, device: device, policy: .standard(),
            limitEvent: limitEvent(Self.origin))
    }

    /// Calls every function that reads, and those that compute with what is there. Each may fail.
    fileprivate func readEverything(_ user: User, _ opened: Opened) async {
        let event = event(.sessionRenewed, routing: user.id.routing)
        let email = EmailAddress("ada@example.org", rules: UnicodeTextRules())!
        let client = ServiceClientID("billing")!
        _ = try? await accounts.credentials(for: email)
        for device in [nil, opened.id] {
            if let attempt = try? await begin(on: device) { try? await attempts.withdraw(attempt) }
        }
        try? await attempts.count(.registration, ip: Self.origin.ip, policy: .standard(), limitEvent: event)
        _ = try? await clients.find(client)
        _ = try? await clients.all()
        if let guarded = try? await sessions.findLive(opened.id) {
            _ = "\(guarded.session.expiresAt)\(guarded.user.createdAt)\(guarded.rotatedAt.numericDate)"
        }
        if let found = try? await sessions.findForRefresh(opened.id) {
            _ = (found.issued.now - found.rotatedAt, found.issued.accessExpiresAt.seconds(since: found.issued.now))
            _ = try? mint.authenticity(
                of: opened.pair.refresh, current: found.generation, digest: found.refreshDigest, salt: found.salt)
        }
        _ = try? await rotate(opened)
        _ = try? await sessions.live(of: user.id, olderThan: nil, limit: 10)
        activity.saw(Sighting(sessionID: opened.id, firstUse: opened.pair.access.generation))
        _ = try? await activity.flush()
        _ = try? await retention.removeSessions(createdBefore: .seconds(0), deadFor: .seconds(86_400), after: nil, limit: 10)
        try? await retention.openVolume(longest: .seconds(86_400))
        _ = try? await retention.removeEvents(olderThan: .seconds(86_400))
        _ = try? await retention.removeAttempts(limit: 10)
        let report = try? await domain.audit.verify(head: try? await trail.head())
        _ = report.map { "\($0)\($0.findings)" }
        _ = try? await trail.seal(limit: 10)
        _ = try? await open(for: user.id)
        _ = try? await sessions.endOthers(than: opened.id, of: user.id, event: event)
        try? await sessions.endAll(of: user.id, event: event)
        _ = try? await cutoff.move(to: nil, event: event)
    }
}
