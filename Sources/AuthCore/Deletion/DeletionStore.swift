/// Accounts that their owners delete.
public protocol DeletionStore: Sendable {
    /// Ends all sessions and refuses logins from now on, queues the notice and writes the event, in one transaction.
    ///
    /// - Returns: the end of the grace; `nil` if the account is gone, disabled, or will be deleted already.
    func schedule(_ user: UserID, grace: Duration, notice: NewMail?, event: AuditEvent) async throws(AuthError) -> Timestamp?

    /// Redeems the token and keeps the account, in one transaction with the event.
    ///
    /// - Returns: `false` if the token does not work, or if the account will not be deleted.
    func restore(_ token: PresentedOneTimeToken, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool

    /// Ends the grace of the account, and all its sessions. From then on it is due, and nobody can restore it.
    ///
    /// - Returns: `false` if the account is gone.
    func condemn(_ user: UserID) async throws(AuthError) -> Bool

    /// The accounts whose grace is over, those first that have waited longest. There may be more than `limit` if the data is divided.
    func due(limit: Int) async throws(AuthError) -> [UserID]

    /// The address of the account, and the earlier ones that are held for it, in canonical form or as the owner wrote them.
    func addresses(of user: UserID) async throws(AuthError) -> [String]

    /// Removes an account that is due, with all rows that are about it or its addresses, except the audit trail. A second call does the rest
    /// of a first one that failed.
    ///
    /// - Returns: `false` if the account is gone. Then no event was written.
    func erase(_ user: UserID, addresses: [EmailAddress], event: AuditEvent) async throws(AuthError) -> Bool
}
