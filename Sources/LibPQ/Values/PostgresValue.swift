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
    /// Microseconds since the Unix epoch; the ends of the range mean ±infinity.
    case timestamptz(microseconds: Int64)
    case textArray([String?])
    case uuidArray([UUID])
    case byteaArray([[UInt8]])
    case int4Array([Int32])
    case int8Array([Int64])

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
        case .int8Array: .int8Array
        }
    }
}

extension PostgresValue {
    /// PostgreSQL counts microseconds from 2000-01-01.
    private static let microsecondsFromUnixToPostgresEpoch: Int64 = 946_684_800_000_000

    /// The ends of PostgreSQL's range mean ±infinity (`DT_NOBEGIN`, `DT_NOEND`); here they do too.
    static func unixMicroseconds(_ postgres: Int64) -> Int64 {
        if postgres == .min { return .min }
        let (sum, isOverflow) = postgres.addingReportingOverflow(microsecondsFromUnixToPostgresEpoch)
        return isOverflow ? .max : sum
    }

    static func postgresMicroseconds(_ unix: Int64) -> Int64 {
        if unix == .max { return .max }
        let (difference, isOverflow) = unix.subtractingReportingOverflow(microsecondsFromUnixToPostgresEpoch)
        return isOverflow ? .min : difference
    }

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
        case .timestamptz(let value): octets.appendBigEndian(Self.postgresMicroseconds(value))
        case .textArray, .uuidArray, .byteaArray, .int4Array, .int8Array: Self.encodeArray(CollectionOfOne(self), into: &octets)
        }
    }

    /// Appends one array with the elements of all: `array_recv` reads dimensions, null flag, element type, then length and lower
    /// bound of the one dimension, then the elements.
    static func encodeArray(_ parts: some Collection<PostgresValue>, into octets: inout [UInt8]) {
        let count = parts.reduce(0) { $0 + ($1.elementCount ?? 0) }
        octets.appendBigEndian(Int32(count == 0 ? 0 : 1))
        octets.appendBigEndian(Int32(parts.contains(where: \.hasNull) ? 1 : 0))
        octets.appendBigEndian(Int32(bitPattern: parts.first?.elementType?.oid ?? 0))
        guard count > 0 else { return }
        octets.appendBigEndian(Int32(count))
        octets.appendBigEndian(Int32(1))
        for part in parts { part.encodeElements(into: &octets) }
    }

    private func encodeElements(into octets: inout [UInt8]) {
        switch self {
        case .textArray(let values): for value in values { Self.encodeElement(value.map(PostgresValue.text) ?? .null, into: &octets) }
        case .uuidArray(let values): for value in values { Self.encodeElement(.uuid(value), into: &octets) }
        case .byteaArray(let values): for value in values { Self.encodeElement(.bytea(value), into: &octets) }
        case .int4Array(let values): for value in values { Self.encodeElement(.int4(value), into: &octets) }
        case .int8Array(let values): for value in values { Self.encodeElement(.int8(value), into: &octets) }
        default: break
        }
    }

    private static func encodeElement(_ element: PostgresValue, into octets: inout [UInt8]) {
        if case .null = element { return octets.appendBigEndian(Int32(-1)) }
        let lengthIndex = octets.count
        octets.appendBigEndian(Int32(0))
        element.encode(into: &octets)
        octets.replaceBigEndian(at: lengthIndex, with: Int32(octets.count - lengthIndex - 4))
    }

    private var elementType: PostgresType? {
        switch self {
        case .textArray: .text
        case .uuidArray: .uuid
        case .byteaArray: .bytea
        case .int4Array: .int4
        case .int8Array: .int8
        default: nil
        }
    }

    private var hasNull: Bool {
        if case .textArray(let values) = self { values.contains(nil) } else { false }
    }

    /// `nil` for what is no array.
    var elementCount: Int? {
        switch self {
        case .textArray(let values): values.count
        case .uuidArray(let values): values.count
        case .byteaArray(let values): values.count
        case .int4Array(let values): values.count
        case .int8Array(let values): values.count
        default: nil
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
