public import FoundationEssentials

/// One parameter of a statement. Never printed.
public enum PostgresValue: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    case null
    case bool(Bool)
    case int4(Int32)
    case int8(Int64)
    case text(String)
    case bytea([UInt8])
    case uuid(UUID)
    /// Since the Unix epoch.
    case timestamptz(microseconds: Int64)
    case textArray([String])
    case uuidArray([UUID])
    case byteaArray([[UInt8]])
    case int4Array([Int32])

    public var description: String { "****" }
    public var debugDescription: String { description }

    /// `nil` for NULL, which fits every type.
    var type: PostgresType? {
        switch self {
        case .null: nil
        case .bool: .bool
        case .int4: .int4
        case .int8: .int8
        case .text: .text
        case .bytea: .bytea
        case .uuid: .uuid
        case .timestamptz: .timestamptz
        case .textArray: .textArray
        case .uuidArray: .uuidArray
        case .byteaArray: .byteaArray
        case .int4Array: .int4Array
        }
    }
}

extension PostgresValue {
    /// PostgreSQL counts microseconds from 2000-01-01.
    static let microsecondsFromUnixToPostgresEpoch: Int64 = 946_684_800_000_000

    /// Appends the value's binary form, as the type's `*_recv` function reads it.
    func encode(into octets: inout [UInt8]) {
        switch self {
        case .null: break
        case .bool(let value): octets.append(value ? 1 : 0)
        case .int4(let value): octets.appendBigEndian(value)
        case .int8(let value): octets.appendBigEndian(value)
        case .text(let value): octets.append(contentsOf: value.utf8)
        case .bytea(let value): octets.append(contentsOf: value)
        case .uuid(let value): withUnsafeBytes(of: value.uuid) { octets.append(contentsOf: $0) }
        case .timestamptz(let value): octets.appendBigEndian(value &- Self.microsecondsFromUnixToPostgresEpoch)
        case .textArray(let values): Self.encodeArray(values.map(PostgresValue.text), of: .text, into: &octets)
        case .uuidArray(let values): Self.encodeArray(values.map(PostgresValue.uuid), of: .uuid, into: &octets)
        case .byteaArray(let values): Self.encodeArray(values.map(PostgresValue.bytea), of: .bytea, into: &octets)
        case .int4Array(let values): Self.encodeArray(values.map(PostgresValue.int4), of: .int4, into: &octets)
        }
    }

    /// `array_recv`: dimensions, null flag, element type, then length and lower bound of the one dimension, then the elements.
    private static func encodeArray(_ elements: [PostgresValue], of type: PostgresType, into octets: inout [UInt8]) {
        octets.appendBigEndian(Int32(elements.isEmpty ? 0 : 1))
        octets.appendBigEndian(Int32(0))
        octets.appendBigEndian(Int32(bitPattern: type.oid))
        guard !elements.isEmpty else { return }
        octets.appendBigEndian(Int32(elements.count))
        octets.appendBigEndian(Int32(1))
        for element in elements {
            let lengthIndex = octets.count
            octets.appendBigEndian(Int32(0))
            element.encode(into: &octets)
            octets.replaceBigEndian(at: lengthIndex, with: Int32(octets.count - lengthIndex - 4))
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func replaceBigEndian(at index: Int, with value: Int32) {
        Swift.withUnsafeBytes(of: value.bigEndian) { replaceSubrange(index..<index + 4, with: $0) }
    }
}
