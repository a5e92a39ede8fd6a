/// An account's sessions as their owner manages them.
public protocol OwnSessionStore: Sendable {
    /// Live sessions of the account, newest first.
    ///
    /// - Parameter older: only those opened before this one.
    func live(of user: UserID, olderThan older: SessionID?, limit: Int) async throws(AuthError) -> [Session]

    /// Ends a session of the account from another one. Ending it again changes nothing.
    ///
    /// - Returns: whether the account has, or had, such a session.
    func end(_ id: SessionID, of user: UserID, from current: SessionID, event: AuditEvent) async throws(AuthError) -> Bool

    /// Ends every session of the account but `current`, also those being opened at this moment.
    ///
    /// - Returns: `false`, and nothing is ended, if `current` itself was ended meanwhile.
    func endOthers(than current: SessionID, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool
}
