public import AuthCore
public import FoundationEssentials
public import NIOCore

/// Writes one JSON object member by member. The octets are those of ``JSONBody`` if the members come in the order of their names.
public struct JSONObjectWriter: ~Copyable {
    private var isEmpty = true

    private init() {}

    /// Writes the object whose members the closure writes.
    public static func write(into buffer: inout ByteBuffer, _ members: (inout JSONObjectWriter, inout ByteBuffer) -> Void) {
        var writer = JSONObjectWriter()
        buffer.writeStaticString("{")
        members(&writer, &buffer)
        buffer.writeStaticString("}")
    }

    /// - Parameter value: `nil` is null.
    public mutating func member(_ name: StaticString, _ value: String?, into buffer: inout ByteBuffer) {
        begin(name, into: &buffer)
        if let value { Self.write(value, into: &buffer) } else { buffer.writeStaticString("null") }
    }

    /// Writes the member with the time as text (RFC 3339).
    public mutating func member(_ name: StaticString, _ value: Timestamp, into buffer: inout ByteBuffer) {
        begin(name, into: &buffer)
        buffer.writeStaticString("\"")
        buffer.writeText(of: value)
        buffer.writeStaticString("\"")
    }

    /// Writes the member with the UUID as text in lower case.
    public mutating func member(_ name: StaticString, _ value: UUID, into buffer: inout ByteBuffer) {
        begin(name, into: &buffer)
        buffer.writeStaticString("\"")
        buffer.writeText(of: value)
        buffer.writeStaticString("\"")
    }

    /// Writes the member with a number.
    public mutating func member(_ name: StaticString, _ value: Int64, into buffer: inout ByteBuffer) {
        begin(name, into: &buffer)
        buffer.writeString(String(value))
    }

    /// Writes the member with `true` or `false`.
    public mutating func member(_ name: StaticString, _ value: Bool, into buffer: inout ByteBuffer) {
        begin(name, into: &buffer)
        buffer.writeStaticString(value ? "true" : "false")
    }

    /// Writes the member with JSON that is written already.
    ///
    /// - Parameter json: `nil` is null.
    public mutating func member(_ name: StaticString, json: String?, into buffer: inout ByteBuffer) {
        begin(name, into: &buffer)
        buffer.writeString(json ?? "null")
    }

    /// Writes the member with an object.
    public mutating func member(
        _ name: StaticString, into buffer: inout ByteBuffer, _ members: (inout JSONObjectWriter, inout ByteBuffer) -> Void
    ) {
        begin(name, into: &buffer)
        Self.write(into: &buffer, members)
    }

    private mutating func begin(_ name: StaticString, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(isEmpty ? "\"" : ",\"")
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        isEmpty = false
    }

    /// RFC 8259 §7, with the escapes that it demands and no others.
    static func write(_ text: String, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("\"")
        if text.utf8.contains(where: \.isEscapedInJSON) {
            for octet in text.utf8 { write(octet, into: &buffer) }
        } else {
            buffer.writeString(text)
        }
        buffer.writeStaticString("\"")
    }

    private static func write(_ octet: UInt8, into buffer: inout ByteBuffer) {
        switch octet {
        case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
        case 0x08: buffer.writeStaticString("\\b")
        case 0x09: buffer.writeStaticString("\\t")
        case 0x0A: buffer.writeStaticString("\\n")
        case 0x0C: buffer.writeStaticString("\\f")
        case 0x0D: buffer.writeStaticString("\\r")
        case 0..<0x20:
            buffer.writeStaticString("\\u00")
            buffer.writeString((octet < 0x10 ? "0" : "") + String(octet, radix: 16))
        default: buffer.writeInteger(octet)
        }
    }
}

extension UInt8 {
    fileprivate var isEscapedInJSON: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }
}
