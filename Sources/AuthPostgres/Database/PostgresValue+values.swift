import AuthCore
import LibPQ

extension PostgresValue {
    static func optional(_ text: String?) -> PostgresValue { text.map(PostgresValue.text) ?? .null }

    static func octets(_ octets: Octets32) -> PostgresValue { .bytea(octets.array) }

    static func microseconds(_ duration: Duration) -> PostgresValue { .int8(duration.inMicroseconds) }
}

extension Duration {
    var inMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}

extension PostgresRow {
    func timestamp(_ column: PostgresColumn) throws(PostgresError) -> Timestamp {
        Timestamp(microseconds: try timestamptz(column))
    }

    func optionalTimestamp(_ column: PostgresColumn) throws(PostgresError) -> Timestamp? {
        try optionalTimestamptz(column).map(Timestamp.init(microseconds:))
    }

    func octets32(_ column: PostgresColumn) throws(PostgresError) -> Octets32 {
        guard let octets = try optionalOctets32(column) else { throw .decoding("column \(name(of: column)): NULL") }
        return octets
    }

    func optionalOctets32(_ column: PostgresColumn) throws(PostgresError) -> Octets32? {
        guard let bytea = try optionalBytea(column) else { return nil }
        guard let octets = Octets32(bytea) else { throw .decoding("column \(name(of: column)): expected 32 octets") }
        return octets
    }
}
