import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// Two instances on one database.
struct ServerPair: Sendable {
    let first: ServerProcess
    let second: ServerProcess
    let database: TestDatabase

    static func with<Value>(_ body: (ServerPair) async throws -> Value) async throws -> Value {
        try await ServerProcess.with { first, database in
            let second = try await ServerProcess.start(database: database.conninfo)
            defer { second.kill() }
            return try await body(ServerPair(first: first, second: second, database: database))
        }
    }

    func instance(_ number: Int) -> ServerProcess { number.isMultiple(of: 2) ? first : second }

    func refreshed(_ tokens: Person.Tokens) async throws -> Person.Tokens {
        let reply = try await second.http.post("/api/auth/refresh/", bearer: tokens.refresh)
        return try #require(Person.Tokens(reply), "\(reply.status) \(reply.body)")
    }

    func refreshRequest(_ tokens: Person.Tokens) -> [UInt8] {
        Array(
            "POST /api/auth/refresh/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(tokens.refresh)\r\nConnection: close\r\n\r\n".utf8)
    }

    /// As if so much time had passed since the last refresh.
    func age(by interval: String) async throws {
        try await database.query(
            """
            UPDATE sessions SET rotated_at = rotated_at - $1::interval, created_at = created_at - $1::interval,
                access_expires_at = access_expires_at - $1::interval, idle_expires_at = idle_expires_at - $1::interval,
                expires_at = expires_at - $1::interval, previous_access_expires_at = previous_access_expires_at - $1::interval
            """, [interval])
    }

    func waitUntilUseIsRecorded() async throws { try await waitUntil("SELECT successor_used_at IS NOT NULL FROM sessions") }

    func waitUntil(_ question: String) async throws {
        for _ in 0..<200 {
            if try await database.value(question) == "t" { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("never true: \(question)")
    }

    /// The token is refused by name; from then on none of these is good on either instance, and the trail tells once why.
    func expectReuse(of tokens: Person.Tokens, ending others: [Person.Tokens]) async throws {
        let reply = try await second.http.post("/api/auth/refresh/", bearer: tokens.refresh)
        #expect(reply.status == 401 && reply.json("code") == "refresh_token_reused")
        for server in [first, second] {
            for each in others {
                #expect(try await server.http.get("/api/profile/", bearer: each.access).status == 401)
                #expect(try await server.http.post("/api/auth/refresh/", bearer: each.refresh).status == 401)
            }
        }
        let events = try await database.query(
            "SELECT outcome, session_id, ip IS NOT NULL FROM audit.events WHERE type = 'authn_token_reuse'")
        #expect(events == [["failure", tokens.sessionID, "t"]])
    }
}

/// How often a promise about races is put to the test.
enum Rounds {
    static let count = ProcessInfo.processInfo.environment["ROUNDS"].flatMap(Int.init) ?? 20
}
