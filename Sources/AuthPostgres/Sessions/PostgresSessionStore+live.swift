public import AuthCore
import LibPQ

extension PostgresSessionStore {
    static let keyParameters: PostgresNamed<PostgresType> = ["routings": .int4Array, "sessions": .uuidArray]

    /// Values in the order of ``keyParameters``, since every request with a token passes here.
    static func keys(_ ids: [SessionID]) -> [PostgresValue] {
        [.int4Array(ids.map { id in id.routing.value }), .uuidArray(ids.map { id in id.uuid })]
    }

    /// The live ones of the sessions that were asked for: `k` the keys, `s` the sessions, `u` their accounts.
    static let fromLiveSessions = """
        FROM unnest(:routings, :sessions) WITH ORDINALITY AS k (routing, id, number)
        JOIN sessions s ON s.routing = k.routing AND s.id = k.id
        JOIN users u ON u.routing = s.routing AND u.id = s.user_id
        WHERE \(SessionCondition.isAlive("s", of: "u", byID: true))
        """

    static let findLiveSessions = PostgresStatement(
        "find_live_sessions", .readsTogether, parameters: keyParameters,
        sql: """
            SELECT \(GuardColumn.list)
            \(fromLiveSessions)
            """)

    public func findLive(_ id: SessionID) async throws(AuthError) -> LiveSession? {
        let found = try await database.runTogether(Self.findLiveSessions, Self.keys([id]), at: .key(id.routing), on: .lookups)
        return try Self.sessions([id], in: found)[0]
    }

    /// Runs the look-up for a session that does not exist.
    ///
    /// - Throws: ``AuthError/unavailable(cause:)``.
    @Sendable public func probe() async throws(AuthError) {
        let keys = Self.keys([SessionID(Self.greatestID)])
        _ = try await database.runOnAnyNode(during: Self.findLiveSessions) { shard throws(PostgresError) in
            try await shard.executeTogether(Self.findLiveSessions, keys, on: .lookups, deadline: RequestDeadline.current)
        }
    }

    public func findLive(
        _ ids: [SessionID], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<[LiveSession?], AuthError>) -> Void
    ) {
        database.runTogether(Self.findLiveSessions, Self.keys(ids), keys: { ids.map(\.routing) }, deadline: deadline) { found in
            guard let found else { return findLiveSeparately(ids, deadline: deadline, recipient: recipient) }
            recipient(found.flatMap { found in Result { () throws(AuthError) in try Self.sessions(ids, in: found) } })
        }
    }

    public func groups(of ids: () -> [SessionID]) -> [[Int]]? {
        database.shardGroups { ids().map { id in id.routing } }
    }

    private static func sessions(_ ids: [SessionID], in found: PostgresMatches) throws(AuthError) -> [LiveSession?] {
        try decoding(findLiveSessions) { () throws(PostgresError) in
            var sessions: [LiveSession?] = []
            sessions.reserveCapacity(ids.count)
            for (id, row) in zip(ids, found) { sessions.append(try row.map { row throws(PostgresError) in try LiveSession(id, row) }) }
            return sessions
        }
    }
}

/// The columns of the guard's look-up, in the order of its rows: a row is decoded by numbers, so that no name is looked up for a request.
private enum GuardColumn: Int, CaseIterable {
    case number, userID, email, registeredAt, name, createdAt, lastSeenAt, expiresAt, idleExpiresAt, ip, userAgent, generation, rotatedAt
    case accessDigest, accessExpiresAt, previousDigest, previousExpiresAt, isSightingDue, isSuccessorUnused

    static var list: String { allCases.map { column in "\(column.sql) AS \"\(column)\"" }.joined(separator: ", ") }

    /// A digest is NULL if its token has expired.
    private var sql: String {
        switch self {
        case .number: "k.number"
        case .userID: "u.id"
        case .email: "u.email"
        case .registeredAt: "u.created_at"
        case .name: "s.name"
        case .createdAt: "s.created_at"
        case .lastSeenAt: "s.last_seen_at"
        case .expiresAt: "s.expires_at"
        case .idleExpiresAt: "s.idle_expires_at"
        case .ip: "host(s.ip)"
        case .userAgent: "s.user_agent"
        case .generation: "s.generation"
        case .rotatedAt: "s.rotated_at"
        case .accessDigest: "CASE WHEN s.access_expires_at > now() THEN s.access_digest END"
        case .accessExpiresAt: "s.access_expires_at"
        case .previousDigest: "CASE WHEN s.previous_access_expires_at > now() THEN s.previous_access_digest END"
        case .previousExpiresAt: "s.previous_access_expires_at"
        case .isSightingDue: "s.last_seen_at < now() - interval '1 minute'"
        case .isSuccessorUnused: "s.generation > 1 AND s.successor_used_at IS NULL"
        }
    }
}

extension PostgresColumn {
    fileprivate static func at(_ column: GuardColumn) -> PostgresColumn { .number(column.rawValue) }
}

extension LiveSession {
    fileprivate init(_ id: SessionID, _ row: PostgresRow) throws(PostgresError) {
        let user = User(
            id: UserID(try row.uuid(.at(.userID))), email: try row.text(.at(.email)), createdAt: try row.timestamp(.at(.registeredAt)))
        let session = Session(
            id: id, name: try row.optionalText(.at(.name)), createdAt: try row.timestamp(.at(.createdAt)),
            lastSeenAt: try row.timestamp(.at(.lastSeenAt)), expiresAt: try row.timestamp(.at(.expiresAt)),
            idleExpiresAt: try row.timestamp(.at(.idleExpiresAt)), ip: try row.optionalText(.at(.ip)),
            userAgent: try row.optionalText(.at(.userAgent)))
        var unrecorded: Unrecorded = []
        if try row.bool(.at(.isSightingDue)) { unrecorded.insert(.sighting) }
        if try row.bool(.at(.isSuccessorUnused)) { unrecorded.insert(.successorUse) }
        self.init(
            user: user, session: session, generation: TokenGeneration(try row.int4(.at(.generation))),
            rotatedAt: try row.timestamp(.at(.rotatedAt)), current: try LiveToken(row, .accessDigest, .accessExpiresAt),
            previous: try LiveToken(row, .previousDigest, .previousExpiresAt), unrecorded: unrecorded)
    }
}

extension LiveSession.LiveToken {
    fileprivate init?(_ row: PostgresRow, _ digest: GuardColumn, _ expiresAt: GuardColumn) throws(PostgresError) {
        guard let digest = try row.optionalOctets32(.at(digest)) else { return nil }
        self.init(digest: digest, expiresAt: try row.timestamp(.at(expiresAt)))
    }
}
