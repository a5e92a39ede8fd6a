/// What of a head says where the message ends (RFC 9112 §6), each in the one spelling that all readers agree on.
struct MessageFraming {
    enum Body { case octets(Int), chunked }

    private var contentLength: Int?
    private var isChunked = false
    private var isHTTP10 = false
    private(set) var isConnect = false
    /// Names of fields `Upgrade`.
    var upgrades: [Range<Int>] = []

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
    }

    /// `field-name ":" OWS field-value OWS` (RFC 9112 §5), never folded.
    mutating func takeField(_ line: Range<Int>, of octets: UnsafeRawBufferPointer, isTrailer: Bool) throws(MessageRefusal) {
        guard let colon = octets[line].firstIndex(of: UInt8(ascii: ":")), colon > line.lowerBound,
            octets[line.lowerBound..<colon].allSatisfy(\.isTokenCharacter),
            octets[colon + 1..<line.upperBound].allSatisfy(\.isFieldCharacter)
        else { throw .malformed }
        let name = LaneText(octets, line.lowerBound..<colon)
        let value = octets[colon + 1..<line.upperBound].trimmed
        if name == "content-length" {
            guard !isTrailer, contentLength == nil, let number = Self.number(octets[value], radix: 10) else { throw .malformed }
            contentLength = number
        } else if name == "transfer-encoding" {
            guard !isTrailer, !isChunked, LaneText(octets, value) == "chunked" else { throw .malformed }
            isChunked = true
        } else if name == "upgrade" {
            upgrades.append(line.lowerBound..<colon)
        }
    }

    func body() throws(MessageRefusal) -> Body {
        guard isChunked else { return .octets(contentLength ?? 0) }
        guard contentLength == nil, !isHTTP10 else { throw .malformed }
        return .chunked
    }

    /// `chunk-size [ chunk-ext ]` (RFC 9112 §7.1): hexadecimal digits alone, or an extension right after them.
    static func chunkSize(_ line: Range<Int>, of octets: UnsafeRawBufferPointer) throws(MessageRefusal) -> Int {
        let end = octets[line].firstIndex(of: UInt8(ascii: ";")) ?? line.upperBound
        guard let size = number(octets[line.lowerBound..<end], radix: 16), octets[end..<line.upperBound].allSatisfy(\.isFieldCharacter)
        else { throw .malformed }
        return size
    }

    /// Digits and nothing else: Swift's own reading takes a sign. Fifteen are more than any body has.
    private static func number(_ octets: Slice<UnsafeRawBufferPointer>, radix: Int) -> Int? {
        guard (1...15).contains(octets.count), octets.allSatisfy(\.isHexDigit) else { return nil }
        return Int(String(decoding: octets, as: UTF8.self), radix: radix)
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// Where what is neither space nor tab begins and ends.
    fileprivate var trimmed: Range<Int> {
        let isBlank = { (octet: UInt8) in octet == 0x20 || octet == 0x09 }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return endIndex..<endIndex
        }
        return first..<last + 1
    }
}
