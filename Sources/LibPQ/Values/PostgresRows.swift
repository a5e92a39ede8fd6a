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

/// A column of a row.
///
/// A name is found by comparing it with those of the row. The look-up of the guard, which every request runs, knows the number instead.
public enum PostgresColumn: Sendable, ExpressibleByStringLiteral {
    case name(StaticString)
    /// From 0.
    case number(Int)

    public init(stringLiteral name: StaticString) { self = .name(name) }
}

/// One row. A NULL, or a value of another length than the type's, throws
/// ``PostgresError/decoding(_:)``; the `optional` forms return `nil` for NULL.
public struct PostgresRow: Sendable {
    let result: LibpqResult
    let index: Int

    public func bool(_ column: PostgresColumn) throws(PostgresError) -> Bool { try required(optionalBool(column), column) }
    public func int4(_ column: PostgresColumn) throws(PostgresError) -> Int32 { try required(optionalInt4(column), column) }
    public func int8(_ column: PostgresColumn) throws(PostgresError) -> Int64 { try required(optionalInt8(column), column) }
    public func text(_ column: PostgresColumn) throws(PostgresError) -> String { try required(optionalText(column), column) }
    public func bytea(_ column: PostgresColumn) throws(PostgresError) -> [UInt8] { try required(optionalBytea(column), column) }
    public func uuid(_ column: PostgresColumn) throws(PostgresError) -> UUID { try required(optionalUUID(column), column) }
    /// Microseconds since the Unix epoch. The ends of the range mean ±infinity, or a time beyond the range.
    public func timestamptz(_ column: PostgresColumn) throws(PostgresError) -> Int64 { try required(optionalTimestamptz(column), column) }

    public func optionalBool(_ column: PostgresColumn) throws(PostgresError) -> Bool? {
        try value(column, .bool, length: 1) { $0[0] != 0 }
    }

    public func optionalInt4(_ column: PostgresColumn) throws(PostgresError) -> Int32? {
        try value(column, .int4, length: 4) { Int32(bigEndian: $0.loadUnaligned(as: Int32.self)) }
    }

    public func optionalInt8(_ column: PostgresColumn) throws(PostgresError) -> Int64? {
        try value(column, .int8, length: 8) { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
    }

    public func optionalText(_ column: PostgresColumn) throws(PostgresError) -> String? {
        try value(column, .text, length: nil) { String(decoding: $0, as: UTF8.self) }
    }

    public func optionalBytea(_ column: PostgresColumn) throws(PostgresError) -> [UInt8]? {
        try value(column, .bytea, length: nil) { Array($0) }
    }

    public func optionalUUID(_ column: PostgresColumn) throws(PostgresError) -> UUID? {
        try value(column, .uuid, length: 16) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    public func optionalTimestamptz(_ column: PostgresColumn) throws(PostgresError) -> Int64? {
        try value(column, .timestamptz, length: 8) {
            PostgresValue.unixMicroseconds(Int64(bigEndian: $0.loadUnaligned(as: Int64.self)))
        }
    }

    private func value<Value>(
        _ column: PostgresColumn, _ type: PostgresType, length: Int?, _ decode: (UnsafeRawBufferPointer) -> Value
    ) throws(PostgresError) -> Value? {
        guard let number = number(of: column), result.columnType(number) == type.oid else {
            throw .decoding("column \(name(of: column)): expected \(type)")
        }
        return try result.withValue(row: index, column: number) { octets throws(PostgresError) in
            guard let octets else { return nil }
            guard length == nil || octets.count == length else {
                throw .decoding("column \(name(of: column)): length \(octets.count)")
            }
            return decode(octets)
        }
    }

    private func number(of column: PostgresColumn) -> Int? {
        switch column {
        case .name(let name): result.column(named: name)
        case .number(let number): number >= 0 && number < result.columnCount ? number : nil
        }
    }

    /// For the text of an error.
    public func name(of column: PostgresColumn) -> String {
        switch column {
        case .name(let name): "\(name)"
        case .number(let number): result.columnName(number) ?? "\(number)"
        }
    }

    private func required<Value>(_ value: Value?, _ column: PostgresColumn) throws(PostgresError) -> Value {
        guard let value else { throw .decoding("column \(name(of: column)): NULL") }
        return value
    }
}
