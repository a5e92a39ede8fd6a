import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// Somebody with an account, and what they can do over HTTP.
struct Person: Sendable {
    static let password = "correct horse battery staple"

    struct Tokens: Sendable {
        let access: String
        let refresh: String
        let sessionID: String
    }

    let email: String
    let http: Loopback

    init(_ email: String = "p\(UUID().uuidString.lowercased())@example.org", on server: ServerProcess) {
        self.init(email, over: server.http)
    }

    init(_ email: String = "p\(UUID().uuidString.lowercased())@example.org", over http: Loopback) {
        (self.email, self.http) = (email, http)
    }

    func registration() async throws -> Loopback.Reply {
        try await http.post(
            "/api/register/", json: #"{"email":"\#(email)","password":"\#(Self.password)","password2":"\#(Self.password)"}"#)
    }

    func login(password: String = Person.password) async throws -> Loopback.Reply {
        try await http.post("/api/auth/login/", json: #"{"email":"\#(email)","password":"\#(password)"}"#)
    }

    /// Registers and logs in, waiting where the server is busy hashing for others.
    static func signedIn(on server: ServerProcess) async throws -> (person: Person, tokens: Tokens) {
        let person = Person(on: server)
        let registered = try await retrying { try await person.registration() }
        #expect(registered.status == 201)
        return (person, try await person.tokens())
    }

    func tokens() async throws -> Tokens {
        try #require(Tokens(try await Self.retrying { try await login() }))
    }

    /// The first answer that is not 503, or the last one.
    static func retrying(tries: Int = 50, _ work: () async throws -> Loopback.Reply) async throws -> Loopback.Reply {
        for _ in 0..<tries {
            let reply = try await work()
            guard reply.status == 503 else { return reply }
            try await Task.sleep(for: .milliseconds(200))
        }
        return try await work()
    }
}

extension Person.Tokens {
    init?(_ reply: Loopback.Reply) {
        guard reply.status == 200, let access = reply.json("access_token"), let refresh = reply.json("refresh_token"),
            let sessionID = reply.json("session_id")
        else { return nil }
        self.init(access: access, refresh: refresh, sessionID: sessionID)
    }
}
