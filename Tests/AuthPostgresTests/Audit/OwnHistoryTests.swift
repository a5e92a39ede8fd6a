import AuthCore
import AuthPostgres
import AuthTestSupport
import AuthText
import FoundationEssentials
import LibPQ
import Testing

@Suite struct OwnHistoryTests {
    /// An account with a session; its history has two events.
    private static func withAccount(_ body: (TestStores, AuthenticatedSession) async throws -> Void) async throws {
        try await TestStores.with { stores in
            let user = try #require(await stores.register())
            let opened = try #require(await stores.open(for: user.id))
            try await body(stores, try await stores.domain.sessions.authentication.authenticate(opened.pair.access.reveal()))
        }
    }

    /// The pages until the last, with a body between two of them. Each cursor is one that a client gives back.
    private static func pages(
        _ stores: TestStores, _ current: AuthenticatedSession, limit: Int, between: (Int) async throws -> Void = { _ in }
    ) async throws -> [OwnHistory.Page] {
        var (pages, cursor): ([OwnHistory.Page], HistoryCursor?) = ([], nil)
        repeat {
            if !pages.isEmpty { try await between(pages.count) }
            let read = cursor.flatMap { HistoryCursor($0.text.utf8) }
            pages.append(try await stores.domain.audit.history.page(for: current, after: read, size: limit))
            cursor = pages.last?.next
        } while cursor != nil && pages.count < 100
        return pages
    }

    @Test(arguments: [1, 2, 20], [0, 1, 2, 4])
    func `each event of the account is on one page, newest first, also if events are sealed meanwhile`(
        limit: Int, pagesBeforeSeal: Int
    ) async throws {
        try await Self.withAccount { stores, current in
            let user = current.user.id
            try await stores.write(3, of: user)
            try await stores.sealAll()
            try await stores.write(4, of: user)
            let expected = try await stores.ids(of: user)
            if pagesBeforeSeal == 0 { try await stores.sealAll() }
            let pages = try await Self.pages(stores, current, limit: limit) { number in
                if number == pagesBeforeSeal { try await stores.sealAll() }
                try await stores.write(1, of: user)
            }
            #expect(pages.flatMap(\.events).map(\.id.text) == expected && expected.count == 9)
            #expect(pages.allSatisfy { page in page.events.count <= limit })
        }
    }

    @Test func `an event says what its row says, and its receipt is the seal`() async throws {
        try await Self.withAccount { stores, current in
            for _ in 0..<2 {
                let found = try await Self.pages(stores, current, limit: 20)[0].events
                let rows = try await stores.database.query(
                    """
                    SELECT event_id, e.type, e.outcome, host(e.ip), e.user_agent, e.session_id, position, volume, encode(hash, 'hex')
                    FROM audit.events e LEFT JOIN audit_events s ON s.routing = e.routing AND s.id = event_id ORDER BY e.occurred_at DESC
                    """)
                let texts = found.map { event -> [String?] in
                    [
                        event.id.text, event.type, event.outcome, event.ip, event.userAgent, event.sessionID?.text,
                        event.receipt.map { "\($0.position)" }, event.receipt.map { "\($0.volume)" }, event.receipt?.hash,
                    ]
                }
                #expect(texts == rows && rows.count == 2)
                #expect(found.allSatisfy { event in event.receipt?.chain ?? current.user.id.routing == current.user.id.routing })
                try await stores.sealAll()
            }
        }
    }

    @Test func `the owner learns no detail but those that concern nobody else`() async throws {
        try await Self.withAccount { stores, current in
            let details = #"{"email": "eve@example.org", "reason": "asked", "failures": 7, "renewals": 12, "count": "x", "client": "shop"}"#
            for isSealed in [false, true] {
                try await stores.write(1, of: current.user.id, details: details)
                if isSealed { try await stores.sealAll() }
                let found = try await Self.pages(stores, current, limit: 1)[0].events[0]
                #expect(found.details == OwnEvent.Details(reason: "asked", failures: 7, renewals: 12))
            }
        }
    }

    @Test func `SE9: events of other accounts in the same chain, and of nobody, are not listed`() async throws {
        try await Self.withAccount { stores, current in
            let (user, other) = (current.user.id, stores.identifiers.user(routing: current.user.id.routing))
            #expect(try await stores.register() == nil)
            try await stores.write(3, of: other)
            try await stores.sealAll()
            try await stores.write(3, of: other)
            let listed = try await Self.pages(stores, current, limit: 20)
            #expect(listed.count == 1)
            let own = try await stores.ids(of: user)
            #expect(listed[0].events.map(\.id.text) == own && own.count == 2)
        }
    }

    @Test func `a look examines no more of the chain than it may`() async throws {
        try await Self.withAccount { stores, current in
            let (user, other) = (current.user.id, stores.identifiers.user(routing: current.user.id.routing))
            try await stores.sealAll()
            for _ in 0..<4 {
                try await stores.write(2, of: other)
                try await stores.sealAll()
            }
            var (cursor, looks): (HistoryCursor?, [HistoryPortion]) = (nil, [])
            repeat {
                let found = try await stores.trail.history(of: user, after: cursor, portion: 3, limit: 20)
                looks.append(found)
                cursor = HistoryCursor(Self.cursor(found.bottom).utf8)
            } while looks.last!.bottom > looks.last!.start && looks.count < 10
            #expect(looks.map(\.top) == [10, 7, 4, 1] && looks.map(\.bottom) == [7, 4, 1, 0])
            #expect(looks.map(\.sealed.count) == [0, 0, 1, 1] && looks.allSatisfy(\.recent.isEmpty))
        }
    }

    /// The text of a cursor that has only a ceiling.
    private static func cursor(_ ceiling: Int64) -> String {
        let octets = [1] + (0..<8).map { index in UInt8(truncatingIfNeeded: ceiling >> (56 - 8 * index)) }
        return Data(octets).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }

    @Test func `a cursor beyond the end of the chain, or before its start, is no error`() async throws {
        try await Self.withAccount { stores, current in
            try await stores.sealAll()
            for (ceiling, count) in [(Int64.max, 2), (0, 0)] {
                let cursor = try #require(HistoryCursor(Self.cursor(ceiling).utf8))
                let page = try await stores.domain.audit.history.page(for: current, after: cursor, size: 20)
                #expect(page.events.count == count && page.next == nil)
            }
        }
    }

    @Test(.onOnePostgreSQL) func `the history ends where retention has removed the events`() async throws {
        try await Self.withAccount { stores, current in
            try await stores.write(4, of: current.user.id)
            try await stores.sealAll()
            try await stores.database.query("DELETE FROM audit_events WHERE position <= 3")
            try await stores.database.query("UPDATE audit.chains SET start_position = 3 WHERE end_position > 0")
            let pages = try await Self.pages(stores, current, limit: 2)
            #expect(pages.map(\.events.count) == [2, 1] && pages[1].next == nil)
        }
    }

    @Test func `an erased event is listed without its personal fields`() async throws {
        try await Self.withAccount { stores, current in
            try await stores.sealAll()
            #expect(try await stores.domain.audit.erasure.erase(current.user.id, addresses: []) == 2)
            let events = try await Self.pages(stores, current, limit: 20)[0].events
            #expect(events.count == 3 && events.allSatisfy { event in event.ip == nil && event.userAgent == nil })
            #expect(events.map(\.type) == ["audit_events_erased", "authn_login_success", "user_created"])
            #expect(events.map(\.details.count) == [2, nil, nil])
        }
    }

    @Test(.onOnePostgreSQL) func `the function runs with the rights of its owner, and not for everyone`() async throws {
        try await TestStores.with { stores in
            let rights = """
                SELECT has_function_privilege('public', p.oid, 'EXECUTE'), p.prosecdef, p.provolatile, p.proconfig
                FROM pg_proc p WHERE p.oid = 'audit.history'::regproc
                """
            let settings = #"{"search_path=pg_catalog, pg_temp"}"#
            let found = try await stores.database.query(rights)
            #expect(found == [["f", "t", "s", settings]])
        }
    }
}

extension TestStores {
    /// Writes events of an account one after another.
    fileprivate func write(_ count: Int, of user: UserID, details: String = "{}") async throws {
        for _ in 0..<count {
            try await database.query(
                """
                INSERT INTO audit_pending (routing, id, type, outcome, user_id, ip, user_agent, request_id, details)
                VALUES ($1::integer, $2::uuid, 'session_renewed', 'success', $3::uuid, '192.0.2.7', 'curl/8', 'request-1', $4::jsonb)
                """, ["\(user.routing.value)", identifiers.event(routing: user.routing).text, user.text, details])
        }
    }

    fileprivate func sealAll() async throws {
        while try await trail.seal(limit: 5000) > 0 {}
    }

    /// The events of an account, newest first.
    fileprivate func ids(of user: UserID) async throws -> [String?] {
        try await database.query("SELECT event_id FROM audit.events WHERE user_id = $1::uuid ORDER BY occurred_at DESC", [user.text])
            .map { row in row[0] }
    }
}
