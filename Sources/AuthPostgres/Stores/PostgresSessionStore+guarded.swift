public import AuthCore
import LibPQ

extension PostgresSessionStore {
    /// Looks up by index whatever the statistics say: a plan for a table of yesterday's size must not stay.
    static let findGuarded = PostgresStatement(
        "find_guarded", .readsTogether, parameters: [.int4Array, .uuidArray],
        sql: """
            SELECT k.number, u.id, u.email, u.created_at, s.name, s.created_at, s.last_seen_at, s.expires_at, s.idle_expires_at,
                   host(s.ip), s.user_agent, s.generation, s.rotated_at,
                   CASE WHEN s.access_expires_at > now() THEN s.access_digest END, s.access_expires_at,
                   CASE WHEN s.previous_access_expires_at > now() THEN s.previous_access_digest END, s.previous_access_expires_at,
                   s.last_seen_at < now() - interval '1 minute', s.generation > 1 AND s.successor_used_at IS NULL
            FROM unnest($1, $2) WITH ORDINALITY AS k (routing, id, number)
            JOIN sessions s ON s.routing = k.routing AND s.id = k.id
            JOIN users u ON u.routing = s.routing AND u.id = s.user_id
            WHERE s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
              AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
              AND s.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
            """)

    public func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession? {
        try Self.sessions([id], in: try await database.runTogether(Self.findGuarded, Self.keys([id]), on: .guarding))[0]
    }

    public func guarded(
        _ ids: [SessionID], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<[GuardedSession?], AuthError>) -> Void
    ) {
        database.runTogether(Self.findGuarded, Self.keys(ids), deadline: deadline) { found in
            recipient(found.flatMap { found in Result { () throws(AuthError) in try Self.sessions(ids, in: found) } })
        }
    }

    static func keys(_ ids: [SessionID]) -> [PostgresValue] {
        [.int4Array(ids.map { $0.routing.value }), .uuidArray(ids.map { $0.uuid })]
    }

    private static func sessions(_ ids: [SessionID], in found: PostgresMatches) throws(AuthError) -> [GuardedSession?] {
        try decoding(findGuarded) { () throws(PostgresError) in
            var sessions: [GuardedSession?] = []
            sessions.reserveCapacity(ids.count)
            for (id, row) in zip(ids, found) { sessions.append(try row.map { row throws(PostgresError) in try GuardedSession(id, row) }) }
            return sessions
        }
    }
}

extension GuardedSession {
    fileprivate init(_ id: SessionID, _ row: PostgresRow) throws(PostgresError) {
        let user = User(id: UserID(try row.uuid(1)), email: try row.text(2), createdAt: try row.timestamp(3))
        let session = Session(
            id: id, name: try row.optionalText(4), createdAt: try row.timestamp(5), lastSeenAt: try row.timestamp(6),
            expiresAt: try row.timestamp(7), idleExpiresAt: try row.timestamp(8),
            ip: try row.optionalText(9), userAgent: try row.optionalText(10))
        var unrecorded: Unrecorded = []
        if try row.bool(17) { unrecorded.insert(.sighting) }
        if try row.bool(18) { unrecorded.insert(.successorUse) }
        self.init(
            user: user, session: session, generation: TokenGeneration(try row.int4(11)), rotatedAt: try row.timestamp(12),
            current: try LiveToken(row, 13), previous: try LiveToken(row, 15), unrecorded: unrecorded)
    }
}

extension GuardedSession.LiveToken {
    /// From a digest, NULL where the token is over, and the column after it.
    fileprivate init?(_ row: PostgresRow, _ column: Int) throws(PostgresError) {
        guard try row.optionalBytea(column) != nil else { return nil }
        self.init(digest: try row.octets32(column), expiresAt: try row.timestamp(column + 1))
    }
}
