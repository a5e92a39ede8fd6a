import AuthTestSupport
import NIOConcurrencyHelpers
import ServerTestSupport
import Testing

@Suite struct ConcurrencyTests {
    @Test(.timeLimit(.minutes(5)))
    func `CC2: fifty concurrent registrations of one address, case variants among them, make one account`() async throws {
        try await ServerProcess.with { server, database in
            let variants = ["ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG", "aDa@example.ORG"]
            let statuses = try await concurrently(50) { number in
                try await Person.retrying { try await Person(variants[number % 4], on: server).registration() }.status
            }
            #expect(statuses.filter { $0 == 201 }.count == 1)
            #expect(statuses.filter { $0 == 409 }.count == 49)
            let accounts = try await database.query(
                "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM user_emails), (SELECT count(*) FROM audit.events WHERE outcome = 'success')"
            )
            #expect(accounts == [["1", "1", "1"]])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `SE8: of fifty logins racing a logout-all every token issued before its answer is dead after it`() async throws {
        try await ServerProcess.with { server, _ in
            let (person, first) = try await Person.signedIn(on: server)
            let loggedOut = Moment()
            let answered = NIOLockedValueBox(0)
            let issued = try await concurrently(51) { number -> (tokens: Person.Tokens, at: ContinuousClock.Instant)? in
                if number == 20 {
                    while answered.withLockedValue({ $0 < 10 }) { try await Task.sleep(for: .milliseconds(2)) }
                    let reply = try await person.http.post("/api/logoutall/", bearer: first.access)
                    #expect(reply.status == 204)
                    loggedOut.set()
                    return nil
                }
                let reply = try await Person.retrying { try await person.login() }
                answered.withLockedValue { $0 += 1 }
                return Person.Tokens(reply).map { ($0, .now) }
            }
            let moment = try #require(loggedOut.instant)
            let before = issued.compactMap { $0 }.filter { $0.at < moment }
            #expect(!before.isEmpty)
            for (tokens, _) in before {
                #expect(try await person.http.get("/api/profile/", bearer: tokens.access).status == 401)
                #expect(try await person.http.post("/api/auth/refresh/", bearer: tokens.refresh).status == 401)
            }
            let after = try await person.tokens()
            #expect(try await person.http.get("/api/profile/", bearer: after.access).status == 200)
        }
    }
}
