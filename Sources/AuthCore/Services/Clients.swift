/// Services with credentials of their own, which may ask about tokens and revoke them (RFC 7662 §2.1, RFC 7009 §2.1).
public struct Clients: Sendable {
    private let store: any ClientStore
    private let mint: TokenMint
    private let identifiers: IdentifierGenerator
    private let limits: AttemptLimits

    public init(store: any ClientStore, mint: TokenMint, identifiers: IdentifierGenerator, limits: AttemptLimits) {
        self.store = store
        self.mint = mint
        self.identifiers = identifiers
        self.limits = limits
    }

    /// - Throws: ``AuthError/invalidClient`` for an unknown one, a wrong secret and a revoked one alike, or
    ///   ``AuthError/tooManyAttempts(retryAfter:)`` where there were too many of these; ``AuthError/unavailable(cause:)``.
    public func authenticate(id: String, secret: String, origin: RequestOrigin) async throws(AuthError) -> ClientID {
        if let id = ClientID(id), let secret = ClientSecret(secret), let client = try await store.find(id),
            mint.digest(of: secret.secret).equalsInConstantTime(client.secretDigest), client.revokedAt == nil
        {
            return id
        }
        // After, not before: nobody guesses 256 bits.
        try await limits.count(.client, origin)
        try await store.recordRefusal(of: ClientID(id), event: event(.clientRefused, origin))
        throw .invalidClient
    }

    public func all() async throws(AuthError) -> [StoredClient] {
        try await store.all()
    }

    /// - Returns: the new client's secret, which nobody can be told again; `nil` when the id is, or was, somebody's.
    public func add(_ id: ClientID, origin: RequestOrigin) async throws(AuthError) -> ClientSecret? {
        let secret = ClientSecret(secret: .random())
        let isAdded = try await store.add(id, secretDigest: mint.digest(of: secret.secret), event: event(.clientCreated, origin))
        return isAdded ? secret : nil
    }

    /// - Returns: `false` when there is no such client, or it was revoked before.
    public func revoke(_ id: ClientID, origin: RequestOrigin) async throws(AuthError) -> Bool {
        try await store.revoke(id, event: event(.clientRevoked, origin))
    }

    private func event(_ kind: AuditEvent.Kind, _ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: identifiers.event(), kind: kind, origin: origin)
    }
}
