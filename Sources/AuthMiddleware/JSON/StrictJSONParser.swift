import AuthCore
import HTTPEdge

/// Parses RFC 8259, and is stricter where the RFC leaves a choice: no duplicate names, no U+0000, no lone surrogates, no byte order mark,
/// limited depth. It refuses every text that two parsers could read in two ways.
struct StrictJSONParser {
    /// More than any name in this API has.
    static let maximumNameOctets = 64

    private let octets: [UInt8]
    private let maximumDepth: Int
    private let maximumMembers: Int
    private var position = 0

    static func parse(_ octets: [UInt8], limits: HTTPLimits) throws(AuthError) -> JSONValue {
        guard String(validating: octets, as: UTF8.self) != nil else { throw malformed("The body is not valid UTF-8.") }
        var parser = StrictJSONParser(octets: octets, maximumDepth: limits.jsonDepth, maximumMembers: limits.jsonMembers)
        let value = try parser.value(depth: 1)
        parser.skipWhitespace()
        guard parser.position == octets.count else { throw malformed("There is something after the JSON value.") }
        return value
    }

    private init(octets: [UInt8], maximumDepth: Int, maximumMembers: Int) {
        self.octets = octets
        self.maximumDepth = maximumDepth
        self.maximumMembers = maximumMembers
    }

    private static func malformed(_ reason: String) -> AuthError { .malformedJSON(reason: reason) }

    private var current: UInt8? { position < octets.count ? octets[position] : nil }

    private mutating func skipWhitespace() {
        while let octet = current, [0x20, 0x09, 0x0A, 0x0D].contains(octet) { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(AuthError) -> JSONValue {
        guard depth <= maximumDepth else { throw Self.malformed("The JSON value is nested deeper than \(maximumDepth).") }
        skipWhitespace()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(String(decoding: try string(), as: UTF8.self))
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(AuthError) -> JSONValue {
        let text = "\(word)".utf8
        guard octets[position...].starts(with: text) else { throw Self.malformed("The body is not a JSON value.") }
        position += text.count
        return value
    }

    private mutating func object(depth: Int) throws(AuthError) -> JSONValue {
        position += 1
        var object = JSONObject()
        skipWhitespace()
        if accept("}") { return .object(object) }
        repeat {
            let name = try name()
            guard !object.contains(name) else { throw Self.malformed("A JSON object has the same member twice.") }
            object.append(name, try value(depth: depth + 1))
            guard object.members.count <= maximumMembers else {
                throw Self.malformed("A JSON object has more than \(maximumMembers) members.")
            }
            skipWhitespace()
        } while accept(",")
        guard accept("}") else { throw Self.malformed("A JSON object is not closed.") }
        return .object(object)
    }

    /// A name with the colon after it. A name longer than any in this API is unknown, so it is refused before its end.
    private mutating func name() throws(AuthError) -> [UInt8] {
        skipWhitespace()
        guard current == UInt8(ascii: "\"") else { throw Self.malformed("A member of a JSON object has no name.") }
        let name = try string(upTo: Self.maximumNameOctets)
        guard name.count <= Self.maximumNameOctets else { throw .validationFailed([.unknownField(Self.beginning(of: name))]) }
        skipWhitespace()
        guard accept(":") else { throw Self.malformed("A member of a JSON object has no value.") }
        return name
    }

    /// The beginning in whole scalars, of at most ``maximumNameOctets``.
    private static func beginning(of name: [UInt8]) -> ArraySlice<UInt8> {
        var end = maximumNameOctets
        while name[end] & 0xC0 == 0x80 { end -= 1 }
        return name[..<end]
    }

    private mutating func array(depth: Int) throws(AuthError) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipWhitespace()
        if accept("]") { return .array([]) }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipWhitespace()
        } while accept(",")
        guard accept("]") else { throw Self.malformed("A JSON array is not closed.") }
        return .array(elements)
    }
}

extension StrictJSONParser {
    private mutating func number() throws(AuthError) -> String {
        let start = position
        _ = accept("-")
        if !accept("0") { try digits() }
        if accept(".") { try digits() }
        if accept("e") || accept("E") {
            if !accept("+") { _ = accept("-") }
            try digits()
        }
        return String(decoding: octets[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(AuthError) {
        let start = position
        while let octet = current, (0x30...0x39).contains(octet) { position += 1 }
        guard position > start else { throw Self.malformed("The body is not a JSON value.") }
    }

    /// - Parameter length: reading stops after the first octet beyond it.
    private mutating func string(upTo length: Int = .max) throws(AuthError) -> [UInt8] {
        position += 1
        var text: [UInt8] = []
        while let octet = current, text.count <= length {
            position += 1
            switch octet {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
            case 0..<0x20: throw Self.malformed("A JSON string has a control character.")
            default: text.append(octet)
            }
        }
        guard text.count > length else { throw Self.malformed("A JSON string is not closed.") }
        return text
    }

    private mutating func escape() throws(AuthError) -> [UInt8] {
        guard let octet = current else { throw Self.malformed("A JSON string is not closed.") }
        position += 1
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [octet]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try unicodeEscape()).utf8)
        default: throw Self.malformed("A JSON string has an unknown escape.")
        }
    }

    private mutating func unicodeEscape() throws(AuthError) -> Unicode.Scalar {
        let high = try codeUnit()
        if let scalar = Unicode.Scalar(UInt32(high)) {
            guard scalar.value != 0 else { throw Self.malformed("A JSON string has U+0000.") }
            return scalar
        }
        guard UTF16.isLeadSurrogate(high), accept("\\"), accept("u") else {
            throw Self.malformed("A JSON string has half a surrogate pair.")
        }
        let low = try codeUnit()
        guard UTF16.isTrailSurrogate(low) else { throw Self.malformed("A JSON string has half a surrogate pair.") }
        return UTF16.decode(UTF16.EncodedScalar([high, low]))
    }

    private mutating func codeUnit() throws(AuthError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = current?.hexadecimalValue else { throw Self.malformed("A JSON string has a broken \\u escape.") }
            position += 1
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}

extension FieldError {
    /// - Parameter name: at most ``StrictJSONParser/maximumNameOctets``, so that an answer is no longer than its request.
    static func unknownField(_ name: some Collection<UInt8>) -> FieldError {
        FieldError(field: String(decoding: name, as: UTF8.self), code: .unknownField, detail: "There is no such field.")
    }
}
