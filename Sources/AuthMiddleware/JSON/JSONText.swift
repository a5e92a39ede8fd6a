import NIOCore

/// A JSON object from a request, as text that PostgreSQL can store.
struct JSONText {
    /// More digits than any useful number has. PostgreSQL would keep them all.
    private static let longestNumber = 40

    let text: String

    /// - Returns: `nil` if there is a number that is too long, or too large for a double.
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
            guard text.utf8.count <= longestNumber, let number = Double(text), number.isFinite else { return false }
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
