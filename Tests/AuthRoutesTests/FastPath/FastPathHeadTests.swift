import AuthCore
import AuthRoutes
import AuthTestSupport
import FoundationEssentials
import Testing

@testable import AuthFastPath

/// Which requests the fast path takes, and which it leaves to the framework.
@Suite struct FastPathHeadTests {
    private static let routes = API.routes().fastRoutes
    private static let token = AccessToken(sessionID: SessionID(UUID()), generation: .first, secret: .random()).reveal()
    private static let bearer = "Authorization: Bearer \(token)"

    private static func kind(_ octets: [UInt8]) -> String {
        switch octets.withUnsafeBytes({ FastPathHead($0, routes: routes) }) {
        case .incomplete: "incomplete"
        case .read(let request, let length): "\(request.method == .get ? "read" : "look at") \(request.route) \(length)"
        case .refresh(let request, let length): "refresh \(request.token) \(length)"
        case .password(let request, let length): "password \(request.route) \(length)"
        case .framework(let length): "framework \(length)"
        case .foreign: "foreign"
        }
    }

    private static func kind(_ text: String) -> String { kind(Array(text.utf8)) }

    @Test func `a guarded read is known by its whole head, at any place of a cut nothing is said before it`() {
        let head = RawRequest.get("/api/profile/", Self.bearer, "X-Request-Id: r1", "Cookie: a=b", "Connection: keep-alive")
        let octets = Array(head.utf8)
        for cut in 0..<octets.count { #expect(Self.kind(Array(octets[..<cut])) == "incomplete", "cut at \(cut)") }
        #expect(Self.kind(head) == "read 1 \(octets.count)")
        #expect(Self.kind(head + "GET /") == "read 1 \(octets.count)")
        #expect(Self.kind(RawRequest.get("/api/auth/verify", Self.bearer)).hasPrefix("read 0 "))
        let looked = RawRequest.get("/api/profile", Self.bearer).replacing("GET", with: "HEAD")
        #expect(Self.kind(looked).hasPrefix("look at 1 "))
    }

    @Test func `a refresh, and a request with a password, are known when their body is there`() {
        let body = "{\"refresh_token\":\"art_x\"}"
        let head =
            "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let length = head.utf8.count + body.utf8.count
        #expect(Self.kind(head + body) == "refresh art_x \(length)")
        #expect(Self.kind(head + body.dropLast()) == "framework \(length)")
        #expect(Self.kind(head + body + "GET /") == "refresh art_x \(length)")
        let bearer = "POST /api/auth/refresh/ HTTP/1.1\r\nHost: a\r\nAuthorization: bearer art_y\r\n\r\n"
        #expect(Self.kind(bearer) == "refresh art_y \(bearer.utf8.count)")
        for (place, path) in [(0, "/api/register"), (3, "/api/auth/login/")] {
            let post = "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
            #expect(Self.kind(post + "{}") == "password \(place) \(post.utf8.count + 2)")
            #expect(Self.kind(post + "{") == "framework \(post.utf8.count + 2)")
            #expect(Self.kind(post.replacing("POST", with: "GET") + "{}") == "framework \(post.utf8.count + 1)")
            #expect(Self.kind(post.replacing("Host: a", with: "Origin: a\r\nHost: a") + "{}").hasPrefix("framework "))
        }
        let large = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n"
        #expect(Self.kind(large + String(repeating: " ", count: 9000)) == "framework \(large.utf8.count + 9000)")
    }

    @Test func `a request that ends for certain goes to the framework alone`() {
        let requests = [
            RawRequest.get("/api/profile"), RawRequest.get("/api/profile?", Self.bearer), RawRequest.get("/api/profile//", Self.bearer),
            RawRequest.get("/api/profilex", Self.bearer), RawRequest.get("/api/auth/verify/a", Self.bearer),
            RawRequest.get("/api/profile", Self.bearer, Self.bearer), RawRequest.get("/api/profile", Self.bearer, "Host: b"),
            RawRequest.get("/api/profile", Self.bearer + " "), RawRequest.get("/api/profile", "Authorization: Bearer  \(Self.token)"),
            RawRequest.get("/api/profile", "Authorization: Bearer \(Self.token)x"),
            RawRequest.get("/api/profile", Self.bearer, "X-Request-Id: a", "X-Request-Id: b"),
            "GET /api/profile HTTP/1.1\r\n\(Self.bearer)\r\n\r\n",
            RawRequest.get("/api/auth/verify", Self.bearer).replacing("GET", with: "POST"),
        ]
        for request in requests { #expect(Self.kind(request) == "framework \(request.utf8.count)", "\(request)") }
        let post = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n"
        #expect(Self.kind(post) == "framework \(post.utf8.count + 17)")
        #expect(Self.kind(post + String(repeating: "a", count: 16)) == "framework \(post.utf8.count + 17)")
        let read = RawRequest.get("/api/profile", Self.bearer, "Content-Length: 5")
        #expect(Self.kind(read) == "framework \(read.utf8.count + 5)")
    }

    @Test func `where a request ends, or whether it is one, only the framework decides`() {
        let fields = [
            "Transfer-Encoding: chunked", "Content-Length: +5", "Content-Length: 5, 5", "Content-Length: 5 ", "Content-Length:",
            "Content-Length: 12345678", "Content-Length: 0x5", "Content-Length: 5\r\nContent-Length: 5", "Connection: close",
            "Connection: keep-alive, Upgrade", "Connection: keep-alive\t", "Proxy-Connection: keep-alive", "Upgrade: websocket",
            "Expect: 100-continue", "TE: trailers", "Trailer: X", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA", "X-A : b", ": b", " X-A: b",
            "X-A: b\r\n c", "X-A: a\u{0}b", "X-A: a\u{7F}b", "X-A: a\nX-B: b", "X-A: a\rX-B: b", "X-(A): b", "X-É: b",
        ]
        for field in fields { #expect(Self.kind(RawRequest.get("/api/profile", Self.bearer, field)) == "foreign", "\(field)") }
        let heads = [
            "\r\n" + RawRequest.get("/api/profile", Self.bearer), "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}",
            "get / HTTP",
            "GET http://a/api/profile HTTP/1.1\r\nHost: a\r\n\r\n", "GET * HTTP/1.1\r\n", "GET  /api/profile HTTP/1.1\r\n",
            "GET /api/profile HTTP/1.0\r\n\r\n", "GET /api/profile HTTP/1.1 \r\n", "GET /api/profile\r\n", "GET /api/prof\u{E9}il",
            "GET /api/profile HTTP/1.1\n", "GETX", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PROPFIND /a HTTP/1.1\r\nHost: a\r\n\r\n",
        ]
        for head in heads { #expect(Self.kind(head) == "foreign", "\(head)") }
    }

    @Test func `long heads are left to the framework`() {
        #expect(Self.kind("GET /" + String(repeating: "a", count: 8000)) == "incomplete")
        #expect(Self.kind("GET /" + String(repeating: "a", count: 9000)) == "foreign")
        #expect(Self.kind(RawRequest.get("/api/profile", Self.bearer, "X-A: \(String(repeating: "a", count: 9000))")) == "foreign")
        let many = (0..<64).map { "X-\($0): 1\r\n" }.joined()
        #expect(Self.kind("GET /api/profile HTTP/1.1\r\nHost: a\r\n\(Self.bearer)\r\n\(many)\r\n") == "foreign")
    }

    /// Whatever octet replaces another, the fast path takes the head only if it says the same as before.
    @Test func `a changed octet never makes another request of the fast path`() throws {
        let head = Array(RawRequest.get("/api/profile", Self.bearer, "X-Request-Id: r1").utf8)
        let tokenPlace = try #require(head.firstRange(of: Array(Self.token.utf8)))
        for place in head.indices {
            for octet: UInt8 in [0, 9, 10, 13, 32, 58, 65, 97, 127, 255] where octet != head[place] {
                var changed = head
                changed[place] = octet
                let kind = Self.kind(changed)
                if tokenPlace.contains(place) { #expect(!kind.hasPrefix("read"), "\(octet) at \(place)") }
                if kind.hasPrefix("read") { #expect(kind == "read 1 \(head.count)", "\(octet) at \(place)") }
            }
        }
    }
}
