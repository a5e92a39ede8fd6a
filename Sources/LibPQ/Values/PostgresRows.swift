public import FoundationEssentials

/// What a statement returned. Rows are decoded where they are used.
public struct PostgresRows: Sendable, RandomAccessCollection {
    let result: LibpqResult

    public var startIndex: Int { 0 }
    public var endIndex: Int { result.rowCount }
    /// Rows that the statement inserted, updated, deleted or selected.
    public var affectedRows: Int { result.affectedRows }

    public subscript(_ index: Int) -> PostgresRow {
        precondition(indices.contains(index))
        return PostgresRow(result: result, index: index)
    }
}

/// One row; columns by zero-based number. A NULL, or a value of another length than the type's, throws
/// ``PostgresError/decoding(_:)``; the `optional` forms return `nil` for NULL.
public struct PostgresRow: Sendable {
    let result: LibpqResult
    let index: Int

    public func bool(_ column: Int) throws(PostgresError) -> Bool { try required(optionalBool(column), column) }
    public func int4(_ column: Int) throws(PostgresError) -> Int32 { try required(optionalInt4(column), column) }
    public func int8(_ column: Int) throws(PostgresError) -> Int64 { try required(optionalInt8(column), column) }
    public func text(_ column: Int) throws(PostgresError) -> String { try required(optionalText(column), column) }
    public func bytea(_ column: Int) throws(PostgresError) -> [UInt8] { try required(optionalBytea(column), column) }
    public func uuid(_ column: Int) throws(PostgresError) -> UUID { try required(optionalUUID(column), column) }
    /// Microseconds since the Unix epoch.
    public func timestamptz(_ column: Int) throws(PostgresError) -> Int64 { try required(optionalTimestamptz(column), column) }

    public func optionalBool(_ column: Int) throws(PostgresError) -> Bool? {
        try value(column, .bool, length: 1) { $0[0] != 0 }
    }

    public func optionalInt4(_ column: Int) throws(PostgresError) -> Int32? {
        try value(column, .int4, length: 4) { Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) }
    }

    public func optionalInt8(_ column: Int) throws(PostgresError) -> Int64? {
        try value(column, .int8, length: 8) { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
    }

    public func optionalText(_ column: Int) throws(PostgresError) -> String? {
        try value(column, .text, length: nil) { String(decoding: $0, as: UTF8.self) }
    }

    public func optionalBytea(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try value(column, .bytea, length: nil) { Array($0) }
    }

    public func optionalUUID(_ column: Int) throws(PostgresError) -> UUID? {
        try value(column, .uuid, length: 16) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    public func optionalTimestamptz(_ column: Int) throws(PostgresError) -> Int64? {
        try value(column, .timestamptz, length: 8) {
            Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) &+ PostgresValue.microsecondsFromUnixToPostgresEpoch
        }
    }

    private func value<Value>(
        _ column: Int, _ type: PostgresType, length: Int?, _ decode: (UnsafeRawBufferPointer) -> Value
    ) throws(PostgresError) -> Value? {
        guard column >= 0, column < result.columnCount, result.columnType(column) == type.oid else {
            throw .decoding("column \(column): expected \(type)")
        }
        return try result.withValue(row: index, column: column) { octets throws(PostgresError) in
            guard let octets else { return nil }
            guard length == nil || octets.count == length else { throw .decoding("column \(column): length \(octets.count)") }
            return decode(octets)
        }
    }

    private func required<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else { throw .decoding("column \(column): NULL") }
        return value
    }
}
