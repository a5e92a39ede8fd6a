/// A service that may ask about tokens (RFC 6749 §2), as the database knows it.
public struct StoredClient: Sendable {
    public let id: ClientID
    public let secretDigest: Octets32
    public let createdAt: Timestamp
    public let revokedAt: Timestamp?

    public init(id: ClientID, secretDigest: Octets32, createdAt: Timestamp, revokedAt: Timestamp?) {
        self.id = id
        self.secretDigest = secretDigest
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}

/// Services with credentials of their own.
public protocol ClientStore: Sendable {
    func find(_ id: ClientID) async throws(AuthError) -> StoredClient?

    func all() async throws(AuthError) -> [StoredClient]

    /// - Returns: `false` when the id is, or was, somebody's.
    func add(_ id: ClientID, secretDigest: Octets32, event: AuditEvent) async throws(AuthError) -> Bool

    /// From now on its credential is refused, on every instance.
    ///
    /// - Returns: `false` when there is no such client, or it was revoked before.
    func revoke(_ id: ClientID, event: AuditEvent) async throws(AuthError) -> Bool

    /// Writes to the audit trail that a credential was refused.
    ///
    /// - Parameter id: whose it was to be; `nil` where that is no id.
    func recordRefusal(of id: ClientID?, event: AuditEvent) async throws(AuthError)
}
