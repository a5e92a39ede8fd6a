import Foundation
import ServerTestSupport
import Testing

/// What is not well-formed HTTP, sent as raw bytes: one answer in our own form, then the connection closes.
@Suite struct HTTPParserTests {
    private static let host = "Host: 127.0.0.1\r\n"

    private static let malformed: [(name: String, bytes: String, status: Int)] = [
        ("garbage", "\u{16}\u{03}\u{01}garbage\r\n\r\n", 400),
        ("no version", "GET /livez\r\n\r\n", 400),
        ("HTTP/9.9", "GET /livez HTTP/9.9\r\n\(host)\r\n", 400),
        (
            "content length and transfer encoding",
            "POST /api/register/ HTTP/1.1\r\n\(host)Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400
        ),
        ("two content lengths", "POST /api/register/ HTTP/1.1\r\n\(host)Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd", 400),
        ("a negative content length", "POST /api/register/ HTTP/1.1\r\n\(host)Content-Length: -1\r\n\r\n", 400),
        ("a content length of letters", "POST /api/register/ HTTP/1.1\r\n\(host)Content-Length: abc\r\n\r\n", 400),
        ("a space before the colon", "GET /livez HTTP/1.1\r\n\(host)X-A : b\r\n\r\n", 400),
        ("a control character in a header", "GET /livez HTTP/1.1\r\n\(host)X-A: a\u{01}b\r\n\r\n", 400),
        ("no host", "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
        ("two hosts", "GET /livez HTTP/1.1\r\n\(host)Host: other\r\nConnection: close\r\n\r\n", 400),
        ("a header of 40 KiB", "GET /livez HTTP/1.1\r\n\(host)X-A: \(String(repeating: "a", count: 40_960))\r\n\r\n", 431),
        ("two hundred headers", "GET /livez HTTP/1.1\r\n\(host)\((0..<200).map { "X-\($0): 1\r\n" }.joined())\r\n", 431),
    ]

    @Test(.timeLimit(.minutes(5)))
    func `what is not HTTP gets one problem document and a closed connection`() async throws {
        try await ServerProcess.with { server, _ in
            for request in Self.malformed {
                let bytes = try await server.http.raw(Array(request.bytes.utf8))
                let answers = String(decoding: bytes, as: UTF8.self)
                #expect(answers.hasPrefix("HTTP/1.1 \(request.status) "), "\(request.name): \(answers)")
                #expect(
                    answers.contains(#""code":"\#(request.status == 431 ? "headers_too_large" : "malformed_http")""#),
                    "\(request.name): \(answers)")
                #expect(answers.contains("application/problem+json"), "\(request.name)")
                let id = try #require(answers.firstMatch(of: /"request_id":"([^"]+)"/), "\(request.name)").1
                try await server.waitUntilLog(contains: String(id))
                #expect(answers.matches(of: #/HTTP.1\.1 \d{3} /#).count == 1, "\(request.name): \(answers)")
            }
            #expect(try await server.http.get("/livez").status == 200)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `pipelined requests are answered in order, and nothing after a malformed one`() async throws {
        try await ServerProcess.with { server, _ in
            let live = "GET /livez HTTP/1.1\r\n\(Self.host)\r\n"
            let profile = "GET /api/profile HTTP/1.1\r\n\(Self.host)\r\n"
            let last = "GET /nowhere HTTP/1.1\r\n\(Self.host)Connection: close\r\n\r\n"
            let inOrder = try await server.http.statuses(live + profile + live + last)
            #expect(inOrder == [200, 401, 200, 404])
            let broken = try await server.http.statuses(live + "NONSENSE\r\n\r\n" + live)
            #expect(broken == [200, 400])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `who asks for the end of the connection is told of it, with the last answer and no other`() async throws {
        try await ServerProcess.with { server, _ in
            let live = "GET /livez HTTP/1.1\r\n\(Self.host)"
            let requests = live + "\r\n" + live + "Connection: Close\r\n\r\n" + live + "\r\n"
            let answers = String(decoding: try await server.http.raw(Array(requests.utf8)), as: UTF8.self)
            let parts = answers.components(separatedBy: "HTTP/1.1 200 OK")
            #expect(parts.map { $0.contains("Connection: close\r\n") } == [false, false, true])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a body that is too large ends the connection, announced or chunked, and no part of it is taken for a request`() async throws {
        try await ServerProcess.with { server, _ in
            let smuggled = "GET /livez HTTP/1.1\r\n\(Self.host)\r\n"
            let body = String(repeating: " ", count: 17_000) + smuggled
            let chunk = String(body.utf8.count, radix: 16)
            // Those that would not read it as well.
            for line in ["POST /api/register", "POST /api/logout", "GET /api/sessions", "GET /livez"] {
                let head = "\(line) HTTP/1.1\r\n\(Self.host)Content-Type: application/json\r\n"
                let announced = try await server.http.statuses(head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
                #expect(announced == [413], "\(line)")
                let chunked = try await server.http.statuses(head + "Transfer-Encoding: chunked\r\n\r\n\(chunk)\r\n\(body)\r\n0\r\n\r\n")
                #expect(chunked == [413], "\(line)")
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a chunked body is read as any other`() async throws {
        try await ServerProcess.with { server, _ in
            let body = #"{"email":"c@example.org","password":"12345678","password2":"12345678"}"#
            let chunks = body.utf8.map { "1\r\n\(Character(Unicode.Scalar($0)))\r\n" }.joined() + "0\r\n\r\n"
            let head = "POST /api/register HTTP/1.1\r\n\(Self.host)Content-Type: application/json\r\nConnection: close\r\n"
            let statuses = try await server.http.statuses(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks)
            #expect(statuses == [201])
        }
    }
}

extension Loopback {
    /// The statuses of all answers to the bytes.
    fileprivate func statuses(_ bytes: String) async throws -> [Int] {
        var http = self
        http.timeout = .seconds(5)
        let answers = String(decoding: try await http.raw(Array(bytes.utf8)), as: UTF8.self)
        return answers.matches(of: #/HTTP/1\.1 (\d{3}) /#).compactMap { Int($0.1) }
    }
}
