public import AuthCore
import LibPQ

extension PostgresSessionStore {
    static let findGuarded = PostgresStatement(
        "find_guarded", .reads, parameters: [.int4, .uuid],
        sql: """
            SELECT u.id, u.email, u.created_at, s.name, s.created_at, s.last_seen_at, s.expires_at, s.idle_expires_at,
                   host(s.ip), s.user_agent, s.generation, s.rotated_at,
                   CASE WHEN s.access_expires_at > now() THEN s.access_digest END, s.access_expires_at,
                   CASE WHEN s.previous_access_expires_at > now() THEN s.previous_access_digest END, s.previous_access_expires_at,
                   s.last_seen_at < now() - interval '1 minute', s.generation > 1 AND s.successor_used_at IS NULL
            FROM sessions s
            JOIN users u ON u.routing = s.routing AND u.id = s.user_id
            WHERE s.routing = $1 AND s.id = $2
              AND s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
              AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
            """)

    public func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession? {
        let rows = try await database.run(Self.findGuarded, [.int4(id.routing.value), .uuid(id.uuid)], on: .guarding)
        guard let row = rows.first else { return nil }
        return try decoding(Self.findGuarded) { () throws(PostgresError) in try GuardedSession(id, row) }
    }
}

extension GuardedSession {
    fileprivate init(_ id: SessionID, _ row: PostgresRow) throws(PostgresError) {
        let user = User(id: UserID(try row.uuid(0)), email: try row.text(1), createdAt: try row.timestamp(2))
        let session = Session(
            id: id, name: try row.optionalText(3), createdAt: try row.timestamp(4), lastSeenAt: try row.timestamp(5),
            expiresAt: try row.timestamp(6), idleExpiresAt: try row.timestamp(7),
            ip: try row.optionalText(8), userAgent: try row.optionalText(9))
        var unrecorded: Unrecorded = []
        if try row.bool(16) { unrecorded.insert(.sighting) }
        if try row.bool(17) { unrecorded.insert(.successorUse) }
        self.init(
            user: user, session: session, generation: TokenGeneration(try row.int4(10)), rotatedAt: try row.timestamp(11),
            current: try LiveToken(row, 12), previous: try LiveToken(row, 14), unrecorded: unrecorded)
    }
}

extension GuardedSession.LiveToken {
    /// From a digest, NULL where the token is over, and the column after it.
    fileprivate init?(_ row: PostgresRow, _ column: Int) throws(PostgresError) {
        guard try row.optionalBytea(column) != nil else { return nil }
        self.init(digest: try row.octets32(column), expiresAt: try row.timestamp(column + 1))
    }
}
