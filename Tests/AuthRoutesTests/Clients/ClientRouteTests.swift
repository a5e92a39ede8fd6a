import AuthCore
import AuthTestSupport
import FoundationEssentials
import HTTPTypes
import Testing

@Suite struct ClientRouteTests {
    private static let id = ServiceClientID("orders")!

    private static func basic(_ id: String, _ secret: String) -> String {
        "Basic " + Data("\(id):\(secret)".utf8).base64EncodedString()
    }

    /// Asks as a client that was just added.
    private static func withClient(_ body: @Sendable @escaping (API, _ credential: String) async throws -> Void) async throws {
        try await API.with { api async throws in
            let secret = try #require(await api.world.clients.add(id, origin: World.origin))
            try await body(api, basic(id.text, secret.reveal()))
        }
    }

    private static func ask(
        _ api: API, _ path: String, _ form: String, credential: String?, type: String = "application/x-www-form-urlencoded"
    ) async throws -> API.Answer {
        var headers: HTTPFields = [.contentType: type]
        if let credential { headers[.authorization] = credential }
        return try await api.ask(.post, path, headers: headers, body: form)
    }

    @Test func `IN3: an access token is active, and says what RFC 7662 asks for`() async throws {
        try await Self.withClient { api, credential in
            let user = try await api.world.register()
            let tokens = try await api.world.logIn()
            let answer = try await Self.ask(
                api, "/api/auth/introspect/", "token_type_hint=refresh_token&token=\(tokens.pair.access.reveal())&x=y",
                credential: credential)
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "application/json")
            let issued = tokens.session.now.numericDate
            #expect(
                answer.members == [
                    "active": .bool(true), "token_type": .text("Bearer"), "sub": .text(user.id.text), "username": .text(World.email),
                    "sid": .text(tokens.sessionID.text), "iat": .number(Int(issued)), "exp": .number(Int(issued) + 3600),
                    "auth_time": .number(Int(issued)), "amr": .array([.text("pwd")]), "scope": .text("session"),
                ])
        }
    }

    @Test func `IN3: where the server has a name, the answer says it, whatever Host says`() async throws {
        let world = World()
        try await API.with(world, issuer: "https://auth.example.org") { api async throws in
            let secret = try #require(await world.clients.add(Self.id, origin: World.origin)).reveal()
            try await world.register()
            let token = try await world.logIn().pair.access.reveal()
            let answer = try await Self.ask(api, "/api/auth/introspect/", "token=\(token)", credential: Self.basic("orders", secret))
            #expect(answer.members["iss"] == .text("https://auth.example.org"))
            let inactive = try await Self.ask(api, "/api/auth/introspect/", "token=x", credential: Self.basic("orders", secret))
            #expect(inactive.text == #"{"active":false}"#)
        }
    }

    @Test func `an old access token in its grace says its own end`() async throws {
        try await Self.withClient { api, credential in
            try await api.world.register()
            let first = try await api.world.logIn()
            _ = try await api.world.refresh.refresh(first.pair.refresh.reveal(), origin: World.origin)
            let answer = try await Self.ask(
                api, "/api/auth/introspect/", "token=\(first.pair.access.reveal())", credential: credential)
            #expect(answer.members["active"] == .bool(true) && answer.members["iat"] == nil)
            #expect(answer.members["exp"] == .number(Int(first.session.now.numericDate) + 10))
        }
    }

    @Test func `IN2: whatever is not active is so in the same bytes`() async throws {
        try await Self.withClient { api, credential in
            try await api.world.register()
            let (live, ended) = (try await api.world.logIn(), try await api.world.logIn())
            let proof = try await api.world.authentication.authenticate(ended.pair.access.reveal())
            try await api.world.signOut.signOut(proof, origin: World.origin)
            let access = live.pair.access
            let dead = [
                ended.pair.access.reveal(), ended.pair.refresh.reveal(), live.pair.refresh.reveal(), "garbage", "aat_", "%00",
                "%F0%9F%98%80",
                AccessToken(sessionID: access.sessionID, generation: access.generation, secret: .random()).reveal(),
            ]
            for token in dead {
                let answer = try await Self.ask(api, "/api/auth/introspect/", "token=\(token)", credential: credential)
                #expect(answer.status == 200 && answer.text == #"{"active":false}"#, "\(token.prefix(4))")
            }
        }
    }

    @Test func `a credential may come form-encoded`() async throws {
        try await API.with { api async throws in
            let secret = try #require(await api.world.clients.add(Self.id, origin: World.origin)).reveal()
            let encoded = secret.replacing("_", with: "%5F").replacing("-", with: "%2d")
            for credential in [Self.basic("orders", encoded), Self.basic("%6Frders", secret)] {
                #expect(try await Self.ask(api, "/api/auth/introspect/", "token=x", credential: credential).status == 200)
            }
            for credential in [
                Self.basic("orders&secret=x", secret), Self.basic("orders", secret + "%"), Self.basic("orders", secret + "+"),
            ] {
                #expect(try await Self.ask(api, "/api/auth/introspect/", "token=x", credential: credential).status == 401)
            }
        }
    }

    @Test func `IN1: no service asks or revokes without a credential that is live`() async throws {
        try await Self.withClient { api, credential in
            try await api.world.register()
            let tokens = try await api.world.logIn()
            let form = "token=\(tokens.pair.access.reveal())"
            let wrong: [String?] = [
                nil, "Basic", "Basic %%%", Self.basic("orders", "wrong"), Self.basic("", ""), "Bearer \(tokens.pair.access.reveal())",
                "Basic " + Data("orders".utf8).base64EncodedString(),
            ]
            for path in ["/api/auth/introspect/", "/api/auth/revoke/"] {
                for credential in wrong {
                    let answer = try await Self.ask(api, path, form, credential: credential)
                    #expect(answer.status == 401 && answer.code == "invalid_client")
                    #expect(answer.members["error"] == .text("invalid_client"))
                    #expect(answer.headers[.wwwAuthenticate]?.hasPrefix("Basic ") == true)
                }
            }
            #expect(try await api.world.clients.revoke(Self.id, origin: World.origin))
            #expect(try await Self.ask(api, "/api/auth/introspect/", form, credential: credential).status == 401)
            _ = try await api.world.authentication.authenticate(tokens.pair.access.reveal())
        }
    }

    @Test(arguments: ["", "token=", "token_type_hint=access_token", "token=a&token=b", "token[]=a", "token=%GG", "\u{FEFF}"])
    func `a form without one token is refused`(_ form: String) async throws {
        try await Self.withClient { api, credential in
            for path in ["/api/auth/introspect/", "/api/auth/revoke/"] {
                let answer = try await Self.ask(api, path, form, credential: credential)
                #expect(answer.status == 400 && answer.members["error"] == .text("invalid_request"))
                #expect(answer.members["code"] == .text("invalid_request") && answer.headers[.wwwAuthenticate] == nil)
            }
        }
    }

    @Test func `another media type is 415, a large body 413, a query is no form`() async throws {
        try await Self.withClient { api, credential in
            let json = try await Self.ask(api, "/api/auth/introspect/", "{}", credential: credential, type: "application/json")
            #expect(json.status == 415)
            let large = try await Self.ask(
                api, "/api/auth/introspect/", "token=" + String(repeating: "a", count: 16_384), credential: credential)
            #expect(large.status == 413)
            let query = try await Self.ask(api, "/api/auth/introspect/?token=aat_x", "token=aat_x", credential: credential)
            #expect(query.status == 400)
        }
    }

    @Test func `revoking ends the session immediately, and says 200 of what was never there`() async throws {
        try await Self.withClient { api, credential in
            try await api.world.register()
            let tokens = try await api.world.logIn()
            for token in ["garbage", tokens.pair.refresh.reveal(), tokens.pair.refresh.reveal()] {
                let answer = try await Self.ask(api, "/api/auth/revoke/", "token=\(token)", credential: credential)
                #expect(answer.status == 200 && answer.text.isEmpty)
            }
            #expect(try await api.ask(.get, "/api/profile/", bearer: tokens.pair.access.reveal()).status == 401)
        }
    }
}
