/// What a stolen token must not do is allowed only for some minutes after the login.
public struct RecentAuthentication: Sendable {
    let sessions: any RecentAuthenticationStore
    /// How long a login counts as recent.
    let limit: Duration

    /// - Throws: ``AuthError/insufficientAuthentication(maxAge:)`` if the login is too long ago, ``AuthError/unavailable(cause:)``.
    func require(_ session: SessionID) async throws(AuthError) {
        guard try await sessions.isRecent(session, within: limit) else { throw .insufficientAuthentication(maxAge: limit) }
    }
}

/// Tells when sessions were opened, by the clock of the database.
public protocol RecentAuthenticationStore: Sendable {
    /// - Returns: whether the session was opened less than `limit` ago.
    func isRecent(_ session: SessionID, within limit: Duration) async throws(AuthError) -> Bool
}
