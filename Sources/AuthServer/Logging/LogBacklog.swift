/// Lines that wait to be written, up to a limit. Beyond it the newest are lost and counted.
struct LogBacklog: Sendable {
    private let maximumOctets: Int
    private var octets: [UInt8] = []
    /// Lines that were lost and are not reported yet.
    private(set) var lost = 0

    /// - Parameter maximumOctets: the limit, in octets.
    init(maximumOctets: Int) {
        self.maximumOctets = maximumOctets
    }

    var isEmpty: Bool { octets.isEmpty }

    mutating func add(_ line: String) {
        if octets.count + line.utf8.count > maximumOctets { lost += 1 } else { octets.append(contentsOf: line.utf8) }
    }

    /// Takes everything that waits.
    mutating func take() -> [UInt8] {
        defer { octets = [] }
        return octets
    }

    mutating func lose(_ lines: Int) { lost += lines }

    /// The log has a line that reports so many lost ones.
    mutating func markReported(_ lines: Int) { lost -= lines }
}
