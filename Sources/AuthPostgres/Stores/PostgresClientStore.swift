public import AuthCore
import LibPQ

/// Services with credentials of their own, in `clients`.
public struct PostgresClientStore: ClientStore {
    private let database: PostgresDatabase
    private let tally: PostgresFailureTally

    public init(database: PostgresDatabase, tally: PostgresFailureTally) {
        self.database = database
        self.tally = tally
    }

    static let findClient = PostgresStatement(
        "find_client", .reads, parameters: [.text],
        sql: "SELECT id, secret_digest, created_at, revoked_at FROM clients WHERE id = $1")

    public func find(_ id: ClientID) async throws(AuthError) -> StoredClient? {
        let rows = try await database.run(Self.findClient, [.text(id.text)], on: .guarding)
        return try decoding(Self.findClient) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try StoredClient(row) }
        }
    }

    static let listClients = PostgresStatement(
        "list_clients", .reads, sql: "SELECT id, secret_digest, created_at, revoked_at FROM clients ORDER BY id")

    public func all() async throws(AuthError) -> [StoredClient] {
        let rows = try await database.run(Self.listClients, [])
        return try decoding(Self.listClients) { () throws(PostgresError) in
            try rows.map { row throws(PostgresError) in try StoredClient(row) }
        }
    }

    static let createClient = PostgresStatement(
        "create_client", .writes, parameters: AuditBinds.parameters + [.text, .bytea],
        sql: """
            WITH created AS (
                INSERT INTO clients (id, secret_digest) VALUES ($7, $8) ON CONFLICT (id) DO NOTHING RETURNING id
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'success', $4::inet, $5, $6, jsonb_build_object('client', id) FROM created
            )
            SELECT id FROM created
            """)

    public func add(_ id: ClientID, secretDigest: Octets32, event: AuditEvent) async throws(AuthError) -> Bool {
        let rows = try await database.run(Self.createClient, AuditBinds.values(event) + [.text(id.text), .octets(secretDigest)])
        return !rows.isEmpty
    }

    static let revokeClient = PostgresStatement(
        "revoke_client", .writes, parameters: AuditBinds.parameters + [.text],
        sql: """
            WITH revoked AS (
                UPDATE clients SET revoked_at = now() WHERE id = $7 AND revoked_at IS NULL RETURNING id
            ), event AS (
                INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
                SELECT $1, $2, $3, 'success', $4::inet, $5, $6, jsonb_build_object('client', id) FROM revoked
            )
            SELECT id FROM revoked
            """)

    public func revoke(_ id: ClientID, event: AuditEvent) async throws(AuthError) -> Bool {
        let rows = try await database.run(Self.revokeClient, AuditBinds.values(event) + [.text(id.text)])
        return !rows.isEmpty
    }

    static let recordRefusal = PostgresStatement(
        "record_refusal", .writes, parameters: AuditBinds.parameters + [.text],
        sql: """
            INSERT INTO audit_events (routing, id, type, outcome, ip, user_agent, request_id, details)
            VALUES ($1, $2, $3, 'failure', $4::inet, $5, $6, jsonb_strip_nulls(jsonb_build_object('client', $7)))
            """)

    public func recordRefusal(of id: ClientID?, event: AuditEvent) async throws(AuthError) {
        guard tally.admits(event) else { return }
        _ = try await database.run(Self.recordRefusal, AuditBinds.values(event) + [.optional(id?.text)])
    }
}

extension StoredClient {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        guard let id = ClientID(try row.text(0)) else { throw .decoding("column 0: no client id") }
        self.init(
            id: id, secretDigest: try row.octets32(1), createdAt: try row.timestamp(2),
            revokedAt: try row.optionalTimestamptz(3).map(Timestamp.init(microseconds:)))
    }
}
