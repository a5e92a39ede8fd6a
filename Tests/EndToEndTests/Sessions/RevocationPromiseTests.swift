import AuthTestSupport
import NIOConcurrencyHelpers
import ServerTestSupport
import Testing

/// What one instance acknowledged as ended no other accepts from then on.
/// `ROUNDS=1000 ./script/test --filter RevocationPromiseTests` makes many of it.
@Suite(.serialized) struct RevocationPromiseTests {
    enum End: String, CaseIterable, Sendable { case logOut, revokeOne, revokeOthers, logOutEverywhere }

    @Test(.timeLimit(.minutes(15)), arguments: End.allCases)
    func `SE6: after the acknowledgement by one instance 32 clients of another are refused`(end: End) async throws {
        try await ServerPair.with { servers in
            let (person, asking) = try await Person.signedIn(on: servers.first)
            var (asker, refused, accepted) = (asking, 0, 0)
            for _ in 0..<Rounds.count {
                let doomed = try await person.tokens()
                let watch = Watch(doomed.access, on: servers.second)
                try await watch.during { try await Self.perform(end, on: servers.first, doomed: doomed, from: asker) }
                #expect(watch.violations == 0)
                #expect(watch.refusals > 0, "no request came after the acknowledgement")
                (refused, accepted) = (refused + watch.refusals, accepted + watch.acceptances)
                if end == .logOutEverywhere { asker = try await person.tokens() }
            }
            print("\(end): \(Rounds.count) rounds, \(accepted) accepted before, \(refused) refused after, none accepted after")
        }
    }

    private static func perform(_ end: End, on server: ServerProcess, doomed: Person.Tokens, from asker: Person.Tokens) async throws {
        let reply = try await Person.retrying {
            switch end {
            case .logOut: try await server.http.post("/api/logout/", bearer: doomed.access)
            case .revokeOne:
                try await server.http.send(
                    "DELETE", "/api/sessions/\(doomed.sessionID)/", headers: [("Authorization", "Bearer \(asker.access)")])
            case .revokeOthers: try await server.http.post("/api/sessions/revoke-others/", bearer: asker.access)
            case .logOutEverywhere: try await server.http.post("/api/logoutall/", bearer: asker.access)
            }
        }
        #expect(reply.status == 204)
    }
}

/// Thirty-two clients that ask again and again whether a token is good, from before its end until some moments after.
private final class Watch: Sendable {
    private struct Seen {
        var end: ContinuousClock.Instant?
        var acceptances: [ContinuousClock.Instant] = []
        var refusals = 0
    }

    private let token: String
    private let server: ServerProcess
    private let seen = NIOLockedValueBox(Seen())

    init(_ token: String, on server: ServerProcess) { (self.token, self.server) = (token, server) }

    var acceptances: Int { seen.withLockedValue { $0.acceptances.count } }
    var refusals: Int { seen.withLockedValue { $0.refusals } }

    /// Requests that began after the acknowledgement and were accepted.
    var violations: Int {
        seen.withLockedValue { seen in seen.acceptances.count { begun in seen.end.map { begun > $0 } ?? false } }
    }

    func during(_ end: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<32 { group.addTask { try await self.ask() } }
            while acceptances < 8 { try await Task.sleep(for: .milliseconds(1)) }
            try await end()
            seen.withLockedValue { $0.end = .now }
            try await group.waitForAll()
        }
    }

    /// Until it was refused, or accepted, in a request that began after the end.
    private func ask() async throws {
        while true {
            let start = ContinuousClock.now
            let isAfterEnd = seen.withLockedValue { $0.end != nil }
            let status = try await server.http.get("/api/auth/verify/", bearer: token).status
            seen.withLockedValue { seen in
                switch status {
                case 200: seen.acceptances.append(start)
                case 401: seen.refusals += isAfterEnd ? 1 : 0
                default: break
                }
            }
            if isAfterEnd && status != 503 { return }
        }
    }
}
