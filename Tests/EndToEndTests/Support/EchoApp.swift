import Foundation
import NIOConcurrencyHelpers

/// An app that knows nothing of authentication: it keeps every request as it came, and answers 200, or what the path names.
final class EchoApp: Sendable {
    struct Request: Sendable {
        let line: String
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        /// The values of all headers that an app could take for this one: to many, `_` is `-`.
        func values(_ name: String) -> [String] { headers.filter { Self.folded($0.name) == Self.folded(name) }.map(\.value) }

        private static func folded(_ name: String) -> String {
            name.lowercased().replacing("_", with: "-").trimmingCharacters(in: .whitespaces)
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
            let headers = lines.map { line -> (name: String, value: String) in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
            }
            let bare = Request(line: line, headers: headers, body: [])
            guard let body = body(of: bare) else { return nil }
            return Request(line: line, headers: headers, body: body)
        }

        private mutating func body(of request: Request) -> [UInt8]? {
            if request.values("Transfer-Encoding").isEmpty { return take(Int(request.values("Content-Length").first ?? "0") ?? 0) }
            var body: [UInt8] = []
            while let line = take(through: "\r\n"), let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) {
                // No trailers: a line of one would be no size.
                guard let chunk = take(size), take(through: "\r\n") != nil else { return nil }
                if size == 0 { return body }
                body += chunk
            }
            return nil
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
