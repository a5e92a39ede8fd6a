import AuthCore
import AuthTestSupport
import HTTPTypes
import Testing

@Suite struct HeaderTests {
    @Test func `SE13: every answer has a request id, forbids storing, and lets nothing run`() async throws {
        try await API.with { api async throws in
            for (method, path) in [(HTTPRequest.Method.get, "/livez"), (.get, "/api/profile/"), (.get, "/nowhere"), (.put, "/livez")] {
                let headers = try await api.ask(method, path).headers
                #expect(headers[.cacheControl] == "no-store")
                #expect(headers[.xContentTypeOptions] == "nosniff")
                #expect(headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
                #expect(headers[.xRequestID]?.utf8.count == 36)
            }
        }
    }

    @Test func `an answer to HEAD says how long its body would be and has none, whatever it is`() async throws {
        try await API.with { api async throws in
            for (path, status) in [
                ("/livez", 200), ("/api/profile/", 401), ("/api/auth/verify/", 401), ("/nowhere", 404), ("/api/logout", 405),
            ] {
                let answer = try await api.ask(.head, path)
                #expect(answer.status == status && answer.text.isEmpty, "\(path)")
                #expect(answer.headers[.contentLength].flatMap { Int($0) } ?? 0 > 0)
            }
        }
    }

    @Test(arguments: ["a", "01a20bc6-8cdb-732e-a77f-87d3a27f05bd", "A.b_c-1", String(repeating: "x", count: 128)])
    func `a harmless request id is kept, in the answer and in the audit trail`(_ id: String) async throws {
        try await API.with { api async throws in
            let answer = try await api.ask(
                .post, "/api/register/", headers: [.xRequestID: id, .contentType: "application/json"],
                body: #"{"email": "ada@example.org", "password": "correct horse", "password2": "correct horse"}"#)
            #expect(answer.headers[.xRequestID] == id)
            #expect(api.world.database.events.map(\.origin.requestID) == [id])
        }
    }

    @Test(arguments: ["a b", "a\"b", "<script>", "é", "a;b", "server:tally", "a\u{301}", String(repeating: "x", count: 129)])
    func `any other is replaced`(_ id: String) async throws {
        try await API.with { api async throws in
            let answer = try await api.ask(.get, "/api/profile/", headers: [.xRequestID: id])
            #expect(answer.headers[.xRequestID] != id)
            #expect(answer.members["request_id"]?.text == answer.headers[.xRequestID])
        }
    }

    @Test(arguments: [
        ("Bearer TOKEN", 200, nil), ("bearer TOKEN", 200, nil), ("BEARER   TOKEN", 200, nil), ("Bearer", 401, "missing_token"),
        ("Bearer ", 401, "missing_token"), ("Basic YTpi", 401, "missing_token"), ("TOKEN", 401, "missing_token"),
        ("Bearer TOKEN x", 401, "invalid_token"), ("Bearer TOKEN,", 401, "invalid_token"), ("Bearer x", 401, "invalid_token"),
        ("BearerTOKEN", 401, "missing_token"), ("Token TOKEN", 401, "missing_token"), ("Bearer\tTOKEN", 200, nil),
        ("Beare\u{212B} TOKEN", 401, "missing_token"), ("Bearer\u{301} TOKEN", 401, "missing_token"),
        ("Bearer \u{301}TOKEN", 401, "invalid_token"), ("Bearer TOKEN\u{301}", 401, "invalid_token"),
    ])
    func `IN5: the credential is read as RFC 6750 has it`(_ field: String, _ status: Int, _ code: String?) async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await api.world.logIn().pair.access.reveal()
            let answer = try await api.ask(
                .get, "/api/profile/", headers: [.authorization: field.replacing("TOKEN", with: token)])
            #expect(answer.status == status)
            #expect(answer.code == code)
            let challenge = [nil: nil, "missing_token": "Bearer", "invalid_token": "Bearer error=\"invalid_token\""][code]
            #expect(answer.headers[.wwwAuthenticate] == challenge)
        }
    }

    @Test func `IN5: two credentials are refused, even when both are right`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await api.world.logIn().pair.access.reveal()
            var headers: HTTPFields = [.authorization: "Bearer \(token)"]
            headers.append(HTTPField(name: .authorization, value: "Bearer \(token)"))
            let answer = try await api.ask(.get, "/api/profile/", headers: headers)
            #expect(answer.status == 400)
            #expect(answer.code == "invalid_request")
            #expect(answer.headers[.wwwAuthenticate] == "Bearer error=\"invalid_request\"")
        }
    }

    @Test(arguments: ["access_token=x", "a=b&refresh_token=x", "TOKEN=x", "x=aat_abc", "x=art_abc", "%74oken=x", "x=%61at_abc"])
    func `SE13: a token in the URL is refused by a guarded route, by one for all, and by a refresh`(_ query: String) async throws {
        try await API.with { api async throws in
            for path in ["/api/profile/", "/livez", "/api/auth/refresh"] {
                let answer = try await api.ask(path == "/api/auth/refresh" ? .post : .get, path + "?" + query)
                #expect(answer.status == 400)
                #expect(answer.code == "invalid_request")
            }
        }
    }
}
