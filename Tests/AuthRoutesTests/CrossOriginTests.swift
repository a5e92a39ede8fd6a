import AuthMiddleware
import AuthTestSupport
import HTTPTypes
import Testing

@Suite struct CrossOriginTests {
    private static let app = "https://app.example.org"
    private static let strangers = [
        "https://app.example.org.evil.example", "http://app.example.org", "https://app.example.org:8443", "null", "*", "",
    ]

    private static func said(_ answer: API.Answer) -> [String] {
        answer.headers.map(\.name.canonicalName).filter { $0.hasPrefix("access-control-") }.sorted()
    }

    @Test func `HT4: without allowed origins no answer says a word of them`() async throws {
        try await API.with { api async throws in
            for method in [HTTPRequest.Method.get, .options] {
                let answer = try await api.ask(method, "/livez", headers: [.origin: Self.app, .accessControlRequestMethod: "GET"])
                #expect(Self.said(answer).isEmpty && answer.headers[.vary] == nil)
            }
        }
    }

    @Test func `HT4: an allowed page may ask and read, errors too, and is told so for itself alone`() async throws {
        try await API.with(origins: try #require(AllowedOrigins("https://other.example, \(Self.app)"))) { api async throws in
            for path in ["/api/profile/", "/api/auth/verify/"] {
                let preflight = try await api.ask(.options, path, headers: [.origin: Self.app, .accessControlRequestMethod: "GET"])
                #expect(preflight.status == 204 && preflight.text.isEmpty)
                #expect(preflight.headers[.accessControlAllowOrigin] == Self.app)
                #expect(preflight.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
                #expect(preflight.headers[.accessControlAllowMethods]?.contains("DELETE") == true)
            }
            for (path, status) in [("/livez", 200), ("/api/profile/", 401), ("/nowhere", 404)] {
                let answer = try await api.ask(.get, path, headers: [.origin: Self.app])
                #expect(answer.status == status && answer.headers[.accessControlAllowOrigin] == Self.app)
                #expect(answer.headers[.vary] == "Origin" && answer.headers[.accessControlAllowCredentials] == nil)
            }
        }
    }

    @Test(arguments: strangers)
    func `HT4: no other page is told anything`(origin: String) async throws {
        try await API.with(origins: try #require(AllowedOrigins(Self.app))) { api async throws in
            for method in [HTTPRequest.Method.get, .options] {
                let answer = try await api.ask(method, "/livez", headers: [.origin: origin, .accessControlRequestMethod: "GET"])
                #expect(answer.status == (method == .get ? 200 : 405))
                #expect(Self.said(answer).isEmpty && answer.headers[.vary] == "Origin")
            }
        }
    }

    @Test(arguments: [
        "*", "null", "", "https://", "https://a.example/", "https://a.example/x", "a.example", "https://*.example", "https://A.example",
        "https://a.example,", "ftp://a.example", "https://a b", "https://a.example:x", "https://user@a.example", "none,https://a.example",
    ])
    func `HT4: no origin`(text: String) {
        #expect(AllowedOrigins(text) == nil)
    }

    @Test(arguments: [
        "none", "https://a.example", "http://localhost:3000", "https://a.example, https://b.example:8443", "https://[::1]:3000",
    ])
    func `HT4: origins`(text: String) {
        #expect(AllowedOrigins(text) != nil)
    }
}
