import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// nginx under deploy/nginx/one-origin.conf: a page, auth-api and the app's API behind one address.
@Suite(.serialized) struct OneOriginTests {
    private struct Site: Sendable {
        let page: TemporaryFolder
        let http: Loopback
        let app: EchoApp
        let person: Person
    }

    private static func with(_ body: (Site) async throws -> Void) async throws {
        try await ServerProcess.with(environment: ["TRUSTED_PROXIES": "127.0.0.1"]) { server, _ in
            let (page, app) = (try TemporaryFolder(), EchoApp())
            try "the page".write(toFile: page.url.path + "/index.html", atomically: true, encoding: .utf8)
            let proxy = try await ProxyProcess.start(oneOrigin: page.url.path, api: server.port, app: app.port)
            defer {
                proxy.stop()
                app.close()
            }
            let http = Loopback(port: proxy.port)
            try await body(Site(page: page, http: http, app: app, person: Person("ada@example.org", over: http)))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `people register, log in, refresh and log out where the page and the app's API are`() async throws {
        try await Self.with { site in
            for path in ["/", "/orders/7"] { #expect(try await site.http.get(path).body == "the page") }
            #expect(try await site.person.registration().status == 201)
            let tokens = try await site.person.tokens()
            #expect(try await site.http.get("/api/profile/", bearer: tokens.access).json("email") == "ada@example.org")
            let answer = try await site.http.get("/api/orders/7?page=2", bearer: tokens.access)
            #expect(answer.status == 200 && answer.body == "the app's own")
            #expect(site.app.requests.map(\.line) == ["GET /api/orders/7?page=2 HTTP/1.1"])
            #expect(site.app.requests[0].values("X-Auth-Email") == ["ada@example.org"])
            #expect(site.app.requests[0].values("Authorization").isEmpty)
            // What belongs to the account is auth-api's.
            for path in ["email/verify/send", "email/change", "password/forgot", "account/secure", "invitations/accept"] {
                let answer = try await site.http.post("/api/\(path)/", bearer: tokens.access, json: "{}")
                #expect(answer.body != "the app's own", "\(path)")
            }
            #expect(site.app.requests.count == 1)
            let refreshed = try await site.http.post("/api/auth/refresh/", bearer: tokens.refresh)
            #expect(refreshed.status == 200)
            #expect(try await site.http.post("/api/logout/", bearer: refreshed.json("access_token")).status == 204)
            let refused = try await site.http.get("/api/orders/7", bearer: tokens.access)
            #expect(refused.status == 401 && site.app.requests.count == 1)
            ProxyTests.expectProblem(refused, "invalid_token")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `nobody says where they come from, and services' own routes are not there`() async throws {
        try await Self.with { site in
            #expect(try await site.person.registration().status == 201)
            let login = Array(#"{"email": "ada@example.org", "password": "\#(Person.password)"}"#.utf8)
            let forged = [("Content-Type", "application/json"), ("X-Forwarded-For", "203.0.113.9")]
            let reply = try await site.http.send("POST", "/api/auth/login/", headers: forged, body: login)
            let token = try #require(reply.json("access_token"))
            let sessions = try await site.http.get("/api/sessions/", bearer: token).body
            #expect(sessions.contains("127.0.0.1") && !sessions.contains("203.0.113.9"))
            for path in ["/api/auth/verify/", "/api/auth/introspect/", "/api/auth/revoke", "/api/auth/%76erify/", "/api/x/../auth/verify/"]
            {
                #expect(try await site.http.get(path, bearer: token).status == 404, "\(path)")
            }
            #expect(site.app.requests.isEmpty)
        }
    }
}
