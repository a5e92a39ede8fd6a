/// Ends every session of every account that was created before a moment.
///
/// For use after a restore from a backup: sessions that were ended since it was taken are alive again.
public struct GlobalEpoch: Sendable {
    private let store: any EpochStore
    private let identifiers: IdentifierGenerator

    public init(store: any EpochStore, identifiers: IdentifierGenerator) {
        self.store = store
        self.identifiers = identifiers
    }

    /// When this returns, the tokens of those sessions are dead on every instance, whether they were refreshed since or not. An
    /// earlier moment than one of before changes nothing.
    ///
    /// - Parameter moment: `nil` for now, by the clock of the database.
    /// - Returns: the moment before which sessions are dead; `nil`, and nothing has changed, for one in the future.
    public func begin(at moment: Timestamp?, origin: RequestOrigin) async throws(AuthError) -> Timestamp? {
        let event = AuditEvent(id: identifiers.event(), kind: .earlierTokensRevoked, origin: origin)
        return try await store.begin(at: moment, event: event)
    }
}
