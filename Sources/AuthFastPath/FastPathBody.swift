/// The body of a refresh as nearly every client writes it: `{"refresh_token": "…"}`, the token in visible ASCII without escapes.
struct FastPathBody {
    private let octets: UnsafeRawBufferPointer
    private var position = 0

    /// - Returns: the text of the token; `nil` if the body differs in any way, and another parser must read it.
    static func refreshToken(in octets: UnsafeRawBufferPointer) -> String? {
        var body = FastPathBody(octets)
        guard body.accept("{"), body.accept("\"refresh_token\""), body.accept(":"), body.accept("\""), let token = body.restOfString(),
            body.accept("}")
        else { return nil }
        body.skipWhiteSpace()
        return body.position == octets.count ? token : nil
    }

    private init(_ octets: UnsafeRawBufferPointer) {
        self.octets = octets
    }

    private mutating func accept(_ word: StaticString) -> Bool {
        skipWhiteSpace()
        let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard octets[position...].starts(with: word) else { return false }
        position += word.count
        return true
    }

    private mutating func skipWhiteSpace() {
        while position < octets.count, [0x20, 0x09, 0x0A, 0x0D].contains(octets[position]) { position += 1 }
    }

    /// Up to the quotation mark, which is read too.
    private mutating func restOfString() -> String? {
        let text = octets[position...].prefix { $0.isPlainInString }
        position += text.count
        guard position < octets.count, octets[position] == UInt8(ascii: "\"") else { return nil }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isPlainInString: Bool { (0x21...0x7E).contains(self) && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\") }
}
