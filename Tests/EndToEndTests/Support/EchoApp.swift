import Foundation
import NIOConcurrencyHelpers

/// An app that knows nothing of authentication: it keeps every request as it came, and answers 200, or what the path names.
final class EchoApp: Sendable {
    struct Request: Sendable {
        let line: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        /// The values of all headers that an app could take for this one.
        func values(_ name: String) -> [String] { headers.filter { Self.folded($0.name) == Self.folded(name) }.map(\.value) }

        /// As CGI names variables where it is done carelessly: whatever is neither letter nor digit is one character.
        static func folded(_ name: String) -> String {
            String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        }
    }

    private let received = NIOLockedValueBox([Request]())
    private let listener = NIOLockedValueBox<Listener?>(nil)

    init() {
        listener.withLockedValue { $0 = Listener { [self] in serve($0) } }
    }

    var port: Int { listener.withLockedValue { $0?.port ?? 0 } }
    var requests: [Request] { received.withLockedValue { $0 } }

    func close() { listener.withLockedValue { $0 }?.close() }

    private func serve(_ client: Int32) {
        var input = Input(socket: client)
        while let request = input.next() {
            received.withLockedValue { $0.append(request) }
            // `/answer/500` is answered with 500.
            let status = request.line.firstMatch(of: #/ /answer/(\d+)/#).flatMap { Int($0.1) } ?? 200
            let body = request.line.hasPrefix("HEAD") ? "" : "the app's own"
            let answer = "HTTP/1.1 \(status) Echo\r\nX-App: yes\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            guard send(client, answer, answer.utf8.count, Int32(MSG_NOSIGNAL)) == answer.utf8.count else { break }
        }
        Glibc.close(client)
    }
}

extension EchoApp {
    /// The requests of one connection, one after another.
    private struct Input {
        let socket: Int32
        private var buffer: [UInt8] = []

        init(socket: Int32) { self.socket = socket }

        mutating func next() -> Request? {
            guard let head = take(through: "\r\n\r\n") else { return nil }
            var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
            let line = lines.removeFirst()
            let bare = Request(line: line, headers: lines.map(Self.field), body: [])
            guard bare.values("Transfer-Encoding").isEmpty else { return chunked(bare) }
            guard let body = take(Int(bare.values("Content-Length").first ?? "0") ?? 0) else { return nil }
            return Request(line: line, headers: bare.headers, body: body)
        }

        private static func field(_ line: String) -> (name: String, value: String) {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }

        /// Trailers are headers to this app, as they are to some.
        private mutating func chunked(_ request: Request) -> Request? {
            var body: [UInt8] = []
            while let line = line(), let size = Int(line, radix: 16), size > 0 {
                guard let chunk = take(size), self.line() != nil else { return nil }
                body += chunk
            }
            var headers = request.headers
            while let line = line(), !line.isEmpty { headers.append(Self.field(line)) }
            return Request(line: request.line, headers: headers, body: body)
        }

        private mutating func line() -> String? {
            take(through: "\r\n").map { String(decoding: $0.dropLast(2), as: UTF8.self) }
        }

        private mutating func take(through end: String) -> [UInt8]? {
            while true {
                if let range = buffer.firstRange(of: Array(end.utf8)) { return take(range.upperBound) }
                guard receive() else { return nil }
            }
        }

        private mutating func take(_ count: Int) -> [UInt8]? {
            while buffer.count < count { guard receive() else { return nil } }
            defer { buffer.removeFirst(count) }
            return Array(buffer[..<count])
        }

        private mutating func receive() -> Bool {
            var octets = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &octets, octets.count, 0)
            if count > 0 { buffer += octets[..<count] }
            return count > 0
        }
    }
}
