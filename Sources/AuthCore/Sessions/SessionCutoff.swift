/// Ends every session of every account that was created before a moment.
///
/// For use after a restore from a backup: sessions that ended after the backup was made are alive again.
public struct SessionCutoff: Sendable {
    private let store: any SessionCutoffStore
    private let identifiers: IdentifierGenerator

    init(store: any SessionCutoffStore, identifiers: IdentifierGenerator) {
        self.store = store
        self.identifiers = identifiers
    }

    /// When this returns, the tokens of those sessions are dead on every instance, whether they were refreshed since or not. A moment
    /// before the cutoff changes nothing.
    ///
    /// - Parameter moment: `nil` for now, by the clock of the database.
    /// - Returns: the cutoff; `nil`, and nothing has changed, for a moment in the future.
    public func move(to moment: Timestamp?, origin: RequestOrigin) async throws(AuthError) -> Timestamp? {
        try await store.move(to: moment, event: identifiers.event(.earlierTokensRevoked, origin))
    }
}

extension AuditKind {
    /// Sessions of every account that were created before a moment were ended.
    public static let earlierTokensRevoked = AuditKind("authn_tokens_revoked_before")
}
