import Foundation

/// A place of a request where text from outside stands.
struct TextPlace: CustomStringConvertible, Sendable {
    /// How the text is written there.
    enum Spelling { case octets, percentEncoded, base64, jsonEscaped }

    struct Credentials: Sendable {
        /// An access token.
        let token: String
        /// The id and the secret of a client.
        let client: String
    }

    let description: String
    let spelling: Spelling
    /// Most octets of the message that the text may take.
    let limit: Int
    /// The head where the text stands in the body, but for its end; empty where the text stands in the head.
    private let head: String
    private let before: String
    private let after: String

    private init(_ description: String, _ spelling: Spelling, _ limit: Int, head: String = "", _ before: String, _ after: String) {
        (self.description, self.spelling, self.limit) = (description, spelling, limit)
        (self.head, self.before, self.after) = (head, before, after)
    }

    /// - Parameters:
    ///   - text: makes a text of so many octets.
    ///   - portion: of the limit.
    func request(_ text: (Int) -> [UInt8], portion: Double = 1) -> [UInt8] {
        let part = Array(before.utf8) + spelled(text(Int(Double(limit) * portion) / octetsOfOne)) + Array(after.utf8)
        return head.isEmpty ? part : Array("\(head)Content-Length: \(part.count)\r\n\r\n".utf8) + part
    }

    /// What one octet of text takes in the message.
    private var octetsOfOne: Int {
        switch spelling {
        case .octets: 1
        case .base64: 2
        case .percentEncoded, .jsonEscaped: 3
        }
    }

    private func spelled(_ text: [UInt8]) -> [UInt8] {
        switch spelling {
        case .octets: text
        case .base64: Array(Data(text).base64EncodedString().utf8)
        case .percentEncoded: text.flatMap { Array("%\(String($0, radix: 16, uppercase: true))".utf8) }
        case .jsonEscaped:
            String(decoding: text, as: UTF8.self).utf16.flatMap { unit in
                Array("\\u\(String(repeating: "0", count: 4 - String(unit, radix: 16).count))\(String(unit, radix: 16))".utf8)
            }
        }
    }
}

extension TextPlace {
    private static let (fieldLimit, bodyLimit, targetLimit) = (7_900, 15_800, 7_900)
    private static let json = "Content-Type: application/json\r\n"
    private static let form = "Content-Type: application/x-www-form-urlencoded\r\n"

    static func all(_ credentials: Credentials) -> [TextPlace] {
        fields + credentialFields + targets(credentials) + jsonBodies + refreshForms + formBodies(credentials) + framing
    }

    /// Each field that the server, the framework or the codec reads, and two that nobody does, of a request that the fast path might
    /// answer and of one that it never does.
    private static var fields: [TextPlace] {
        let names = [
            "Host", "Connection", "Content-Type", "Content-Length", "Transfer-Encoding", "Content-Encoding", "Expect", "Upgrade", "TE",
            "Trailer", "Keep-Alive", "Proxy-Connection", "HTTP2-Settings", "Origin", "Access-Control-Request-Method",
            "Access-Control-Request-Headers", "X-Request-Id", "X-Forwarded-For", "Forwarded", "User-Agent", "Accept", "Cookie", "X-Any",
        ]
        return names.flatMap { name in
            let host = name == "Host" ? "" : "Host: a\r\n"
            return [
                ("GET /api/auth/verify", ""), ("POST /api/auth/refresh", json), ("OPTIONS /api/profile", "Origin: https://a.example\r\n"),
            ]
            .map { line, more in
                let more = more.hasPrefix(name + ":") ? "" : more
                return TextPlace(
                    "\(name) of \(line)", .octets, fieldLimit, "\(line) HTTP/1.1\r\n\(host)\(more)\(name): ",
                    "\r\nConnection: close\r\n\r\n")
            }
        } + [
            TextPlace(
                "the name of a field", .octets, fieldLimit, "GET /livez HTTP/1.1\r\nHost: a\r\nX-", ": a\r\nConnection: close\r\n\r\n")
        ]
    }

    private static var credentialFields: [TextPlace] {
        let close = "\r\nConnection: close\r\n\r\n"
        let heads = ["GET /api/auth/verify", "GET /api/profile", "POST /api/auth/refresh", "POST /api/auth/introspect"]
        return heads.flatMap { line -> [TextPlace] in
            let head = "\(line) HTTP/1.1\r\nHost: a\r\nAuthorization: "
            return [
                TextPlace("the scheme of \(line)", .octets, fieldLimit, head, " x" + close),
                TextPlace("the end of the scheme of \(line)", .octets, fieldLimit, head + "Bearer", " x" + close),
                TextPlace("the bearer of \(line)", .octets, fieldLimit, head + "Bearer ", close),
                TextPlace("the token of \(line)", .octets, fieldLimit, head + "Bearer aat_", close),
                TextPlace("Basic of \(line)", .octets, fieldLimit, head + "Basic ", close),
                TextPlace("the pair of Basic of \(line)", .base64, fieldLimit, head + "Basic ", close),
                // "a:b" before the text.
                TextPlace("the secret of Basic of \(line)", .base64, fieldLimit, head + "Basic YTpi", close),
            ]
        }
    }

    private static func targets(_ credentials: Credentials) -> [TextPlace] {
        let rest = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer \(credentials.token)\r\n\r\n"
        let encoded = [
            ("a path", "GET /"), ("a path of ours", "GET /api/"), ("a path below verify", "GET /api/auth/verify/"),
            ("an id", "DELETE /api/sessions/"), ("the name of a parameter", "GET /api/sessions?"),
            ("a parameter", "GET /api/sessions?a="), ("a cursor", "GET /api/sessions?cursor="), ("a limit", "GET /api/sessions?limit="),
            ("a query where none is read", "GET /api/profile?"), ("a query of verify", "GET /api/auth/verify?"),
            ("a target in absolute form", "GET http://a/"),
        ]
        return encoded.map { name, before in TextPlace(name, .percentEncoded, targetLimit, before, rest) } + [
            TextPlace("a target of other octets", .octets, targetLimit, "GET /api/", rest),
            TextPlace("a method", .octets, 4_000, "", " /livez HTTP/1.1\r\nHost: a\r\n\r\n"),
            TextPlace("a version", .octets, 4_000, "GET /livez HTTP/1.1", "\r\nHost: a\r\n\r\n"),
        ]
    }

    private static var jsonBodies: [TextPlace] {
        let (login, register, refresh) = ("/api/auth/login/", "/api/register/", "/api/auth/refresh/")
        let bodies = [
            ("a member's name", login, "{\"", "\":1}"), ("a nested member's name", login, "{\"a\":{\"", "\":1}}"),
            ("a name after 60 octets of it", login, "{\"" + String(repeating: "a", count: 60), "\":1}"),
            ("an unknown member", login, "{\"a\":\"", "\"}"),
            ("an address", login, "{\"password\":\"x\",\"email\":\"", "\"}"),
            ("the local part of an address", login, "{\"password\":\"x\",\"email\":\"", "@example.org\"}"),
            ("a domain", login, "{\"password\":\"x\",\"email\":\"a@", "\"}"),
            ("a password", login, "{\"email\":\"a\",\"password\":\"", "\"}"),
            ("a device's name", login, "{\"email\":\"a\",\"password\":\"x\",\"name\":\"", "\"}"),
            ("an address to register", register, "{\"password\":\"12345678\",\"password2\":\"12345678\",\"email\":\"", "\"}"),
            ("a password to register", register, "{\"email\":\"a\",\"password2\":\"x\",\"password\":\"", "\"}"),
            ("its confirmation", register, "{\"email\":\"a\",\"password\":\"12345678\",\"password2\":\"", "\"}"),
            ("a refresh token", refresh, "{\"refresh_token\":\"", "\"}"),
            ("after the value", login, "{}", ""), ("no JSON", login, "", ""), ("after a number", login, "{\"email\":1", "}"),
        ]
        return bodies.flatMap { name, path, before, after in
            [Spelling.octets, .jsonEscaped].map { spelling in
                TextPlace(
                    "\(name) (\(spelling))", spelling, bodyLimit,
                    head: "POST \(path) HTTP/1.1\r\nHost: a\r\n\(json)Connection: close\r\n", before, after)
            }
        }
    }

    private static var refreshForms: [TextPlace] {
        let bodies = [
            ("a name of a refresh form", "", "=1"), ("a grant type", "grant_type=", ""),
            ("a refresh token in a form", "grant_type=refresh_token&refresh_token=", ""),
        ]
        return bodies.flatMap { name, before, after in
            [Spelling.octets, .percentEncoded].map { spelling in
                TextPlace(
                    "\(name) (\(spelling))", spelling, bodyLimit,
                    head: "POST /api/auth/refresh HTTP/1.1\r\nHost: a\r\n\(form)Connection: close\r\n", before, after)
            }
        }
    }

    private static func formBodies(_ credentials: Credentials) -> [TextPlace] {
        let basic = Data(credentials.client.utf8).base64EncodedString()
        let bodies = [("a form's name", "", "=1"), ("a form's value", "a=", ""), ("a form's token", "token=", "")]
        return bodies.flatMap { name, before, after in
            [("introspect", Spelling.octets), ("introspect", .percentEncoded), ("revoke", .percentEncoded)].map { path, spelling in
                TextPlace(
                    "\(name) of \(path) (\(spelling))", spelling, bodyLimit,
                    head: "POST /api/auth/\(path) HTTP/1.1\r\nHost: a\r\n\(form)Connection: close\r\nAuthorization: Basic \(basic)\r\n",
                    before, after)
            }
        }
    }

    private static var framing: [TextPlace] {
        let head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\n\(json)Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n2"
        return [
            TextPlace("a chunk's extension", .octets, 7_900, head + ";", "\r\n{}\r\n0\r\n\r\n"),
            TextPlace("a trailer", .octets, 7_900, head + "\r\n{}\r\n0\r\nX-Any: ", "\r\n\r\n"),
        ]
    }
}
