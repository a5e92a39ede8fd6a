public import AuthCore
import LibPQ

/// Services with credentials of their own, in `clients`.
public struct PostgresServiceClientStore: ServiceClientStore {
    private let database: PostgresDatabase
    private let tally: PostgresFailureTally

    public init(database: PostgresDatabase, tally: PostgresFailureTally) {
        self.database = database
        self.tally = tally
    }

    static let statements = [findClient, listClients, createClient, rotateClient, revokeClient, recordRefusal]

    private static let columns = """
        id, secret_digest, created_at, revoked_at,
        CASE WHEN previous_secret_expires_at > now() THEN previous_secret_digest END AS previous_secret_digest
        """

    static let findClient = PostgresStatement(
        "find_client", .reads, parameters: ["client": .text],
        sql: "SELECT \(columns) FROM clients WHERE routing = address_routing(:client) AND id = :client")

    public func find(_ id: ServiceClientID) async throws(AuthError) -> StoredServiceClient? {
        let rows = try await database.run(Self.findClient, ["client": .text(id.text)], at: .client(id), on: .lookups)
        return try decoding(Self.findClient) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try StoredServiceClient(row) }
        }
    }

    static let listClients = PostgresStatement(
        "list_clients", .reads, sql: "SELECT \(columns) FROM clients")

    public func all() async throws(AuthError) -> [StoredServiceClient] {
        let results = try await database.runOnAllShards(Self.listClients)
        let clients = try decoding(Self.listClients) { () throws(PostgresError) in
            var clients: [StoredServiceClient] = []
            for rows in results { for row in rows { clients.append(try StoredServiceClient(row)) } }
            return clients
        }
        return clients.sorted { left, right in left.id.text.utf8.lexicographicallyPrecedes(right.id.text.utf8) }
    }

    static let createClient = PostgresStatement(
        "create_client", .writes, parameters: AuditColumns.parameters + ["client": .text, "secret_digest": .bytea],
        sql: """
            WITH created AS (
                INSERT INTO clients (routing, id, secret_digest) VALUES (:routing, :client, :secret_digest)
                ON CONFLICT (id, routing) DO NOTHING
                RETURNING id
            ), event AS (
                \(AuditColumns.insert(details: "jsonb_build_object('client', id)", from: "created"))
            )
            SELECT id FROM created
            """)

    public func add(_ id: ServiceClientID, secretDigest: Octets32, event: AuditEvent) async throws(AuthError) -> Bool {
        let rows = try await database.run(
            Self.createClient, AuditColumns.values(event) + ["client": .text(id.text), "secret_digest": .octets(secretDigest)],
            at: .client(id))
        return !rows.isEmpty
    }

    static let rotateClient = PostgresStatement(
        "rotate_client", .writes, parameters: AuditColumns.parameters + ["client": .text, "secret_digest": .bytea, "overlap": .int8],
        sql: """
            WITH rotated AS (
                UPDATE clients
                SET secret_digest = :secret_digest, previous_secret_digest = secret_digest,
                    previous_secret_expires_at = now() + :overlap * interval '1 microsecond'
                WHERE routing = :routing AND id = :client AND revoked_at IS NULL
                RETURNING id, previous_secret_expires_at
            ), event AS (
                \(AuditColumns.insert(
                    details: "jsonb_build_object('client', id, 'previous_until', previous_secret_expires_at)", from: "rotated"))
            )
            SELECT id FROM rotated
            """)

    public func rotate(
        _ id: ServiceClientID, secretDigest: Octets32, overlap: Duration, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        let values: PostgresNamed<PostgresValue> = [
            "client": .text(id.text), "secret_digest": .octets(secretDigest), "overlap": .microseconds(overlap),
        ]
        return try await !database.run(Self.rotateClient, AuditColumns.values(event) + values, at: .client(id)).isEmpty
    }

    static let revokeClient = PostgresStatement(
        "revoke_client", .writes, parameters: AuditColumns.parameters + ["client": .text],
        sql: """
            WITH revoked AS (
                UPDATE clients SET revoked_at = now() WHERE routing = :routing AND id = :client AND revoked_at IS NULL RETURNING id
            ), event AS (
                \(AuditColumns.insert(details: "jsonb_build_object('client', id)", from: "revoked"))
            )
            SELECT id FROM revoked
            """)

    public func revoke(_ id: ServiceClientID, event: AuditEvent) async throws(AuthError) -> Bool {
        let rows = try await database.run(Self.revokeClient, AuditColumns.values(event) + ["client": .text(id.text)], at: .client(id))
        return !rows.isEmpty
    }

    static let recordRefusal = PostgresStatement(
        "record_refusal", .writes, parameters: AuditColumns.parameters + ["client": .text],
        sql: AuditColumns.insert(
            outcome: "'failure'", details: "jsonb_strip_nulls(jsonb_build_object('client', :client))"))

    public func recordRefusal(of id: ServiceClientID?, event: AuditEvent) async throws(AuthError) {
        guard tally.admits(event) else { return }
        _ = try await database.run(
            Self.recordRefusal, AuditColumns.values(event) + ["client": .optional(id?.text)], at: .key(event.id.routing))
    }
}

extension StoredServiceClient {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        guard let id = ServiceClientID(try row.text("id")) else { throw .decoding("column id: no client id") }
        self.init(
            id: id, secretDigest: try row.octets32("secret_digest"),
            previousSecretDigest: try row.optionalOctets32("previous_secret_digest"), createdAt: try row.timestamp("created_at"),
            revokedAt: try row.optionalTimestamp("revoked_at"))
    }
}
