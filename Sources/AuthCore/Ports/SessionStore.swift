/// The token table: one row per session. Every change is one transaction, its audit row included.
public protocol SessionStore: Sendable {
    /// Opens a session. One whose epoch has passed meanwhile is born ended; where the account has more live ones than the
    /// policy allows, those idle longest are ended.
    ///
    /// - Parameter excess: the event of ending those, written only where there are any.
    /// - Returns: `nil` when the account is gone or disabled.
    func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, excess: AuditEvent
    ) async throws(AuthError) -> IssuedTimes?

    /// The session if it is live: not ended, not idle or old, its account enabled, its epoch current.
    func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession?

    /// Ends the session. Ending it again changes nothing.
    func end(_ id: SessionID, as cause: SessionEnd, event: AuditEvent) async throws(AuthError)

    /// Ends every session of the account, those being opened at this moment included.
    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError)
}
