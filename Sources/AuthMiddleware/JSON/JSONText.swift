import NIOCore

/// A JSON object from a request, as text that PostgreSQL can store.
struct JSONText {
    /// More digits than any useful number has. PostgreSQL would keep them all.
    private static let longestNumber = 40

    let text: String

    /// PostgreSQL writes all digits of a number.
    private static let largestExponent = 15

    /// - Returns: `nil` if there is a number that is too long or too large.
    init?(_ object: JSONObject) {
        var buffer = ByteBuffer()
        guard Self.write(.object(object), into: &buffer) else { return nil }
        text = String(buffer: buffer)
    }

    private static func write(_ value: JSONValue, into buffer: inout ByteBuffer) -> Bool {
        switch value {
        case .null: buffer.writeStaticString("null")
        case .bool(let value): buffer.writeStaticString(value ? "true" : "false")
        case .string(let text): JSONObjectWriter.write(text, into: &buffer)
        case .number(let text):
            guard text.utf8.count <= longestNumber, exponent(of: text).magnitude <= largestExponent else { return false }
            buffer.writeString(text)
        case .array(let values): return write(values, between: ("[", "]"), into: &buffer) { value, buffer in write(value, into: &buffer) }
        case .object(let object):
            return write(object.members, between: ("{", "}"), into: &buffer) { member, buffer in
                JSONObjectWriter.write(String(decoding: member.name, as: UTF8.self), into: &buffer)
                buffer.writeStaticString(":")
                return write(member.value, into: &buffer)
            }
        }
        return true
    }

    private static func exponent(of number: String) -> Int {
        let parts = number.utf8.split { octet in octet | 0x20 == UInt8(ascii: "e") }
        return parts.count < 2 ? 0 : Int(String(decoding: parts[1].drop { octet in octet == UInt8(ascii: "+") }, as: UTF8.self)) ?? .max
    }

    private static func write<Element>(
        _ elements: [Element], between brackets: (StaticString, StaticString), into buffer: inout ByteBuffer,
        _ write: (Element, inout ByteBuffer) -> Bool
    ) -> Bool {
        buffer.writeStaticString(brackets.0)
        for (index, element) in elements.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            guard write(element, &buffer) else { return false }
        }
        buffer.writeStaticString(brackets.1)
        return true
    }
}
