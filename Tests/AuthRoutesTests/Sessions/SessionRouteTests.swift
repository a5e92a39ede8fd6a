import AuthCore
import AuthTestSupport
import HTTPTypes
import Testing

@Suite struct SessionRouteTests {
    private static func signIn(_ api: API, name: String) async throws -> (access: String, id: String) {
        let tokens = try await api.world.logIn(deviceName: name)
        return (tokens.pair.access.reveal(), tokens.sessionID.text)
    }

    @Test func `the list tells of every session all that its owner may know, and marks the current one`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let phone = try await Self.signIn(api, name: "phone")
            api.world.clock.advance(by: .seconds(1))
            let laptop = try await Self.signIn(api, name: "laptop")
            let answer = try await api.ask(.get, "/api/sessions/", bearer: phone.access)
            #expect(answer.status == 200)
            guard case .array(let sessions)? = answer.members["sessions"] else { return #expect(Bool(false)) }
            #expect(sessions.map { $0.members?["id"]?.text } == [laptop.id, phone.id])
            #expect(sessions.map { $0.members?["current"] } == [.bool(false), .bool(true)])
            #expect(answer.members["next_cursor"] == .null)
            let fields = ["id", "name", "created_at", "last_seen_at", "expires_at", "idle_expires_at", "ip", "user_agent", "current"]
            #expect(sessions[0].members?.keys.sorted() == fields.sorted())
            #expect(!answer.text.contains("aat_") && !answer.text.contains("digest") && !answer.text.contains("salt"))
        }
    }

    @Test func `pages follow one another by their cursors`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            for number in 0..<5 {
                api.world.clock.advance(by: .seconds(1))
                _ = try await Self.signIn(api, name: "\(number)")
            }
            let token = try await Self.signIn(api, name: "5").access
            var (path, names): (String?, [String]) = ("/api/sessions/?limit=2", [])
            while let next = path {
                let answer = try await api.ask(.get, next, bearer: token)
                guard case .array(let sessions)? = answer.members["sessions"] else { return #expect(Bool(false)) }
                names += sessions.compactMap { $0.members?["name"]?.text }
                path = answer.members["next_cursor"]?.text.map { "/api/sessions/?limit=2&cursor=\($0)" }
            }
            #expect(names.sorted() == ["0", "1", "2", "3", "4", "5"])
        }
    }

    @Test(arguments: [
        "limit=0", "limit=101", "limit=x", "limit=-1", "limit=+5", "cursor=x", "cursor=", "page=2", "limit=1&limit=2", "cursor=1&cursor=1",
    ])
    func `a wrong query is told by field`(_ query: String) async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await Self.signIn(api, name: "phone").access
            let answer = try await api.ask(.get, "/api/sessions/?\(query)", bearer: token)
            #expect(answer.status == 422)
            guard case .array(let errors)? = answer.members["errors"] else { return #expect(Bool(false)) }
            #expect(errors[0].members?["field"]?.text == String(query.prefix { $0 != "=" }))
        }
    }

    @Test func `HT5: however many parameters are wrong, ten errors are told`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await Self.signIn(api, name: "phone").access
            for query in [
                String(repeating: "a&", count: 4000), (0..<400).map { "p\($0)=1&" }.joined(), String(repeating: "limit=0&", count: 900),
            ] {
                let answer = try await api.ask(.get, "/api/sessions/?\(query)", bearer: token)
                guard case .array(let errors)? = answer.members["errors"] else { return #expect(Bool(false)) }
                #expect(answer.status == 422 && errors.count <= 10 && answer.text.utf8.count < 4096)
            }
        }
    }

    @Test func `HT5: however many fields are unknown, ten errors are told`() async throws {
        try await API.with { api async throws in
            let members = (0..<60).map { "\"m\($0)\":1" }.joined(separator: ",")
            let answer = try await api.post("/api/auth/login/", "{\(members)}")
            guard case .array(let errors)? = answer.members["errors"] else { return #expect(Bool(false)) }
            #expect(answer.status == 422 && errors.count == 10)
        }
    }

    @Test(arguments: ["/livez", "/readyz", "/api/profile/", "/api/sessions/"])
    func `JS2: a parameter that the route does not have is refused by name, whatever the route`(_ path: String) async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await Self.signIn(api, name: "phone").access
            for (query, name) in [
                ("limt=5", "limt"), ("x", "x"), ("=1", ""), ("a%CC%81=1", "a\u{301}"), ("%zz", "%zz"), ("a&limit=1&b", "a"),
            ] {
                let answer = try await api.ask(.get, "\(path)?\(query)", bearer: token)
                #expect(answer.status == 422 && answer.code == "validation_failed")
                guard case .array(let errors)? = answer.members["errors"] else { return #expect(Bool(false)) }
                #expect(errors[0].members?["field"]?.text == name && errors[0].members?["code"]?.text == "unknown_field")
            }
            #expect(try await api.ask(.get, path + "?", bearer: token).status == 200)
        }
    }

    @Test func `an id in a path may be percent-encoded`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let (one, two) = (try await Self.signIn(api, name: "1"), try await Self.signIn(api, name: "2"))
            for bad in ["%2", "%", "%2G", "%00", "%E9", "%F0%9F%98%80"] {
                #expect(try await api.ask(.delete, "/api/sessions/\(two.id)\(bad)", bearer: one.access).status == 404, "\(bad)")
            }
            let encoded = two.id.replacing("-", with: "%2D").replacing("a", with: "%61").uppercased()
            #expect(try await api.ask(.delete, "/api/sessions/\(encoded)/", bearer: one.access).status == 204)
            #expect(try await api.ask(.get, "/api/profile/", bearer: two.access).status == 401)
        }
    }

    @Test func `one is ended, another is nobody's, the rest goes with revoke-others`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let (one, two, three) = (
                try await Self.signIn(api, name: "1"), try await Self.signIn(api, name: "2"), try await Self.signIn(api, name: "3")
            )
            try await api.world.register("grace@example.org")
            let foreign = try await api.world.logIn("grace@example.org").sessionID.text
            let delete = { (id: String) in try await api.ask(.delete, "/api/sessions/\(id)/", bearer: one.access) }
            #expect(try await delete(two.id).status == 204)
            #expect(try await delete(two.id).status == 204)
            let unknown = "0199a1b2-c3d4-7e5f-8a6b-" + one.id.suffix(12)
            let answers = [try await delete(foreign), try await delete(String(unknown)), try await delete("x")]
            for answer in answers { #expect(answer.status == 404 && answer.code == "not_found") }
            #expect(Set(answers.map { $0.members["detail"]?.text }).count == 1)
            #expect(try await api.ask(.post, "/api/sessions/revoke-others/", bearer: one.access).status == 204)
            #expect(try await api.ask(.get, "/api/profile/", bearer: one.access).status == 200)
            for dead in [two, three] { #expect(try await api.ask(.get, "/api/profile/", bearer: dead.access).status == 401) }
            #expect(try await delete(one.id).status == 204)
            #expect(try await api.ask(.get, "/api/profile/", bearer: one.access).status == 401)
        }
    }
}
