import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// People who register, log in, look at their profile and log out, in parallel, while something goes wrong.
struct Traffic: Sendable {
    /// Two seconds are promised; one more is for a machine that runs many tests in parallel.
    private static let longestAnswer: Duration = .seconds(3)

    let server: ServerProcess
    let ledger = Ledger()
    /// Whether a connection may end without an answer: only where the server itself is killed.
    var mayBeCut = false

    /// Runs them from before the disturbance until some moments after it.
    func during(_ disturbance: () async throws -> Void) async throws {
        let end = Moment()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let clients: [@Sendable () async throws -> Void] = [
                register, register, logIn, logIn, visit, visit, visit, visit, renew, leave, haunt, haunt,
            ]
            for client in clients {
                group.addTask { while end.instant == nil { try await client() } }
            }
            try await Task.sleep(for: .seconds(2))
            while !ledger.hasSomethingToLose { try await Task.sleep(for: .milliseconds(10)) }
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await disturbance()) } catch { outcome = .failure(error) }
            try await Task.sleep(for: .seconds(1))
            end.set()
            try await group.waitForAll()
            try outcome.get()
        }
    }

    /// Nothing acknowledged is lost, nothing revoked is accepted, and no answer broke a promise meanwhile.
    func settle(on server: ServerProcess) async throws {
        let counts = ledger.counts
        print("answers \(counts.answers), refused \(counts.refusals), cut \(counts.cuts), slowest \(counts.slowest)")
        #expect(ledger.violations.isEmpty)
        #expect(counts.answers > 100)
        #expect(mayBeCut || counts.cuts == 0)
        #expect(ledger.hasSomethingToLose)
        for person in ledger.people {
            let person = Person(person.email, on: server)
            let reply = try await Person.retrying { try await person.login() }
            #expect(reply.status == 200, "an acknowledged registration is lost")
        }
        for tokens in ledger.live {
            let reply = try await server.http.get("/api/profile/", bearer: tokens.access)
            #expect(reply.status == 200, "an acknowledged login is lost: \(reply.body)")
        }
        for tokens in ledger.dead {
            #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 401, "a revoked token is accepted")
        }
    }

    private func register() async throws {
        let person = Person(on: server)
        if try await reply("register", allowed: [201], person.registration)?.status == 201 { ledger.registered(person) }
        try await Task.sleep(for: .milliseconds(50))
    }

    private func logIn() async throws {
        try await Task.sleep(for: .milliseconds(20))
        guard let person = ledger.people.randomElement() else { return }
        if let tokens = try await reply("login", allowed: [200], { try await person.login() }).flatMap(Person.Tokens.init) {
            ledger.signedIn(tokens)
        }
    }

    private func visit() async throws {
        try await Task.sleep(for: .milliseconds(5))
        guard let tokens = ledger.live.randomElement() else { return }
        // Somebody may be ending this session at this moment.
        let reply = try await reply("profile", allowed: [200, 401]) { try await server.http.get("/api/profile/", bearer: tokens.access) }
        if reply?.status == 401, ledger.live.contains(where: { $0.access == tokens.access }) {
            Issue.record("a live session was refused")
        }
    }

    /// What is acknowledged replaces what was: of a lost refresh the new tokens would be unknown.
    private func renew() async throws {
        try await Task.sleep(for: .milliseconds(30))
        guard let tokens = ledger.takeLive() else { return }
        let reply = try await reply("refresh", allowed: [200]) { try await server.http.post("/api/auth/refresh/", bearer: tokens.refresh) }
        if let renewed = reply.flatMap(Person.Tokens.init) { ledger.signedIn(renewed) }
    }

    private func leave() async throws {
        try await Task.sleep(for: .milliseconds(50))
        guard let tokens = ledger.takeLive() else { return }
        let reply = try await reply("logout", allowed: [204]) { try await server.http.post("/api/logout/", bearer: tokens.access) }
        if reply?.status == 204 { ledger.signedOut(tokens) }
    }

    private func haunt() async throws {
        try await Task.sleep(for: .milliseconds(10))
        guard let tokens = ledger.dead.randomElement() else { return }
        _ = try await reply("profile of the dead", allowed: [401]) { try await server.http.get("/api/profile/", bearer: tokens.access) }
    }

    /// The answer; `nil` where the connection ended without one.
    private func reply(
        _ operation: String, allowed: Set<Int>, _ work: () async throws -> Loopback.Reply
    ) async throws -> Loopback.Reply? {
        do {
            let reply = try await work()
            ledger.note(reply, operation, allowed: allowed, within: Self.longestAnswer)
            return reply
        } catch is Loopback.Failure {
            ledger.cut()
            if mayBeCut { try await Task.sleep(for: .milliseconds(50)) }
            return nil
        }
    }
}
