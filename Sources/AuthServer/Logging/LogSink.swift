import Glibc

/// A descriptor that takes lines, or refuses them for a time. Its writes block.
struct LogSink {
    let descriptor: Int32
    /// Whether the last line was only written in part.
    private var isTorn = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// - Returns: the number of lines that were not written completely.
    mutating func write(_ lines: [UInt8]) -> Int {
        let octets = isTorn ? [Self.lineEnd] + lines : lines
        let count = octets.withUnsafeBytes { write($0) }
        let unwritten = octets.dropFirst(max(count, octets.count - lines.count)).count { $0 == Self.lineEnd }
        if count > 0 { isTorn = octets[count - 1] != Self.lineEnd }
        return unwritten
    }

    private static let lineEnd = UInt8(ascii: "\n")

    /// - Returns: the number of octets that the sink took.
    private func write(_ octets: UnsafeRawBufferPointer) -> Int {
        var position = 0
        while position < octets.count {
            let count = Glibc.write(descriptor, octets.baseAddress! + position, octets.count - position)
            if count > 0 { position += count } else if !isWorthAnotherTry(errno) { break }
        }
        return position
    }

    private func isWorthAnotherTry(_ error: Int32) -> Bool {
        guard error == EAGAIN else { return error == EINTR }
        // Another process that shares the pipe made it non-blocking.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, -1) > 0
    }
}
