/// What owners say of themselves, and what the service knows about them.
public struct Profiles: Sendable {
    let store: any ProfileStore
    let kit: Kit
    let history: OwnHistory
    let recent: RecentAuthentication

    init(_ store: any ProfileStore, _ kit: Kit, history: OwnHistory, recent: RecentAuthentication) {
        (self.store, self.kit, self.history, self.recent) = (store, kit, history, recent)
    }

    /// - Throws: ``AuthError/invalidToken`` if the account is gone, ``AuthError/unavailable(cause:)``.
    public func profile(of user: UserID) async throws(AuthError) -> Profile {
        guard let profile = try await store.profile(of: user) else { throw .invalidToken }
        return profile
    }

    /// Changes the fields that the change names, and no others.
    ///
    /// - Throws: ``AuthError/validationFailed(_:)``, ``AuthError/invalidToken`` if the account is gone, ``AuthError/unavailable(cause:)``.
    public func change(_ change: ProfileChange, of user: UserID, origin: RequestOrigin) async throws(AuthError) -> Profile {
        let event = kit.identifiers.event(.profileChanged, of: user.routing, origin)
        guard let profile = try await store.change(change, of: user, event: event) else { throw .invalidToken }
        return profile
    }
}

extension AuditKind {
    public static let profileChanged = AuditKind("profile_changed")
}
