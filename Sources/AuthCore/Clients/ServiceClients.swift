/// Services with credentials of their own, which may ask about tokens and revoke them (RFC 7662 §2.1, RFC 7009 §2.1).
public struct ServiceClients: Sendable {
    public let revocation: TokenRevocation
    private let store: any ServiceClientStore
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator
    private let routing: RoutingKeys
    private let limits: AttemptLimits

    init(_ store: any ServiceClientStore, _ kit: Kit, sessions: SessionStores, _ limits: AttemptLimits) {
        self.store = store
        mint = kit.mint
        identifiers = kit.identifiers
        routing = kit.routing
        self.limits = limits
        revocation = TokenRevocation(
            sessions: sessions.sessions, refreshes: sessions.refreshes, mint: kit.mint, identifiers: kit.identifiers)
    }

    /// - Throws: ``AuthError/invalidClient`` for an unknown client, a wrong secret and a revoked client alike, or
    ///   ``AuthError/tooManyAttempts(retryAfter:)`` if there were too many of these; ``AuthError/unavailable(cause:)``.
    public func authenticate(id: String, secret: String, origin: RequestOrigin) async throws(AuthError) -> ServiceClientID {
        if let id = ServiceClientID(id), let secret = ServiceClientSecret(secret), let client = try await store.find(id),
            client.accepts(try mint.digest(of: secret.secret)), client.revokedAt == nil
        {
            return id
        }
        // Counted after the check: 256 bits cannot be guessed.
        try await limits.count(.client, origin)
        try await store.recordRefusal(of: ServiceClientID(id), event: identifiers.event(.clientRefused, origin))
        throw .invalidClient
    }

    public func all() async throws(AuthError) -> [StoredServiceClient] {
        try await store.all()
    }

    /// - Returns: the new client's secret, which cannot be shown again; `nil` if a client has, or had, this id.
    public func add(_ id: ServiceClientID, origin: RequestOrigin) async throws(AuthError) -> ServiceClientSecret? {
        let secret = ServiceClientSecret(secret: .random())
        let isAdded = try await store.add(
            id, secretDigest: try mint.digest(of: secret.secret), event: try event(.clientCreated, of: id, origin))
        return isAdded ? secret : nil
    }

    /// - Parameter overlap: how long the old secret is still accepted, so that the service can switch to the new one.
    /// - Returns: the new secret, which cannot be shown again; `nil` if there is no such client, or it was revoked.
    public func rotate(_ id: ServiceClientID, overlap: Duration, origin: RequestOrigin) async throws(AuthError) -> ServiceClientSecret? {
        let secret = ServiceClientSecret(secret: .random())
        let isRotated = try await store.rotate(
            id, secretDigest: try mint.digest(of: secret.secret), overlap: overlap, event: try event(.clientRotated, of: id, origin))
        return isRotated ? secret : nil
    }

    /// - Returns: `false` if there is no such client, or it was revoked before.
    public func revoke(_ id: ServiceClientID, origin: RequestOrigin) async throws(AuthError) -> Bool {
        try await store.revoke(id, event: try event(.clientRevoked, of: id, origin))
    }

    private func event(_ kind: AuditKind, of client: ServiceClientID, _ origin: RequestOrigin) throws(AuthError) -> AuditEvent {
        identifiers.event(kind, of: try routing.key(of: client), origin)
    }
}

extension StoredServiceClient {
    /// Always compares with both secrets, even if the first one matches.
    fileprivate func accepts(_ digest: Octets32) -> Bool {
        let isCurrent = digest.equalsInConstantTime(secretDigest)
        let isPrevious = previousSecretDigest.map(digest.equalsInConstantTime) ?? false
        return isCurrent || isPrevious
    }
}

extension AuditKind {
    public static let clientCreated = AuditKind("client_created")
    public static let clientRotated = AuditKind("client_secret_rotated")
    public static let clientRevoked = AuditKind("client_revoked")
    /// The credential of a service is wrong, unknown or revoked.
    public static let clientRefused = AuditKind("client_authn_fail")
}
