import AuthCore
import AuthTestSupport
import HTTPTypes
import Testing

/// Statuses, members and headers of each endpoint, as the contract names them.
@Suite struct ContractTests {
    private static let credentials = #""email": "Ada@example.org", "password": "correct horse""#
    private static let registration = "{\(credentials), \"password2\": \"correct horse\"}"

    private func signedIn(_ api: API, name: String? = nil) async throws -> API.Answer {
        _ = try await api.post("/api/register/", Self.registration)
        let name = name.map { ", \"name\": \"\($0)\"" } ?? ""
        return try await api.post("/api/auth/login/", "{\(Self.credentials)\(name)}")
    }

    private func tokens(of answer: API.Answer) throws -> (access: String, refresh: String) {
        (try #require(answer.members["access_token"]?.text), try #require(answer.members["refresh_token"]?.text))
    }

    @Test func `register answers 201 with the user`() async throws {
        try await API.with { api async throws in
            let answer = try await api.post("/api/register/", Self.registration)
            #expect(answer.status == 201)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(Set(answer.members.keys) == ["id", "email", "created_at"])
            #expect(answer.members["email"] == .text("Ada@example.org"))
            #expect(answer.members["created_at"] == .text("2026-01-01T00:00:00.000000Z"))
            let again = try await api.post("/api/register/", Self.registration)
            #expect(again.status == 409)
            #expect(again.code == "email_taken")
        }
    }

    @Test func `login answers 200 with the tokens by their RFC 6749 names, and the user`() async throws {
        try await API.with { api async throws in
            let answer = try await signedIn(api)
            #expect(answer.status == 200)
            #expect(
                Set(answer.members.keys) == [
                    "access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in", "session_id", "user",
                ])
            #expect(answer.members["token_type"] == .text("Bearer"))
            #expect(answer.members["expires_in"] == .number(3600))
            #expect(answer.members["refresh_expires_in"] == .number(1_209_600))
            #expect(answer.members["user"]?.members?["email"] == .text("Ada@example.org"))
            #expect(answer.members["access_token"]?.text?.hasPrefix("aat_") == true)
            #expect(answer.members["refresh_token"]?.text?.hasPrefix("art_") == true)
        }
    }

    @Test(arguments: ["access_token", "refresh_token", "session_id", "token", "id"])
    func `SE4: a login that brings a token or the id of a session along is refused by field`(_ name: String) async throws {
        try await API.with { api async throws in
            let brought = try tokens(of: try await signedIn(api)).access
            let answer = try await api.post("/api/auth/login/", "{\(Self.credentials), \"\(name)\": \"\(brought)\"}")
            #expect(answer.status == 422 && answer.code == "validation_failed")
            guard case .array(let errors)? = answer.members["errors"] else { return #expect(Bool(false)) }
            #expect(errors.map { $0.members?["field"]?.text } == [name])
            #expect(errors.map { $0.members?["code"]?.text } == ["unknown_field"])
        }
    }

    @Test func `SE4: a login with a live token as bearer has tokens of its own`() async throws {
        try await API.with { api async throws in
            let first = try await signedIn(api)
            let second = try await api.post("/api/auth/login/", "{\(Self.credentials)}", bearer: try tokens(of: first).access)
            #expect(second.status == 200)
            for member in ["access_token", "refresh_token", "session_id"] { #expect(first.members[member] != second.members[member]) }
        }
    }

    @Test func `EN1: absent, disabled and wrong answer in equal bytes but for the request id`() async throws {
        try await API.with { api async throws in
            let user = try await api.world.register()
            _ = try await api.world.register("grace@example.org")
            let ask = { (email: String, password: String) in
                try await api.ask(
                    .post, "/api/auth/login/", headers: [.contentType: "application/json", .xRequestID: "same"],
                    body: "{\"email\": \"\(email)\", \"password\": \"\(password)\"}")
            }
            let wrong = try await ask("grace@example.org", "not this")
            let absent = try await ask("nobody@example.org", "not this")
            api.world.database.disable(user.id)
            let disabled = try await ask(World.email, World.password)
            for answer in [wrong, absent, disabled] {
                #expect(answer.status == 401)
                #expect(answer.code == "invalid_credentials")
                #expect(answer.headers[.wwwAuthenticate] == "Bearer")
                #expect(answer.text == wrong.text)
                #expect(answer.headers == wrong.headers)
            }
        }
    }

    @Test func `profile answers with the user and the current session`() async throws {
        try await API.with { api async throws in
            let tokens = try tokens(of: try await signedIn(api, name: "laptop"))
            let answer = try await api.ask(.get, "/api/profile/", bearer: tokens.access)
            #expect(answer.status == 200)
            #expect(Set(answer.members.keys) == ["id", "email", "created_at", "session"])
            let session = try #require(answer.members["session"]?.members)
            #expect(
                Set(session.keys) == [
                    "id", "name", "created_at", "last_seen_at", "expires_at", "idle_expires_at", "ip", "user_agent", "current",
                ])
            #expect(session["name"] == .text("laptop"))
            #expect(session["current"] == .bool(true))
        }
    }

    @Test func `what a session has not is null, not absent`() async throws {
        try await API.with { api async throws in
            let tokens = try tokens(of: try await signedIn(api))
            let answer = try await api.ask(.get, "/api/profile/", bearer: tokens.access)
            #expect(answer.members["session"]?.members?["name"] == .null)
            #expect(answer.members["session"]?.members?["user_agent"] == .null)
        }
    }

    @Test(arguments: [true, false]) func `refresh takes the token from the body or as bearer`(_ fromBody: Bool) async throws {
        try await API.with { api async throws in
            let first = try tokens(of: try await signedIn(api))
            let refresh = { (token: String) in
                fromBody
                    ? try await api.post("/api/auth/refresh/", "{\"refresh_token\": \"\(token)\"}")
                    : try await api.ask(.post, "/api/auth/refresh/", bearer: token)
            }
            let answer = try await refresh(first.refresh)
            #expect(answer.status == 200)
            let second = try tokens(of: answer)
            #expect(try await api.ask(.get, "/api/profile/", bearer: second.access).status == 200)
            api.world.clock.advance(by: .seconds(10))
            let reuse = try await refresh(first.refresh)
            #expect(reuse.status == 401)
            #expect(reuse.code == "refresh_token_reused")
            #expect(reuse.headers[.wwwAuthenticate] == "Bearer error=\"invalid_token\"")
            #expect(try await refresh(first.access).code == "invalid_token")
            #expect(try await api.ask(.get, "/api/profile/", bearer: second.access).code == "invalid_token")
        }
    }

    @Test func `refresh with a token in both places, or in none, is refused`() async throws {
        try await API.with { api async throws in
            let both = try await api.post("/api/auth/refresh/", #"{"refresh_token": "art_x"}"#, bearer: "art_x")
            #expect(both.status == 400)
            #expect(both.code == "invalid_request")
            let none = try await api.ask(.post, "/api/auth/refresh/")
            #expect(none.status == 401)
            #expect(none.code == "missing_token")
        }
    }

    @Test func `logout ends this session, logoutall every one; both answer 204 without a body`() async throws {
        try await API.with { api async throws in
            let first = try tokens(of: try await signedIn(api))
            let second = try tokens(of: try await signedIn(api))
            let third = try tokens(of: try await signedIn(api))
            let logout = try await api.ask(.post, "/api/logout/", bearer: first.access)
            #expect(logout.status == 204)
            #expect(logout.text.isEmpty)
            #expect(try await api.ask(.get, "/api/profile/", bearer: first.access).status == 401)
            #expect(try await api.ask(.post, "/api/logoutall/", bearer: second.access).status == 204)
            for tokens in [second, third] {
                let answer = try await api.ask(.get, "/api/profile/", bearer: tokens.access)
                #expect(answer.status == 401)
                #expect(answer.code == "invalid_token")
                #expect(try await api.post("/api/auth/refresh/", "{\"refresh_token\": \"\(tokens.refresh)\"}").code == "invalid_token")
            }
        }
    }

    @Test func `health tells whether the process lives and whether it can serve`() async throws {
        try await API.with { api async throws in
            #expect(try await api.ask(.get, "/readyz").text == #"{"status":"ok"}"#)
            api.world.readiness.fail()
            let answer = try await api.ask(.get, "/readyz")
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter] != nil)
            #expect(try await api.ask(.get, "/livez").status == 200)
        }
    }

    @Test func `HT8: the database away is 503 with Retry-After everywhere, and its cause stays inside`() async throws {
        try await API.with { api async throws in
            let tokens = try tokens(of: try await signedIn(api))
            api.world.database.goAway()
            let answers = [
                try await api.post("/api/register/", Self.registration.replacing("Ada", with: "Bob")),
                try await api.post("/api/auth/login/", "{\(Self.credentials)}"),
                try await api.post("/api/auth/refresh/", "{\"refresh_token\": \"\(tokens.refresh)\"}"),
                try await api.ask(.get, "/api/profile/", bearer: tokens.access),
                try await api.ask(.post, "/api/logout/", bearer: tokens.access),
                try await api.ask(.post, "/api/logoutall/", bearer: tokens.access),
            ]
            for answer in answers {
                #expect(answer.status == 503)
                #expect(answer.code == "unavailable")
                #expect((1...5).contains(answer.headers[.retryAfter].flatMap { Int($0) } ?? 0))
                #expect(!answer.text.contains("connection"))
            }
        }
    }
}

extension HTTPField.Name {
    static let xRequestID = Self("X-Request-Id")!
}
