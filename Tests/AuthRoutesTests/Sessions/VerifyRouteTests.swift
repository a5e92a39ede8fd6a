import AuthCore
import AuthTestSupport
import AuthText
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import AuthRoutes

@Suite struct VerifyRouteTests {
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .init("PROPFIND")!, .init("QUERY")!,
    ]

    @Test func `a live token is told whose it is, by any method and below any path, and nothing else is said`() async throws {
        try await API.with { api async throws in
            let user = try await api.world.register()
            let tokens = try await api.world.logIn()
            for method in Self.methods {
                for path in ["/api/auth/verify/", "/api/auth/verify", "/api/auth/verify/orders/7?access_token=x&next=%2F"] {
                    let answer = try await api.ask(method, path, bearer: tokens.pair.access.reveal())
                    #expect(answer.status == 200 && answer.text.isEmpty)
                    #expect(answer.headers[HTTPField.Name("X-Auth-User-Id")!] == user.id.text)
                    #expect(answer.headers[HTTPField.Name("X-Auth-Email")!] == World.email)
                    #expect(answer.headers[HTTPField.Name("X-Auth-Session-Id")!] == tokens.sessionID.text)
                    #expect(answer.headers[.cacheControl] == "no-store")
                }
            }
        }
    }

    @Test func `what asks for an echo or a tunnel is no question`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let token = try await api.world.logIn().pair.access.reveal()
            for method in [HTTPRequest.Method.trace, .connect] {
                #expect(try await api.ask(method, "/api/auth/verify/", bearer: token).status == 405)
            }
        }
    }

    @Test func `FA1: everything else is 401, and never anybody's name`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let tokens = try await api.world.logIn()
            let bearer = "Bearer \(tokens.pair.access.reveal())"
            var twice = HTTPFields()
            twice.append(HTTPField(name: .authorization, value: bearer))
            twice.append(HTTPField(name: .authorization, value: bearer))
            let cases: [HTTPFields] = [
                [:], [.authorization: "Bearer"], [.authorization: "Bearer x"], [.authorization: "Basic eDp5"],
                [.authorization: "Bearer \(tokens.pair.refresh.reveal())"], [.cookie: "token=\(tokens.pair.access.reveal())"], twice,
            ]
            for headers in cases {
                let answer = try await api.ask(.get, "/api/auth/verify/", headers: headers)
                #expect(answer.status == 401)
                #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
                #expect(answer.headers[HTTPField.Name("X-Auth-User-Id")!] == nil)
            }
            #expect(try await api.ask(.get, "/api/auth/verify/?access_token=\(tokens.pair.access.reveal())").status == 401)
        }
    }

    @Test func `FA1: doubt is 503 with Retry-After`() async throws {
        try await API.with { api async throws in
            try await api.world.register()
            let tokens = try await api.world.logIn()
            api.world.database.goAway()
            let answer = try await api.ask(.get, "/api/auth/verify/", bearer: tokens.pair.access.reveal())
            #expect(answer.status == 503)
            #expect(answer.headers[HTTPField.Name("Retry-After")!] != nil)
        }
    }

    @Test(arguments: [
        ("Jürgen.ß+東京@bücher.example", "J%C3%BCrgen.%C3%9F+%E6%9D%B1%E4%BA%AC@b%C3%BCcher.example"),
        ("100%41@example.org", "100%2541@example.org"),
    ])
    func `an address beyond ASCII is told percent-encoded, and so is a percent sign`(_ email: String, _ told: String) async throws {
        try await API.with { api async throws in
            try await api.world.register(email)
            let tokens = try await api.world.logIn(email)
            let answer = try await api.ask(.get, "/api/auth/verify/", bearer: tokens.pair.access.reveal())
            #expect(answer.headers[HTTPField.Name("X-Auth-Email")!] == told)
        }
    }

    @Test func `HT2: no address can break a header`() {
        // C0, DEL, C1, and what Unicode takes for a space or a line's end.
        let breaking = [0...0x20, 0x7F...0xA0, 0x2000...0x200F, 0x2028...0x202F].joined().compactMap { Unicode.Scalar(UInt32($0)) }
        for scalar in breaking {
            for text in ["\(scalar)ada@example.org", "a\(scalar)da@example.org", "ada@exam\(scalar)ple.org", "ada@example.org\(scalar)"] {
                // Blanks around an address are trimmed. What is left has none.
                let told = EmailAddress(text, rules: UnicodeTextRules()).map(\.text) ?? ""
                #expect(["", "ada@example.org"].contains(told), "U+\(String(scalar.value, radix: 16))")
            }
        }
    }

    @Test(arguments: [
        "ada@example.org\r\nX-Injected: 1", "\r\n\r\nX-Injected: 1", "ada@example.org\nX-Injected: 1", "ada\rX-Injected: 1", "\r\n", "\n",
        "a\0b", "é\r\n\r\nX-Injected: 1\r\n",
    ])
    func `HT2: no stored address breaks a header, whoever stored it`(_ email: String) async throws {
        try await API.with { api async throws in
            let user = try await api.world.register()
            let tokens = try await api.world.logIn()
            api.world.database.replaceEmail(of: user.id, with: email)
            let answer = try await api.ask(.get, "/api/auth/verify/", bearer: tokens.pair.access.reveal())
            let told = try #require(answer.headers[HTTPField.Name("X-Auth-Email")!])
            #expect(told.utf8.allSatisfy { (0x21...0x7E).contains($0) })
            let authenticated = try await api.world.authentication.authenticate(tokens.pair.access.reveal())
            var fast = ByteBuffer()
            VerifyRoutes.writeFields(authenticated, into: &fast)
            let lines = ["X-Auth-User-Id: \(user.id.text)", "X-Auth-Email: \(told)", "X-Auth-Session-Id: \(tokens.sessionID.text)"]
            #expect(Array(buffer: fast) == Array(lines.map { $0 + "\r\n" }.joined().utf8))
        }
    }
}
