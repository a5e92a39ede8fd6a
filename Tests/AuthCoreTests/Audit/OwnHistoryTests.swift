import AuthTestSupport
import FoundationEssentials
import Testing

@testable import AuthCore

@Suite(.requestDeadline) struct OwnHistoryTests {
    private let world = World()

    /// An account with so many logins, a second apart, and another account in between.
    private func signedIn(_ logins: Int) async throws -> AuthenticatedSession {
        try await world.register()
        try await world.register("grace@example.org")
        var tokens: IssuedTokens?
        for _ in 0..<logins {
            world.clock.advance(by: .seconds(1))
            tokens = try await world.logIn()
            _ = try await world.logIn("grace@example.org")
        }
        return try await world.authentication.authenticate(try #require(tokens).pair.access.reveal())
    }

    private func page(_ current: AuthenticatedSession, _ cursor: HistoryCursor?, _ size: Int) async throws -> OwnHistory.Page {
        // As a client gives it back.
        try await world.domain.audit.history.page(for: current, after: cursor.flatMap { HistoryCursor($0.text.utf8) }, size: size)
    }

    @Test(arguments: [1, 2, 3, 100], [0, 1, 2, 3])
    func `every event of the account is on one page, newest first, also if events are sealed meanwhile`(
        size: Int, pagesBeforeSeal: Int
    ) async throws {
        let current = try await signedIn(2)
        world.database.sealEvents()
        for _ in 0..<3 {
            world.clock.advance(by: .seconds(1))
            _ = try await world.logIn()
        }
        let expected = world.database.events.filter { $0.userID == current.user.id }.reversed().map(\.id)
        var (listed, cursor, pages): ([OwnEvent], HistoryCursor?, Int) = ([], nil, 0)
        repeat {
            if pages == pagesBeforeSeal { world.database.sealEvents() }
            // It is newer than the first page.
            if pages == 1 {
                world.clock.advance(by: .seconds(1))
                _ = try await world.logIn()
            }
            let page = try await page(current, cursor, size)
            #expect(page.events.count <= size)
            (listed, cursor, pages) = (listed + page.events, page.next, pages + 1)
        } while cursor != nil && pages < 20
        #expect(listed.map(\.id) == expected && expected.count == 6)
        #expect(listed.last?.receipt?.position == 1 && listed.allSatisfy { $0.receipt == nil || $0.receipt?.position != 2 })
    }

    /// A chain in which the account has one event, deep down.
    private struct LongChain: OwnHistoryStore {
        let event: OwnEvent

        func history(of user: UserID, after cursor: HistoryCursor?, portion: Int, limit: Int) async throws(AuthError) -> HistoryPortion {
            let top = min(cursor?.ceiling ?? .max, 12_000)
            var found = HistoryPortion(top: top, bottom: max(top - Int64(portion), 1000), start: 1000)
            if let position = event.receipt?.position, found.bottom < position, position <= top { found.sealed = [event] }
            return found
        }
    }

    @Test func `a page looks at a part of the chain, and another follows until the beginning`() async throws {
        let current = try await signedIn(1)
        let receipt = OwnEvent.Receipt(chain: RoutingKey(1), position: 6000, volume: 1, sealedAt: current.user.createdAt, hash: "")
        let event = OwnEvent(
            id: EventID(UUID()), type: "x", outcome: "success", occurredAt: current.user.createdAt, source: (nil, nil, nil),
            details: OwnEvent.Details(), receipt: receipt)
        let history = OwnHistory(store: LongChain(event: event))
        var (found, cursor): ([[OwnEvent]], HistoryCursor?) = ([], nil)
        repeat {
            let page = try await history.page(for: current, after: cursor, size: 20)
            found.append(page.events)
            cursor = page.next
        } while cursor != nil && found.count < 10
        #expect(found == [[], [event], []])
    }

    @Test func `a cursor is read to the letter`() throws {
        let mark = HistoryCursor.Mark(occurredAt: Timestamp(microseconds: 1_234_567_890_123_456), id: EventID(UUID()))
        for cursor in [HistoryCursor(ceiling: 0), HistoryCursor(ceiling: .max), HistoryCursor(ceiling: 77, mark: mark)] {
            #expect(HistoryCursor(cursor.text.utf8) == cursor)
            #expect(HistoryCursor("\(cursor.text)A".utf8) == nil && HistoryCursor(cursor.text.dropLast().utf8) == nil)
        }
        let future = HistoryCursor(ceiling: 1, mark: .init(occurredAt: Timestamp(microseconds: .max), id: mark.id))
        #expect(HistoryCursor(future.text.utf8)?.mark?.occurredAt.description == "9999-12-31T23:59:59.999999Z")
        let negative = Base64URL.encode([1] + [UInt8](repeating: 0xFF, count: 8))
        let other = Base64URL.encode([2] + [UInt8](repeating: 0, count: 8))
        for text in [negative, other, "", "x", SessionCursor(last: SessionID(UUID())).text] {
            #expect(HistoryCursor(text.utf8) == nil, "\(text)")
        }
    }
}
