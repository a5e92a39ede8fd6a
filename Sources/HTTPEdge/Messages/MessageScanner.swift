/// Finds where a message ends (RFC 9112 §2 to §7), and refuses a message in which two readers might find two ends. Otherwise a body for
/// the proxy in front could be a request for the server.
///
/// It looks at each octet once, whatever the pieces in which they come.
struct MessageScanner {
    private enum Part { case requestLine, fields, chunkSize, chunkEnd, trailers, whole }

    private let limits: HTTPLimits
    private var part = Part.requestLine
    private(set) var framing = MessageFraming()
    private var fieldOctets = 0
    private var fields = 0
    /// Octets of the body, or of the chunk, that are to come.
    private var due = 0
    private var bodyOctets = 0
    /// The end of the head, once it is complete.
    private(set) var headEnd = 0
    /// The octets of a chunked body so far, without sizes, extensions and trailers.
    private(set) var chunkedBody: [UInt8] = []
    /// How far the search for a line's end came.
    private var searched = 0
    /// Octets of the message that are in order.
    private(set) var position = 0

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// The head is whole, and something is to come after it.
    var isInBody: Bool { due > 0 || [.chunkSize, .chunkEnd, .trailers].contains(part) }
    /// Whether a part of the body is here.
    var hasBodyOctets: Bool { bodyOctets > 0 }
    /// Whether more of a body came, or is announced, than the limit.
    var isOversized: Bool { bodyOctets + due > limits.bodyBytes }

    /// Goes on in the octets of the message so far.
    ///
    /// - Returns: whether it ends at ``position``.
    mutating func advance(_ octets: UnsafeRawBufferPointer) throws(MessageRefusal) -> Bool {
        while part != .whole || due > 0 {
            guard due == 0 else {
                takeBody(of: octets)
                if due > 0 { return false }
                continue
            }
            guard let line = try line(of: octets) else { return false }
            try take(line, of: octets)
        }
        return true
    }

    /// The caller has taken this many checked octets from the beginning.
    mutating func forget(_ count: Int) {
        (position, searched, headEnd) = (position - count, max(0, searched - count), max(0, headEnd - count))
    }

    private mutating func takeBody(of octets: UnsafeRawBufferPointer) {
        let count = min(due, octets.count - position)
        if framing.isChunked, !isOversized { chunkedBody.append(contentsOf: octets[position..<position + count]) }
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
        headEnd = position
        switch try framing.body() {
        case .chunked: part = .chunkSize
        case .octets(let count): (due, part) = (count, .whole)
        }
    }
}
