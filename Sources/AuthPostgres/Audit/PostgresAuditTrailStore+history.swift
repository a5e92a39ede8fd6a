public import AuthCore
import FoundationEssentials
import LibPQ

extension PostgresAuditTrailStore: OwnHistoryStore {
    /// The server's role may not read the trail, so a function of the database returns the events of the account.
    static let findHistory = PostgresStatement(
        "find_history", .reads,
        parameters: [
            "routing": .int4, "user": .uuid, "ceiling": .int8, "before": .timestamptz, "before_id": .uuid, "portion": .int4, "limit": .int4,
        ],
        sql: """
            SELECT top, bottom, start, is_recent, id, occurred_at, type, outcome, session_id, ip, user_agent, reason, count, failures,
                   renewals, position, volume, sealed_at, hash
            FROM audit.history(:routing, :user, :ceiling, :before, :before_id, :portion, :limit)
            """)

    public func history(
        of user: UserID, after cursor: HistoryCursor?, portion: Int, limit: Int
    ) async throws(AuthError) -> HistoryPortion {
        let mark = cursor?.mark
        let values: PostgresNamed<PostgresValue> = [
            "routing": .int4(user.routing.value), "user": .uuid(user.uuid), "ceiling": cursor.map { .int8($0.ceiling) } ?? .null,
            "before": mark.map { .timestamptz(microseconds: $0.occurredAt.microseconds) } ?? .null,
            "before_id": mark.map { .uuid($0.id.uuid) } ?? .null, "portion": .int4(Int32(portion)), "limit": .int4(Int32(limit)),
        ]
        let rows = try await database.run(Self.findHistory, values, at: .key(user.routing))
        return try decoding(Self.findHistory) { () throws(PostgresError) in
            guard let first = rows.first else { return HistoryPortion(top: 0, bottom: 0, start: 0) }
            var found = HistoryPortion(top: try first.int8("top"), bottom: try first.int8("bottom"), start: try first.int8("start"))
            for row in rows {
                guard let id = try row.optionalUUID("id") else { continue }
                let event = try OwnEvent(EventID(id), row, chain: user.routing)
                if try row.bool("is_recent") { found.recent.append(event) } else { found.sealed.append(event) }
            }
            return found
        }
    }
}

extension OwnEvent {
    fileprivate init(_ id: EventID, _ row: PostgresRow, chain: RoutingKey) throws(PostgresError) {
        self.init(
            id: id, type: try row.text("type"), outcome: try row.text("outcome"), occurredAt: try row.timestamp("occurred_at"),
            source: (
                try row.optionalText("ip"), try row.optionalText("user_agent"), try row.optionalUUID("session_id").map(SessionID.init)
            ),
            details: Details(
                reason: try row.optionalText("reason"), count: try row.optionalInt8("count"), failures: try row.optionalInt8("failures"),
                renewals: try row.optionalInt8("renewals")),
            receipt: try Receipt(row, chain: chain))
    }
}

extension OwnEvent.Receipt {
    /// `nil` for an event that is not sealed.
    fileprivate init?(_ row: PostgresRow, chain: RoutingKey) throws(PostgresError) {
        guard let position = try row.optionalInt8("position") else { return nil }
        self.init(
            chain: chain, position: position, volume: try row.int4("volume"), sealedAt: try row.timestamp("sealed_at"),
            hash: try row.text("hash"))
    }
}
