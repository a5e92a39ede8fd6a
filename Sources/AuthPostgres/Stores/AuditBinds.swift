import AuthCore
import LibPQ

/// Every statement that writes an event begins with these parameters:
/// `$1` routing, `$2` event id, `$3` type, `$4` IP address, `$5` user agent, `$6` request id.
enum AuditBinds {
    static let parameters: [PostgresType] = [.int4, .uuid, .text, .text, .text, .text]

    /// The same for a statement that runs for many items.
    static let itemParameters: [PostgresType] = [.int4Array, .uuidArray, .textArray, .textArray, .textArray, .textArray]

    static func items(_ events: [AuditEvent]) -> [PostgresValue] {
        [
            .int4Array(events.map(\.id.routing.value)), .uuidArray(events.map(\.id.uuid)), .textArray(events.map(\.kind.rawValue)),
            .textArray(events.map(\.origin.ip)), .textArray(events.map(\.origin.userAgent)), .textArray(events.map(\.origin.requestID)),
        ]
    }

    static func values(_ event: AuditEvent) -> [PostgresValue] {
        [
            .int4(event.id.routing.value), .uuid(event.id.uuid), .text(event.kind.rawValue),
            .optional(event.origin.ip), .optional(event.origin.userAgent), .text(event.origin.requestID),
        ]
    }
}

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
    func timestamp(_ column: Int) throws(PostgresError) -> Timestamp {
        Timestamp(microseconds: try timestamptz(column))
    }

    func octets32(_ column: Int) throws(PostgresError) -> Octets32 {
        guard let octets = Octets32(try bytea(column)) else { throw .decoding("column \(column): expected 32 octets") }
        return octets
    }
}
