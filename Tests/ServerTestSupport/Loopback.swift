import Foundation

/// A plain HTTP/1.1 client over blocking sockets, one connection a request, each on a thread of its own: nothing of it can hide
/// what the server really sent, or when.
package struct Loopback: Sendable {
    package let port: Int
    /// How long to wait for the next octets of an answer.
    package var timeout: Duration = .seconds(20)

    package init(port: Int, timeout: Duration = .seconds(20)) {
        (self.port, self.timeout) = (port, timeout)
    }

    package enum Failure: Error {
        /// No program listens.
        case refused
        /// The connection ended, or nothing came, before the answer was whole: its outcome is unknown.
        case cut
    }

    package struct Reply: Sendable {
        package let status: Int
        package let headers: [(name: String, value: String)]
        package let body: String
        package let elapsed: Duration

        package subscript(header: String) -> String? {
            headers.first { $0.name.lowercased() == header.lowercased() }?.value
        }

        /// A string member of the JSON object that the body is.
        package func json(_ name: String) -> String? {
            (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])?[name] as? String
        }
    }

    package func get(_ path: String, bearer: String? = nil) async throws -> Reply {
        try await send("GET", path, headers: Self.authorization(bearer))
    }

    package func post(_ path: String, bearer: String? = nil, json: String? = nil) async throws -> Reply {
        let type = json == nil ? [] : [("Content-Type", "application/json")]
        return try await send("POST", path, headers: Self.authorization(bearer) + type, body: json.map { Array($0.utf8) })
    }

    private static func authorization(_ bearer: String?) -> [(String, String)] {
        bearer.map { [("Authorization", "Bearer \($0)")] } ?? []
    }

    package func send(_ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil) async throws -> Reply {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return try await exchange(Array((head + "\r\n").utf8) + (body ?? []))
    }

    /// Sends the bytes as they are, reads until the server closes, and takes the first answer.
    package func exchange(_ request: [UInt8]) async throws -> Reply {
        let start = ContinuousClock.now
        let bytes = try await raw(request)
        let isBodiless = request.starts(with: Array("HEAD ".utf8))
        guard let reply = Self.parse(bytes, isBodiless, elapsed: ContinuousClock.now - start) else { throw Failure.cut }
        return reply
    }

    /// Sends the bytes as they are and returns all that came until the server closed or nothing more came in time.
    package func raw(_ request: [UInt8]) async throws -> [UInt8] {
        try await raw([request])
    }

    /// The same in parts that arrive one by one.
    ///
    /// - Parameters:
    ///   - awaiting: what must have come before each further part is sent; none but the pause if empty.
    ///   - halfCloses: whether it then says that nothing more will come.
    package func raw(
        _ parts: [[UInt8]], pause: Duration = .zero, awaiting: [UInt8] = [], halfCloses: Bool = false
    ) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try blockingExchange(parts, pause: pause, awaiting: awaiting, halfCloses: halfCloses) })
            }
        }
    }

    /// Sends the bytes as they are and goes away after the delay, whatever comes: the outcome stays unknown to the sender.
    package func abandon(_ request: [UInt8], after delay: Duration) async throws {
        var hasty = self
        hasty.timeout = delay
        _ = try await hasty.raw(request)
    }

    private func blockingExchange(
        _ parts: [[UInt8]], pause: Duration, awaiting: [UInt8], halfCloses: Bool
    ) throws -> [UInt8] {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        let (seconds, attoseconds) = timeout.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Failure.refused }
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var received: [UInt8] = []
        for (number, part) in parts.enumerated() {
            if number > 0 { usleep(UInt32(pause / .microseconds(1))) }
            if number > 0, !awaiting.isEmpty { Self.receive(from: socket, into: &received) { $0.firstRange(of: awaiting) != nil } }
            Self.send(part, to: socket)
        }
        if halfCloses { shutdown(socket, Int32(SHUT_WR)) }
        Self.receive(from: socket, into: &received) { _ in false }
        return received
    }

    /// Until it is enough, the server closes, or nothing more comes in time.
    private static func receive(from socket: Int32, into received: inout [UInt8], until isEnough: ([UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while !isEnough(received), case let count = recv(socket, &buffer, buffer.count, 0), count > 0 { received += buffer[..<count] }
    }

    private static func send(_ octets: [UInt8], to socket: Int32) {
        var sent = 0
        while sent < octets.count {
            let count = octets[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { break }
            sent += count
        }
    }

    private static func parse(_ bytes: [UInt8], _ isBodiless: Bool, elapsed: Duration) -> Reply? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        var lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = Int(lines.removeFirst().split(separator: " ")[1])
        let headers = lines.compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        let body = bytes[end.upperBound...]
        let announced = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        let length = isBodiless ? 0 : announced
        guard let status, body.count >= length else { return nil }
        return Reply(status: status, headers: headers, body: String(decoding: body.prefix(length), as: UTF8.self), elapsed: elapsed)
    }
}
