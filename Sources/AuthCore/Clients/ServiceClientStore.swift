/// A service that may ask about tokens (RFC 6749 §2), as the database knows it.
public struct StoredServiceClient: Sendable {
    public let id: ServiceClientID
    public let secretDigest: Octets32
    /// The digest of the secret that was replaced, while that secret is still accepted.
    public let previousSecretDigest: Octets32?
    public let createdAt: Timestamp
    public let revokedAt: Timestamp?

    public init(
        id: ServiceClientID, secretDigest: Octets32, previousSecretDigest: Octets32? = nil, createdAt: Timestamp, revokedAt: Timestamp?
    ) {
        self.id = id
        self.secretDigest = secretDigest
        self.previousSecretDigest = previousSecretDigest
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}

/// Services with credentials of their own.
public protocol ServiceClientStore: Sendable {
    /// - Returns: `nil` if no client has the id.
    func find(_ id: ServiceClientID) async throws(AuthError) -> StoredServiceClient?

    /// All clients, in the order of their ids.
    func all() async throws(AuthError) -> [StoredServiceClient]

    /// - Returns: `false` if a client has, or had, this id.
    func add(_ id: ServiceClientID, secretDigest: Octets32, event: AuditEvent) async throws(AuthError) -> Bool

    /// Replaces the secret. The previous one is accepted during the overlap, older ones are not.
    ///
    /// - Returns: `false` if there is no such client, or it was revoked.
    func rotate(_ id: ServiceClientID, secretDigest: Octets32, overlap: Duration, event: AuditEvent) async throws(AuthError) -> Bool

    /// From now on its credential is refused, on every instance.
    ///
    /// - Returns: `false` if there is no such client, or it was revoked before.
    func revoke(_ id: ServiceClientID, event: AuditEvent) async throws(AuthError) -> Bool

    /// Writes to the audit trail that a credential was refused.
    ///
    /// - Parameter id: the id that was presented; `nil` if it was not an id.
    func recordRefusal(of id: ServiceClientID?, event: AuditEvent) async throws(AuthError)
}
