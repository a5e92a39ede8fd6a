import AuthCore
import LibPQ

/// The columns of `audit_pending` that a statement fills. Their list stands here once.
enum AuditColumns {
    /// Every statement that writes an event begins with these parameters.
    static let parameters: PostgresNamed<PostgresType> = [
        "routing": .int4, "event_id": .uuid, "event_type": .text, "ip": .text, "user_agent": .text, "request_id": .text,
    ]

    static func values(_ event: AuditEvent) -> PostgresNamed<PostgresValue> {
        [
            "routing": .int4(event.id.routing.value), "event_id": .uuid(event.id.uuid), "event_type": .text(event.kind.rawValue),
            "ip": .optional(event.origin.ip), "user_agent": .optional(event.origin.userAgent),
            "request_id": .text(event.origin.requestID),
        ]
    }

    /// The same for a statement that runs for many items: each parameter has one element for each item.
    static let itemParameters: PostgresNamed<PostgresType> = [
        "routings": .int4Array, "event_ids": .uuidArray, "event_types": .textArray, "ips": .textArray, "user_agents": .textArray,
        "request_ids": .textArray,
    ]

    /// Values in the order of ``itemParameters``.
    static func items(_ events: [AuditEvent]) -> [PostgresValue] {
        [
            .int4Array(events.map(\.id.routing.value)), .uuidArray(events.map(\.id.uuid)), .textArray(events.map(\.kind.rawValue)),
            .textArray(events.map(\.origin.ip)), .textArray(events.map(\.origin.userAgent)), .textArray(events.map(\.origin.requestID)),
        ]
    }

    /// Where a statement has its events from.
    enum Source {
        /// The ``parameters``; the event's id and type are `:event_id` and `:event_type`, or those of another name.
        case parameters(event: String = "event")
        /// The columns `routing`, `event_id`, `event_type`, `ip`, `user_agent` and `request_id` of a row for each item.
        case row
    }

    /// SQL that writes an event for each row of a source, or one event if there is no source.
    ///
    /// - Parameters:
    ///   - source: what fills the columns that every event has.
    ///   - outcome: SQL for `'success'` or `'failure'`, as are the next ones for their columns.
    ///   - rows: what follows `FROM`.
    static func insert(
        _ source: Source = .parameters(), outcome: String = "'success'", user: String = "NULL", session: String = "NULL",
        details: String = "'{}'", from rows: String? = nil
    ) -> String {
        let (mark, event) = source.names
        return """
            INSERT INTO audit_pending (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id, details)
            SELECT \(mark)routing, \(mark)\(event)_id, \(mark)\(event)_type, \(outcome), \(user), \(session),
                   \(mark)ip::inet, \(mark)user_agent, \(mark)request_id, \(details)
            \(rows.map { rows in "FROM \(rows)" } ?? "")
            """
    }
}

extension AuditColumns.Source {
    fileprivate var names: (mark: String, event: String) {
        switch self {
        case .parameters(let event): (":", event)
        case .row: ("", "event")
        }
    }
}
