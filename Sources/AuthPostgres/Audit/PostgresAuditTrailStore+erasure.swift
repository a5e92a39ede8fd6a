public import AuthCore
import LibPQ

extension PostgresAuditTrailStore: AuditErasureStore {
    /// The server's role may not read the trail, so a function of the database finds the events.
    static let eraseEvents = PostgresStatement(
        "erase_events", .writes,
        parameters: [
            "routing": .int4, "user": .uuid, "addresses": .textArray, "after_position": .int8, "limit": .int4, "event_id": .uuid,
        ],
        sql: "SELECT erased, reached FROM audit.erase(:routing, :user, :addresses, :after_position, :limit, :event_id)")

    public func erase(
        _ user: UserID, addresses: [EmailAddress], in chain: RoutingKey, after position: Int64, limit: Int, event: EventID
    ) async throws(AuthError) -> ErasureStep {
        // Some events have an address as its owner wrote it.
        let spellings = addresses.flatMap { address in [address.canonical, address.text] }
        let values: PostgresNamed<PostgresValue> = [
            "routing": .int4(chain.value), "user": .uuid(user.uuid), "addresses": .textArray(spellings),
            "after_position": .int8(position), "limit": .int4(Int32(limit)), "event_id": .uuid(event.uuid),
        ]
        let rows = try await database.run(Self.eraseEvents, values, at: .key(chain), on: .background)
        return try decoding(Self.eraseEvents) { () throws(PostgresError) in
            ErasureStep(erased: Int(try rows[0].int8("erased")), reached: try rows[0].optionalInt8("reached"))
        }
    }
}
