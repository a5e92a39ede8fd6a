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

    @Test func `HT4: an allowed page may send the headers that are set, and reads the date`() async throws {
        let headers = try #require(AllowedHeaders("traceparent, baggage,sentry-trace"))
        try await API.with(origins: try #require(AllowedOrigins(Self.app)), requestHeaders: headers) { api async throws in
            let preflight = try await api.ask(.options, "/livez", headers: [.origin: Self.app, .accessControlRequestMethod: "GET"])
            #expect(
                preflight.headers[.accessControlAllowHeaders]
                    == "Authorization, Content-Type, X-Request-Id, traceparent, baggage, sentry-trace")
            let answer = try await api.ask(.get, "/livez", headers: [.origin: Self.app])
            #expect(answer.headers[.accessControlExposeHeaders] == "Date, Retry-After, WWW-Authenticate, X-Request-Id")
        }
        for text in ["", "a,", "a b", "a:", "\u{E9}"] { #expect(AllowedHeaders(text) == nil, "\(text)") }
        #expect(AllowedHeaders("none") != nil)
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
        "*", "null", "", "https://", "https://a.example/", "https://a.example/x", "a.example", "https://*.example",
        "https://a.example,", "ftp://a.example", "file://", "htps://a.example", "https://a b", "https://a.example:x",
        "https://user@a.example", "none,https://a.example", "https://a..b", "https://.a", "https://a.", "https://-a.example",
        "https://a-.example", "https://a.example:", "https://a.example:0", "https://a.example:99999", "https://a.example:65536",
        "https://192.0.2", "https://192.0.2.256", "https://[::1", "https://[::g]", "https://[::ffff:192.0.2.1]", "https://[192.0.2.1]",
        "https://b\u{FC}cher.example", "https://a\u{301}", "capacitor://", "capacitor://localhost:80", "capacitor://localhost/",
        "https://" + String(repeating: "a", count: 64) + ".example",
    ])
    func `HT4: no origin`(text: String) {
        #expect(AllowedOrigins(text) == nil)
    }

    @Test(arguments: [
        ("https://a.example", "https://a.example"), ("http://localhost:3000", "http://localhost:3000"),
        ("https://[::1]:3000", "https://[::1]:3000"), ("http://192.0.2.1", "http://192.0.2.1"),
        ("http://my_app:8080", "http://my_app:8080"),
        // As a browser writes them, whatever the setting looks like.
        ("https://a.example:443", "https://a.example"), ("http://a.example:80", "http://a.example"),
        ("https://a.example:80", "https://a.example:80"), ("HTTPS://A.Example:0443", "https://a.example"),
        ("https://[0:0:0:0:0:0:0:1]", "https://[::1]"), (" https://a.example\t", "https://a.example"),
        // Apps and extensions.
        ("capacitor://localhost", "capacitor://localhost"), ("ionic://localhost", "ionic://localhost"),
        ("tauri://localhost", "tauri://localhost"), ("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"),
        ("moz-extension://0b4e1f4c-1d2e-4c5a-9b1a-2f3c4d5e6f70", "moz-extension://0b4e1f4c-1d2e-4c5a-9b1a-2f3c4d5e6f70"),
        ("safari-web-extension://0B4E1F4C-1D2E", "safari-web-extension://0B4E1F4C-1D2E"),
    ])
    func `HT4: an origin is allowed as its browser writes it`(_ setting: String, _ sent: String) async throws {
        let origins = try #require(AllowedOrigins("https://other.example," + setting))
        try await API.with(origins: origins) { api async throws in
            let answer = try await api.ask(.get, "/livez", headers: [.origin: sent])
            #expect(answer.headers[.accessControlAllowOrigin] == sent)
        }
    }

    @Test func `none is allowed`() throws {
        #expect(try #require(AllowedOrigins("none")).areOpenToTampering == false)
        #expect(try #require(AllowedOrigins("HTTP://a.example")).areOpenToTampering)
        #expect(try #require(AllowedOrigins("https://a.example,capacitor://localhost")).areOpenToTampering == false)
    }
}
