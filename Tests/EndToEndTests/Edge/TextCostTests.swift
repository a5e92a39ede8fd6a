import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// What a request costs the server whose text is chosen so that comparing it as text takes long: Swift orders a run of combining marks
/// anew for each comparison, and the time of that grows with the square of the run.
@Suite struct TextCostTests {
    /// Of processor time, for a request with text of its place's limit.
    private static let bound: Duration = .milliseconds(5)

    /// Marks whose classes descend, so that ordering moves each past all before it.
    private static func marks(_ octets: Int) -> [UInt8] {
        let half = octets / 4
        return Array((String(repeating: "\u{301}", count: half) + String(repeating: "\u{334}", count: half)).utf8)
    }

    /// A run of which it is not known where its characters end before its beginning is looked at.
    private static func flags(_ octets: Int) -> [UInt8] { Array(String(repeating: "\u{1F1E6}", count: octets / 4).utf8) }

    private static func ascii(_ octets: Int) -> [UInt8] { Array(repeating: UInt8(ascii: "a"), count: octets / 4 * 4) }

    @Test(.timeLimit(.minutes(10)))
    func `HT9: text costs what its length says, wherever it stands`() async throws {
        let environment = ["CORS_ALLOWED_ORIGINS": "https://a.example", "TRUSTED_PROXIES": "127.0.0.1"]
        try await ServerProcess.with(environment: environment) { server, database in
            let places = TextPlace.all(try await Self.credentials(server, database))
            #expect(places.count > 140)
            for place in places { try await Self.check(place, on: server) }
        }
    }

    private static func credentials(_ server: ServerProcess, _ database: TestDatabase) async throws -> TextPlace.Credentials {
        let tokens = try await Person.signedIn(on: server).tokens
        let added = try await Program.run(
            try Repository.server.path, ["client", "add", "cost"],
            environment: ["DATABASE_URL": database.conninfo, "LOG_LEVEL": "error"])
        let secret = String(try #require(added.output.firstMatch(of: /client_secret=(acs_\S+)\n/)).1)
        return TextPlace.Credentials(token: tokens.access, client: "cost:\(secret)")
    }

    /// A square of four times the length is sixteen times the cost. What is too dear once may have been the machine; three times it
    /// was not.
    private static func check(_ place: TextPlace, on server: ServerProcess) async throws {
        var complaint = ""
        for _ in 0..<3 {
            let control = try await cost(place.request(ascii), on: server)
            let quarter = try await cost(place.request(marks, portion: 0.25), on: server)
            let half = try await cost(place.request(marks, portion: 0.5), on: server)
            let (whole, other) = (try await cost(place.request(marks), on: server), try await cost(place.request(flags), on: server))
            let isLinear = whole <= quarter * 8 + .milliseconds(1) && whole <= half * 4 + .milliseconds(1)
            if isLinear, max(whole, other) <= bound + allowance(control) { return }
            complaint = "\(place): \(quarter), \(half), \(whole) for marks, \(other) for flags, \(control) for ASCII"
        }
        Issue.record("\(complaint)")
    }

    /// A build without optimisation is slow for any text.
    private static func allowance(_ control: Duration) -> Duration {
        #if DEBUG
            control
        #else
            .zero
        #endif
    }

    /// Of one such request: the least of three times, since other work of the server comes on top.
    private static func cost(_ request: [UInt8], on server: ServerProcess) async throws -> Duration {
        var http = server.http
        http.timeout = .seconds(5)
        var least = Duration.seconds(1000)
        for _ in 0..<3 {
            let before = server.processorTime()
            for _ in 0..<2 { #expect(try await http.raw([request], halfCloses: true).starts(with: Array("HTTP/1.1 ".utf8))) }
            least = min(least, (server.processorTime() - before) / 2)
        }
        return least
    }
}
