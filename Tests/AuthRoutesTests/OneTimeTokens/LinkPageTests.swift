import AuthCore
import AuthCrypto
import AuthTestSupport
import FoundationEssentials
import HTTPTypes
import Testing

/// The pages that links in mails open.
@Suite struct LinkPageTests {
    private static let password = "a better horse, and a fresh battery"

    private static func with(
        _ store: LinkStore = LinkStore(), service: String = "Example", _ body: @Sendable (API) async throws -> Void
    ) async throws {
        let world = World()
        try await API.with(world, domain: store.domain(of: world), service: service, body)
    }

    /// Sends the form of a page.
    private static func send(
        _ api: API, _ purpose: OneTimeTokenPurpose, token: String = LinkStore.token(), _ password: String = password,
        again: String? = nil, headers: HTTPFields = [:]
    ) async throws -> API.Answer {
        func encoded(_ text: String) -> String { text.replacing(" ", with: "+") }
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        let form = "token=\(token)&password=\(encoded(password))&password2=\(encoded(again ?? password))"
        return try await api.ask(.post, "/account/\(purpose.action)", headers: headers, body: form)
    }

    @Test(arguments: OneTimeTokenPurpose.allCases)
    func `SE13: opening a page ten times by GET and HEAD asks no store, and shows a form`(_ purpose: OneTimeTokenPurpose) async throws {
        let store = LinkStore()
        try await Self.with(store) { api async throws in
            let token = LinkStore.token()
            for _ in 0..<10 {
                let page = try await api.ask(.get, "/account/\(purpose.action)?token=\(token)")
                #expect(page.status == 200 && page.headers[.contentType] == "text/html; charset=utf-8")
                #expect(page.text.contains(#"<form method="post" action="/account/\#(purpose.action)">"#))
                #expect(page.text.contains(#"<input type="hidden" name="token" value="\#(token)">"#))
                #expect(page.text.ranges(of: "<button").count == 1 && !page.text.contains("<script"))
                let head = try await api.ask(.head, "/account/\(purpose.action)?token=\(token)")
                #expect(head.status == 200 && head.text.isEmpty)
            }
        }
        #expect(store.calls.isEmpty)
    }

    @Test(
        arguments: [
            (.verifyEmail, "verify"), (.confirmEmail, "change"), (.undoEmail, "undo"), (.resetPassword, "reset"),
            (.secureAccount, "secure"), (.restoreAccount, "restore"),
        ] as [(OneTimeTokenPurpose, String)])
    func `the button does what the link permits, and nothing else`(_ purpose: OneTimeTokenPurpose, _ call: String) async throws {
        let store = LinkStore()
        try await Self.with(store) { api async throws in
            let page = try await Self.send(api, purpose)
            #expect(page.status == 200 && !page.text.contains("<form") && page.text.contains("<h1>"), "\(page.text)")
        }
        #expect(store.calls == ["find \(purpose.action)", call])
    }

    @Test(arguments: MailLocale.allCases)
    func `every page and every message is complete in every language`(_ locale: MailLocale) async throws {
        try await Self.with { api async throws in
            let headers: HTTPFields = [.acceptLanguage: "xx, \(locale.rawValue)-XX;q=0.8, en;q=0.1"]
            for purpose in OneTimeTokenPurpose.allCases {
                let path = "/account/\(purpose.action)"
                for page in [
                    try await api.ask(.get, "\(path)?token=\(LinkStore.token())", headers: headers),
                    try await Self.send(api, purpose, "short", again: "other", headers: headers),
                    try await api.ask(.get, path, headers: headers),
                ] {
                    #expect(page.text.contains(#"<html lang="\#(locale.rawValue)">"#))
                    #expect(!page.text.contains("{{") && !page.text.contains("><"), "\(page.text)")
                    #expect(page.text.ranges(of: "<h1>").count == 1)
                }
            }
        }
    }

    @Test func `SE13: the policy of a page allows its style and nothing else`() async throws {
        try await Self.with { api async throws in
            let page = try await api.ask(.get, "/account/reset?token=\(LinkStore.token())")
            let style = try #require(page.text.firstMatch(of: /<style>((?s).*?)<\/style>/)).1
            let digest = Data(try OpenSSLTokenCryptography().sha256(Array(style.utf8)).array).base64EncodedString()
            let rest = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            #expect(page.headers[.contentSecurityPolicy] == "default-src 'none'; style-src 'sha256-\(digest)'; \(rest)")
            #expect(page.headers[HTTPField.Name("Referrer-Policy")!] == "no-referrer")
            #expect(page.headers[.cacheControl] == "no-store" && page.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test(arguments: [OneTimeTokenPurpose.resetPassword, .confirmRegistration, .acceptInvitation])
    func `a wrong password is 422, and the form comes again with its token`(_ purpose: OneTimeTokenPurpose) async throws {
        try await Self.with { api async throws in
            let token = LinkStore.token()
            let page = try await Self.send(api, purpose, token: token, "short", again: "shorter")
            #expect(page.status == 422 && page.text.contains(#"value="\#(token)""#))
            #expect(page.text.ranges(of: #" aria-invalid="true""#).count == 2)
            #expect(page.text.contains("at least 8 characters") && page.text.contains("differ"))
            #expect(!page.text.contains("shorter"), "no password comes back")
        }
    }

    @Test(
        arguments: [
            (.unavailable(cause: "SECRET CAUSE"), 503, true), (.overloaded(retryAfter: .seconds(2)), 503, true),
            (.tooManyAttempts(retryAfter: .seconds(60)), 429, true), (.invalidOneTimeToken, 400, false), (.emailTaken, 409, false),
            (.emailFrozen, 403, false), (.internalError(cause: "SECRET CAUSE"), 500, false),
        ] as [(AuthError, Int, Bool)])
    func `an error is a page with its status, and with the form if trying again can help`(
        _ error: AuthError, _ status: Int, _ hasForm: Bool
    ) async throws {
        try await Self.with(LinkStore(failing: error)) { api async throws in
            for purpose in [OneTimeTokenPurpose.verifyEmail, .resetPassword] {
                let page = try await Self.send(api, purpose)
                #expect(page.status == status && page.text.contains("<h1>") && page.text.contains("<form") == hasForm, "\(page.text)")
                #expect((page.headers[.retryAfter] != nil) == hasForm && page.headers[.wwwAuthenticate] == nil)
                #expect(!page.text.contains("SECRET"))
            }
        }
    }

    @Test func `SE13: a form that a page of another site sends does nothing`() async throws {
        let store = LinkStore()
        let site = HTTPField.Name("Sec-Fetch-Site")!
        try await Self.with(store) { api async throws in
            for headers: HTTPFields in [
                [.origin: "https://evil.example"], [.origin: "http://auth.example.org"], [.origin: "https://auth.example.org:444"],
                [site: "cross-site"], [site: "same-site", .origin: "null"], [.origin: "file://"],
            ] {
                #expect(try await Self.send(api, .verifyEmail, headers: headers).status == 400, "\(headers)")
            }
            #expect(store.calls.isEmpty)
            // Browsers send `null` from a page with `Referrer-Policy: no-referrer`.
            for headers: HTTPFields in [[:], [.origin: "null", site: "same-origin"], [.origin: "https://auth.example.org"]] {
                #expect(try await Self.send(api, .verifyEmail, headers: headers).status == 200, "\(headers)")
            }
        }
    }

    @Test func `what is no form of a page changes nothing, and is a page with its status`() async throws {
        let store = LinkStore()
        try await Self.with(store) { api async throws in
            let token = LinkStore.token()
            for query in ["", "?token=", "?token=aot_x", "?token=\(token.dropLast())", "?token=\(token)&token=\(token)"] {
                #expect(try await api.ask(.get, "/account/verify" + query).status == 400, "\(query)")
            }
            let extra = try await api.ask(.get, "/account/verify?token=\(token)&x=1")
            #expect(extra.status == 422 && extra.text.contains("<h1>"))
            let head = try await api.ask(.head, "/account/verify?token=\(token)&x=1")
            #expect(head.status == 422 && head.text.isEmpty)
            #expect(try await Self.send(api, .verifyEmail, token: "").status == 400)
            let json = try await api.post("/account/verify", #"{"token":"\#(token)"}"#)
            #expect(json.status == 415 && json.text.contains("<h1>"))
            #expect(try await Self.send(api, .verifyEmail, String(repeating: "x", count: 20_000)).status == 413)
            #expect(try await api.ask(.post, "/account/verify?token=\(token)", headers: [:]).status == 415)
        }
        #expect(store.calls.isEmpty)
    }

    @Test func `a page says the name of the service and runs nothing of it`() async throws {
        try await Self.with(service: "<\u{338}b>&\"") { api async throws in
            let page = try await api.ask(.get, "/account/secure?token=\(LinkStore.token())")
            #expect(page.text.contains("<header>&lt;\u{338}b&gt;&amp;&quot;</header>"))
        }
    }
}
