import AuthCore
import AuthTestSupport
import HTTPTypes
import Testing

/// The refresh as RFC 6749 §6 has it, which OAuth libraries send.
@Suite struct RefreshFormTests {
    private static let path = "/api/auth/refresh/"

    private static func ask(_ api: API, _ form: String, bearer: String? = nil, basic: Bool = false) async throws -> API.Answer {
        var headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded;charset=UTF-8"]
        if let bearer { headers[.authorization] = "Bearer \(bearer)" }
        if basic { headers[.authorization] = "Basic YTpi" }
        return try await api.ask(.post, path, headers: headers, body: form)
    }

    @Test func `a form has the same successor as JSON, with what RFC 6749 asks for`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await api.world.logIn().pair.refresh.reveal()
            let json = try await api.post(Self.path, "{\"refresh_token\":\"\(token)\"}")
            for form in [
                "grant_type=refresh_token&refresh_token=\(token)", "scope=&client_id=web&refresh_token=\(token)&grant_type=refresh%5Ftoken",
            ] {
                for basic in [false, true] {
                    let answer = try await Self.ask(api, form, basic: basic)
                    #expect(answer.status == 200 && answer.text == json.text)
                    #expect(answer.members["token_type"] == .text("Bearer") && answer.headers[.cacheControl] == "no-store")
                }
            }
            #expect(try await Self.ask(api, "grant_type=refresh_token", bearer: token).text == json.text)
        }
    }

    @Test func `what is wrong with a form is 400 in the words of RFC 6749`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await api.world.logIn().pair.refresh.reveal()
            for (form, error, code) in [
                ("", "invalid_request", "invalid_request"), ("refresh_token=\(token)", "invalid_request", "invalid_request"),
                ("grant_type=refresh_token", "invalid_request", "invalid_request"),
                ("grant_type=refresh_token&refresh_token=", "invalid_request", "invalid_request"),
                ("grant_type=refresh_token&refresh_token=\(token)&refresh_token=\(token)", "invalid_request", "invalid_request"),
                ("grant_type=password&username=a&password=b", "unsupported_grant_type", "unsupported_grant_type"),
                ("grant_type=refresh_toke\u{6E}\u{301}&refresh_token=x", "unsupported_grant_type", "unsupported_grant_type"),
                ("grant_type=refresh_token&refresh_token=x", "invalid_grant", "invalid_token"),
                ("grant_type=refresh_token&refresh_token=%GG", "invalid_request", "invalid_request"),
            ] {
                let answer = try await Self.ask(api, form.isEmpty ? "x=y" : form)
                #expect(answer.status == 400 && answer.members["error"] == .text(error) && answer.code == code, "\(form)")
                #expect(answer.headers[.wwwAuthenticate] == nil)
                #expect(answer.members["error_description"] == answer.members["detail"])
            }
            let twice = try await Self.ask(api, "grant_type=refresh_token&refresh_token=\(token)", bearer: token)
            #expect(twice.status == 400 && twice.members["error"] == .text("invalid_request"))
        }
    }

    @Test func `every error of a refresh has a word of RFC 6749 beside its code, in JSON too`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let old = try await api.world.logIn().pair.refresh.reveal()
            for (headers, body, status, error) in [
                ([:], nil, 401, "invalid_request"), ([.contentType: "text/plain"], "x", 415, "invalid_request"),
                ([.contentType: "application/json"], "{}", 422, "invalid_request"),
                ([.contentType: "application/json"], "{", 400, "invalid_request"),
                ([.contentType: "application/json"], "{\"refresh_token\":\"x\"}", 401, "invalid_grant"),
                ([.contentType: "application/json", .contentEncoding: "gzip"], "{}", 415, "invalid_request"),
            ] as [(HTTPFields, String?, Int, String)] {
                let answer = try await api.ask(.post, Self.path, headers: headers, body: body)
                #expect(answer.status == status && answer.members["error"] == .text(error), "\(answer.text)")
            }
            _ = try await api.world.refresh.refresh(old, origin: World.origin)
            api.world.clock.advance(by: .seconds(3600))
            let reused = try await Self.ask(api, "grant_type=refresh_token&refresh_token=\(old)")
            #expect(reused.status == 400 && reused.members["error"] == .text("invalid_grant") && reused.code == "refresh_token_reused")
            api.world.database.goAway()
            let away = try await Self.ask(api, "grant_type=refresh_token&refresh_token=\(old)")
            #expect(away.status == 503 && away.members["error"] == .text("temporarily_unavailable"))
            // Elsewhere there are no such words.
            let elsewhere = try await api.ask(.get, "/api/profile/").members
            #expect(elsewhere["error"] == nil && elsewhere["error_description"] == nil)
        }
    }
}
