import HTTPEdge
import Logging
import NIOConcurrencyHelpers
import NIOCore
import ServerTestSupport
import Testing

/// A connection that has ended leaves no memory behind.
@Suite struct ConnectionReleaseTests {
    private struct Weak {
        weak var channel: (any Channel)?
    }

    private static let (get, close) = ("GET /api/profile/ HTTP/1.1\r\nHost: a\r\n", "Connection: close\r\n\r\n")

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "", get, get + "\r\n", get + close, "GET /livez HTTP/1.1\r\nHost: a\r\n" + close, "GET /livez HTTP/1.1\r\n\r\n",
            "GET /livez HTTP/1.0\r\n\r\n", "POST /api/auth/login/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{}",
            "POST /api/auth/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\(close){}",
            "POST /api/auth/login/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n2\r\n{",
            "POST /api/auth/refresh/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer art_x\r\n" + close,
        ])
    func `HT6: a connection that has ended is released, however it ended`(_ request: String) async throws {
        let seen = NIOLockedValueBox<[Weak]>([])
        let places = ConnectionPlaces(total: 9, perNetwork: 9, proxies: .none, logger: Logger(label: "test"))
        let remember: @Sendable (any Channel) -> Void = { channel in seen.withLockedValue { $0.append(Weak(channel: channel)) } }
        try await EdgeServer.with(places: places, secure: remember) { server in
            for _ in 1...3 { _ = try await server.answers(request, halfCloses: true) }
            #expect(seen.withLockedValue(\.count) == 3)
            while seen.withLockedValue({ $0.contains { $0.channel != nil } }) { try await Task.sleep(for: .milliseconds(10)) }
        }
    }
}
