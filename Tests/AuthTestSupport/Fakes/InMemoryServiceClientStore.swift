public import AuthCore

public struct InMemoryServiceClientStore: ServiceClientStore {
    private let database: InMemoryDatabase

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public func find(_ id: ServiceClientID) async throws(AuthError) -> StoredServiceClient? {
        try database.run { $0.clients[id] }
    }

    public func all() async throws(AuthError) -> [StoredServiceClient] {
        try database.run { $0.clients.values.sorted { $0.id.text < $1.id.text } }
    }

    public func add(_ id: ServiceClientID, secretDigest: Octets32, event: AuditEvent) async throws(AuthError) -> Bool {
        let now = database.clock.now()
        return try database.run { tables in
            guard tables.clients[id] == nil else { return false }
            tables.clients[id] = StoredServiceClient(id: id, secretDigest: secretDigest, createdAt: now, revokedAt: nil)
            tables.record(event, user: nil)
            return true
        }
    }

    /// The overlap has no end here: nothing in the domain judges by it.
    public func rotate(
        _ id: ServiceClientID, secretDigest: Octets32, overlap: Duration, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        try database.run { tables in
            guard let client = tables.clients[id], client.revokedAt == nil else { return false }
            tables.clients[id] = StoredServiceClient(
                id: id, secretDigest: secretDigest, previousSecretDigest: overlap > .zero ? client.secretDigest : nil,
                createdAt: client.createdAt, revokedAt: nil)
            tables.record(event, user: nil)
            return true
        }
    }

    public func revoke(_ id: ServiceClientID, event: AuditEvent) async throws(AuthError) -> Bool {
        let now = database.clock.now()
        return try database.run { tables in
            guard let client = tables.clients[id], client.revokedAt == nil else { return false }
            tables.clients[id] = StoredServiceClient(id: id, secretDigest: client.secretDigest, createdAt: client.createdAt, revokedAt: now)
            tables.record(event, user: nil)
            return true
        }
    }

    public func recordRefusal(of id: ServiceClientID?, event: AuditEvent) async throws(AuthError) {
        try database.run { $0.record(event, user: nil) }
    }
}
