import AuthRoutes
import AuthTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import AuthFastPath
@testable import HTTPEdge

/// What the framing of a message costs those who read it, whatever the pieces in which its octets come.
@Suite struct FramingCostTests {
    /// What comes out of the boundary and the fast path when these octets come in.
    private static func passed(_ pieces: [[UInt8]], withFastPath: Bool = false) throws -> [String] {
        let channel = EmbeddedChannel()
        let (exchange, idle) = (FrameworkExchange(), IdleTimeout(limit: .seconds(60)))
        let routes = API.routes()
        let boundary = MessageBoundary(
            limits: HTTPLimits(), paths: routes.edgePaths, findsOrigin: false, servesHealthAlone: false, exchange: exchange,
            closing: ConnectionCloseHandler())
        if withFastPath {
            let connection = EdgeConnection(boundary: boundary, exchange: exchange, idle: idle)
            let fastPath = FastPath(routes.fastRoutes, API.options())
            try channel.pipeline.syncOperations.addHandler(FastPathHandler(fastPath, eventLoop: channel.eventLoop, edge: connection))
        }
        try channel.pipeline.syncOperations.addHandler(boundary)
        for piece in pieces { try channel.writeInbound(ByteBuffer(bytes: piece)) }
        var passed: [String] = []
        while let octets = try channel.readInbound(as: ByteBuffer.self) { passed.append(String(buffer: octets)) }
        return passed
    }

    private static let head = "POST /api/register HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: x\r\n\r\n"

    @Test(arguments: [1, 7, 1000])
    func `HT5: a body of many chunks comes in one piece, and no field of the connection with it`(_ pieces: Int) throws {
        let body = "{" + String(repeating: " ", count: 15_998) + "}"
        let chunks = body.map { "1;a\r\n\($0)\r\n" }.joined() + "00\r\nX: trailer\r\n\r\n"
        let octets = Array((Self.head + chunks).utf8)
        let size = octets.count / pieces + 1
        let parts = stride(from: 0, to: octets.count, by: size).map { Array(octets[$0..<min($0 + size, octets.count)]) }
        // An extension of 15,999 chunks is beyond the limit.
        #expect(throws: (any Error).self) { try Self.passed(parts) }
        let plain = Array((Self.head + chunks.replacing(";a", with: "")).utf8)
        let plainParts = stride(from: 0, to: plain.count, by: size).map { Array(plain[$0..<min($0 + size, plain.count)]) }
        let passed = try Self.passed(plainParts)
        let expected =
            "POST /api/register HTTP/1.1\r\nHost: a\r\nxxxxxxxxxxxxxxxxx: chunked\r\nxxxxxxxxxx: x\r\nContent-Length: 16000\r\n\r\n"
        #expect(passed == [expected, body])
    }

    @Test func `HT5: of a body that is too large the head is passed on, and no chunk`() throws {
        let chunks = String(repeating: "1\r\n \r\n", count: 20_000)
        let passed = try Self.passed([Array((Self.head + chunks).utf8)])
        #expect(passed.count == 1 && passed.first?.hasSuffix("\r\nContent-Length: 16385\r\n\r\n") == true)
    }

    /// Where each octet had all before it read again, four times as many would take sixteen times as long.
    @Test(.timeLimit(.minutes(5)), arguments: ["GET /livez HTTP/1.1\r\nHost: a\r\nX: ", Self.head.replacing("\r\n\r\n", with: "\r\nX: ")])
    func `HT6: a head that comes octet by octet costs as much as it is long`(_ start: String) throws {
        func time(_ length: Int) throws -> Duration {
            let octets = Array((start + String(repeating: "a", count: length)).utf8).map { [$0] }
            return try (0..<3).map { _ in try ContinuousClock().measure { _ = try Self.passed(octets, withFastPath: true) } }.min()!
        }
        _ = try time(500)
        let (short, long) = (try time(1900), try time(7600))
        #expect(long / short < 9, "\(short) \(long)")
    }
}
