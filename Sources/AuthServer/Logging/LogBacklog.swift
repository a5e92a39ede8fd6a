/// Lines that wait to be written, up to a bound: beyond it the newest are lost, and counted.
struct LogBacklog: Sendable {
    private let maximumOctets: Int
    private var octets: [UInt8] = []
    /// Lines that nobody will see, since the log last said so.
    private(set) var lost = 0

    /// - Parameter maximumOctets: what may wait, in octets.
    init(maximumOctets: Int) {
        self.maximumOctets = maximumOctets
    }

    var isEmpty: Bool { octets.isEmpty }

    mutating func add(_ line: String) {
        if octets.count + line.utf8.count > maximumOctets { lost += 1 } else { octets.append(contentsOf: line.utf8) }
    }

    /// All that waits.
    mutating func take() -> [UInt8] {
        defer { octets = [] }
        return octets
    }

    mutating func lose(_ lines: Int) { lost += lines }

    /// The log said that so many were lost.
    mutating func confess(_ lines: Int) { lost -= lines }
}
