import AuthTestSupport
import Foundation
import ServerTestSupport
import Testing

/// Clients that ask and do not read. What they may cost is bounded.
@Suite struct SlowReaderTests {
    private static let enough = 64 * 1024 * 1024

    @Test(.timeLimit(.minutes(5)), arguments: ["/api/profile", "/api/profile?"])
    func `F27: from who reads no answers no more requests are taken, and all that were taken are answered`(path: String) async throws {
        try await ServerProcess.with { server, _ async throws in
            let (_, tokens) = try await Person.signedIn(on: server)
            let request = "GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(tokens.access)\r\n\r\n"
            let wire = try Wire(port: server.port, receiveBuffer: 4096)
            wire.setTimeout(SO_SNDTIMEO, seconds: 2)
            let sent = await wire.send(String(repeating: request, count: Self.enough / request.utf8.count))
            let sentAt = ContinuousClock.now
            #expect(sent < Self.enough / 2)
            // Others are served meanwhile.
            #expect(try await server.http.get("/api/profile/", bearer: tokens.access).status == 200)
            let (taken, torn) = sent.quotientAndRemainder(dividingBy: request.utf8.count)
            #expect(taken > 10_000)
            let rest =
                String(decoding: request.utf8.dropFirst(torn), as: UTF8.self)
                + "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            async let sending = wire.send(rest)
            let answers = await wire.receive()
            _ = await sending
            let statuses = answers.matches(of: #/HTTP/1\.1 (\d{3}) /#).map { Int($0.1)! }
            let counts = Dictionary(statuses.map { ($0, 1) }, uniquingKeysWith: +)
            // On a busy machine the rest of the torn request comes after its ten seconds.
            let isLate = statuses.last == 408
            #expect(!isLate || ContinuousClock.now - sentAt > .seconds(9))
            #expect(statuses.count == (isLate ? taken + 1 : taken + 2), "\(counts) \(answers.suffix(1000))")
            // On such a machine some wait for their database longer than anybody is to wait, and are told so.
            #expect(counts[200, default: 0] > taken * 99 / 100 && Set(counts.keys).isSubset(of: [200, 503, 408]), "\(counts)")
            #expect(counts[408, default: 0] == (isLate ? 1 : 0))
            #expect(answers.matches(of: #/\r\nRetry-After: /#).count == counts[503, default: 0])
        }
    }
}
