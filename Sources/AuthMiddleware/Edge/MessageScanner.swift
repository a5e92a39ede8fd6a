/// Finds where a message ends (RFC 9112 §2 to §7), and refuses one of which two readers might find two ends: what a proxy in front
/// takes for a body must never be a request to us.
///
/// It looks at each octet once, whatever the pieces in which they come.
struct MessageScanner {
    private enum Part { case requestLine, fields, chunkSize, chunkEnd, trailers, whole }

    private let limits: HTTPLimits
    private var part = Part.requestLine
    private var framing = MessageFraming()
    private var fieldOctets = 0
    private var fields = 0
    /// Octets of the body, or of the chunk, that are to come.
    private var due = 0
    private var bodyOctets = 0
    /// How far the search for a line's end came.
    private var searched = 0
    /// Octets of the message that are in order.
    private(set) var position = 0

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// The head is whole, and something is to come after it.
    var isInBody: Bool { due > 0 || [.chunkSize, .chunkEnd, .trailers].contains(part) }
    /// More of a body came than anybody here would read.
    var isOversized: Bool { bodyOctets + due > limits.bodyBytes }
    var isConnect: Bool { framing.isConnect }
    /// Where the names of fields `Upgrade` stand, until they are given away.
    var upgrades: [Range<Int>] { framing.upgrades }

    /// Goes on in all that came of the message.
    ///
    /// - Returns: whether it ends at ``position``.
    mutating func advance(_ octets: UnsafeRawBufferPointer) throws(MessageRefusal) -> Bool {
        while part != .whole || due > 0 {
            guard due == 0 else {
                takeBody(octets.count - position)
                if due > 0 { return false }
                continue
            }
            guard let line = try line(of: octets) else { return false }
            try take(line, of: octets)
        }
        return true
    }

    /// What is in order was given away, and its octets are no longer part of what comes.
    mutating func rebase() {
        searched = max(0, searched - position)
        position = 0
        framing.upgrades = []
    }

    private mutating func takeBody(_ available: Int) {
        let count = min(due, available)
        (due, position, bodyOctets) = (due - count, position + count, bodyOctets + count)
        searched = position
    }

    /// The next line without its end, which must be CRLF; a bare CR is a part of it, and nothing allows one.
    private mutating func line(of octets: UnsafeRawBufferPointer) throws(MessageRefusal) -> Range<Int>? {
        let end = octets[max(searched, position)...].firstIndex(of: UInt8(ascii: "\n"))
        searched = end ?? octets.count
        guard searched - position <= lineLimit else { throw part == .requestLine ? .uriTooLong : .headersTooLarge }
        guard let end else { return nil }
        guard end > position, octets[end - 1] == UInt8(ascii: "\r") else { throw .malformed }
        defer { (position, searched) = (end + 1, end + 1) }
        return position..<end - 1
    }

    /// With the octets around a target, and CR.
    private var lineLimit: Int { part == .requestLine ? limits.uriBytes + 32 : limits.headerFieldBytes + 1 }

    private mutating func take(_ line: Range<Int>, of octets: UnsafeRawBufferPointer) throws(MessageRefusal) {
        switch part {
        case .requestLine where line.isEmpty: try count(line)
        case .requestLine:
            try framing.takeRequestLine(line, of: octets, uriBytes: limits.uriBytes)
            part = .fields
        case .fields where line.isEmpty: try endHead()
        case .trailers where line.isEmpty: part = .whole
        case .fields, .trailers:
            try count(line)
            try framing.takeField(line, of: octets, isTrailer: part == .trailers)
        case .chunkSize:
            // An extension is as long as the client likes, and comes with every chunk.
            try count(octets: line.count)
            due = try MessageFraming.chunkSize(line, of: octets)
            part = due == 0 ? .trailers : .chunkEnd
        case .chunkEnd:
            guard line.isEmpty else { throw .malformed }
            part = .chunkSize
        case .whole: break
        }
    }

    private mutating func count(_ line: Range<Int>) throws(MessageRefusal) {
        fields += 1
        guard fields <= limits.headerFields else { throw .headersTooLarge }
        try count(octets: line.count + 2)
    }

    private mutating func count(octets: Int) throws(MessageRefusal) {
        fieldOctets += octets
        guard fieldOctets <= limits.headerListBytes else { throw .headersTooLarge }
    }

    private mutating func endHead() throws(MessageRefusal) {
        switch try framing.body() {
        case .chunked: part = .chunkSize
        case .octets(let count): (due, part) = (count, .whole)
        }
    }
}
