/// What a head says about the message and the connection: where the message ends (RFC 9112 §6), whether another may follow (§9), for
/// which host it is (RFC 9110 §7.2), and what its client waits for (§10.1.1). Only spellings that all readers understand the same way
/// are accepted.
///
/// No handler after ``MessageBoundary`` reads these fields again: their names are overwritten.
struct MessageFraming {
    enum Body { case octets(Int), chunked }

    private var contentLength: Int?
    private(set) var isChunked = false
    private(set) var isHTTP10 = false
    private var hosts = 0
    private var asksToClose = false
    private var asksToKeepAlive = false
    private var asksToContinue = false
    private var expectsOther = false
    private(set) var isConnect = false
    /// The place of the request target.
    private(set) var target = 0..<0
    /// The last octet of the version.
    private(set) var minorVersion = 0
    /// The place of the first `Origin`.
    private(set) var origin: Range<Int>?
    /// The names of fields that no later handler may read.
    private(set) var ownFields: [Range<Int>] = []
    /// The names of fields that say how long the body is.
    private(set) var lengthFields: [Range<Int>] = []

    /// Whether another request may follow. An HTTP/1.0 client must ask for it, and the answer says so.
    var persistence: Persistence {
        if asksToClose || isConnect { return .last }
        if isHTTP10 { return asksToKeepAlive ? .keepAlive : .last }
        return .persistent
    }

    /// Whether the client waits for `100 Continue` before it sends the body. HTTP/1.0 has no such answer.
    var expectsContinue: Bool { asksToContinue && !isHTTP10 }

    /// `method SP request-target SP HTTP-version` (RFC 9112 §3), each SP one space.
    mutating func takeRequestLine(_ line: Range<Int>, of octets: UnsafeRawBufferPointer, uriBytes: Int) throws(MessageRefusal) {
        let words = octets[line].split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, !words[1].isEmpty, words[0].allSatisfy(\.isTokenCharacter),
            words[1].allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .malformed }
        guard words[1].count <= uriBytes else { throw .uriTooLong }
        isConnect = words[0].elementsEqual("CONNECT".utf8)
        isHTTP10 = words[2].elementsEqual("HTTP/1.0".utf8)
        guard isHTTP10 || words[2].elementsEqual("HTTP/1.1".utf8) else { throw .malformed }
        (target, minorVersion) = (words[1].indices, line.upperBound - 1)
    }

    /// `field-name ":" OWS field-value OWS` (RFC 9112 §5), never folded.
    mutating func takeField(_ line: Range<Int>, of octets: UnsafeRawBufferPointer, isTrailer: Bool) throws(MessageRefusal) {
        guard let colon = octets[line].firstIndex(of: UInt8(ascii: ":")), colon > line.lowerBound,
            octets[line.lowerBound..<colon].allSatisfy(\.isTokenCharacter),
            octets[colon + 1..<line.upperBound].allSatisfy(\.isFieldCharacter)
        else { throw .malformed }
        let name = line.lowerBound..<colon
        let value = octets[colon + 1..<line.upperBound].trimmed
        if isTrailer { return try refuseFramingInTrailer(FieldText(octets, name)) }
        try take(name, FieldText(octets, name), value, of: octets)
    }

    private mutating func take(
        _ place: Range<Int>, _ name: FieldText, _ value: Range<Int>, of octets: UnsafeRawBufferPointer
    ) throws(MessageRefusal) {
        switch place.count {
        case 14 where name == "content-length":
            guard contentLength == nil, let number = Self.number(octets[value], radix: 10) else { throw .malformed }
            contentLength = number
            lengthFields.append(place)
        case 17 where name == "transfer-encoding":
            guard !isChunked, FieldText(octets, value) == "chunked" else { throw .malformed }
            isChunked = true
            lengthFields.append(place)
        case 10 where name == "connection": try takeConnection(value, of: octets, at: place)
        case 6 where name == "expect": takeExpect(value, of: octets, at: place)
        // The server speaks no other protocol (RFC 9110 §7.8), but after this field the codec would stop reading and keep later octets.
        case 7 where name == "upgrade": ownFields.append(place)
        case 4 where name == "host": hosts += 1
        case 6 where name == "origin": if origin == nil { origin = value }
        default: break
        }
    }

    private func refuseFramingInTrailer(_ name: FieldText) throws(MessageRefusal) {
        if name == "content-length" || name == "transfer-encoding" { throw .malformed }
    }

    /// Its options are tokens, and so in ASCII.
    private mutating func takeConnection(
        _ value: Range<Int>, of octets: UnsafeRawBufferPointer, at place: Range<Int>
    ) throws(MessageRefusal) {
        guard octets[value].allSatisfy({ $0 < 0x80 }) else { throw .malformed }
        ownFields.append(place)
        for option in octets[value].listMembers {
            asksToClose = asksToClose || FieldText(octets, option) == "close"
            asksToKeepAlive = asksToKeepAlive || FieldText(octets, option) == "keep-alive"
        }
    }

    private mutating func takeExpect(_ value: Range<Int>, of octets: UnsafeRawBufferPointer, at place: Range<Int>) {
        ownFields.append(place)
        for expectation in octets[value].listMembers {
            if FieldText(octets, expectation) == "100-continue" { asksToContinue = true } else { expectsOther = true }
        }
    }

    /// At the end of the head.
    func body() throws(MessageRefusal) -> Body {
        guard !isChunked || contentLength == nil && !isHTTP10 else { throw .malformed }
        // A proxy in front may have read another `Host` (RFC 9112 §3.2). HTTP/1.0 has no `Host`.
        guard hosts == 1 || isHTTP10 && hosts == 0 else { throw .ambiguousHost }
        guard !expectsOther || isHTTP10 else { throw .expectationFailed }
        return isChunked ? .chunked : .octets(contentLength ?? 0)
    }

    /// `chunk-size [ chunk-ext ]` (RFC 9112 §7.1): hexadecimal digits alone, or an extension right after them.
    static func chunkSize(_ line: Range<Int>, of octets: UnsafeRawBufferPointer) throws(MessageRefusal) -> Int {
        let end = octets[line].firstIndex(of: UInt8(ascii: ";")) ?? line.upperBound
        guard let size = number(octets[line.lowerBound..<end], radix: 16), octets[end..<line.upperBound].allSatisfy(\.isFieldCharacter)
        else { throw .malformed }
        return size
    }

    /// Digits alone: Swift's own initialiser takes a sign. Fifteen are more than any body needs.
    private static func number(_ octets: Slice<UnsafeRawBufferPointer>, radix: Int) -> Int? {
        guard (1...15).contains(octets.count) else { return nil }
        var number = 0
        for octet in octets {
            guard let digit = octet.hexadecimalValue, digit < radix else { return nil }
            number = number * radix + Int(digit)
        }
        return number
    }
}
