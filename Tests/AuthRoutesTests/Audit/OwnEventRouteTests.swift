import AuthCore
import AuthTestSupport
import HTTPTypes
import Testing

@Suite struct OwnEventRouteTests {
    /// An account with a failed and a successful login, and another account.
    private static func signIn(_ api: API) async throws -> String {
        try await api.world.register()
        try await api.world.register("grace@example.org")
        _ = try await api.world.logIn("grace@example.org")
        api.world.clock.advance(by: .seconds(1))
        _ = try? await api.world.logIn(password: "wrong")
        api.world.clock.advance(by: .seconds(1))
        let body = #"{"email": "\#(World.email)", "password": "\#(World.password)"}"#
        return try #require(try await api.post("/api/auth/login/", body).members["access_token"]?.text)
    }

    private static func events(_ answer: API.Answer) throws -> [[String: JSON]] {
        guard case .array(let events)? = answer.members["events"] else { throw NotAList() }
        return events.compactMap(\.members)
    }

    private struct NotAList: Error {}

    @Test func `an account sees its own events, newest first, with receipts once they are sealed`() async throws {
        try await API.with { api async throws in
            let token = try await Self.signIn(api)
            let pending = try await api.ask(.get, "/api/events/", bearer: token)
            #expect(pending.status == 200 && pending.members["next_cursor"] == .null)
            let events = try Self.events(pending)
            #expect(events.map { $0["type"]?.text } == ["authn_login_success", "authn_login_fail", "user_created"])
            #expect(events.map { $0["outcome"]?.text } == ["success", "failure", "success"])
            #expect(events.map { $0["receipt"] } == [.null, .null, .null])
            #expect(events.map { $0["details"] } == [.object([:]), .object(["failures": .number(1)]), .object([:])])
            let fields = ["id", "type", "outcome", "occurred_at", "ip", "user_agent", "session_id", "details", "receipt"]
            #expect(events[0].keys.sorted() == fields.sorted())
            #expect(!pending.text.contains("grace") && !pending.text.contains("@"))

            api.world.database.sealEvents()
            let sealed = try Self.events(try await api.ask(.get, "/api/events/", bearer: token))
            #expect(sealed.map { $0["id"] } == events.map { $0["id"] })
            let receipts = sealed.compactMap { $0["receipt"]?.members }
            #expect(receipts.map { $0["position"] } == [.number(5), .number(4), .number(1)])
            #expect(receipts[0].keys.sorted() == ["chain", "hash", "position", "sealed_at", "volume"])
            #expect(receipts[0]["hash"] == .text(String(repeating: "ab", count: 32)))
        }
    }

    @Test func `pages follow one another by their cursors`() async throws {
        try await API.with { api async throws in
            let token = try await Self.signIn(api)
            var (path, types, pages): (String?, [String], Int) = ("/api/events?limit=1", [], 0)
            while let next = path, pages < 10 {
                let answer = try await api.ask(.get, next, bearer: token)
                types += try Self.events(answer).compactMap { $0["type"]?.text }
                if pages == 0 { api.world.database.sealEvents() }
                path = answer.members["next_cursor"]?.text.map { "/api/events?limit=1&cursor=\($0)" }
                pages += 1
            }
            #expect(types == ["authn_login_success", "authn_login_fail", "user_created"] && pages == 3)
        }
    }

    @Test(arguments: [
        "limit=0", "limit=101", "limit=x", "cursor=x", "cursor=", "page=2", "limit=1&limit=2", "cursor=AQAAAAAAAAAA&cursor=1", "user=1",
    ])
    func `a wrong query is told by field`(_ query: String) async throws {
        try await API.with { api async throws in
            let token = try await Self.signIn(api)
            let answer = try await api.ask(.get, "/api/events/?\(query)", bearer: token)
            #expect(answer.status == 422)
            guard case .array(let errors)? = answer.members["errors"] else { return #expect(Bool(false)) }
            #expect(errors[0].members?["field"]?.text == String(query.prefix { $0 != "=" }))
        }
    }
}
