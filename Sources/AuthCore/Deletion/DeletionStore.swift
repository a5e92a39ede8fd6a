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

    /// Accounts whose grace is over, with their addresses as their owners wrote them.
    func due(limit: Int) async throws(AuthError) -> [(user: UserID, email: String)]

    /// Removes the account with all rows that are about it or its address, except the audit trail. A second call does the rest of a first
    /// one that failed.
    ///
    /// - Returns: `false` if the account will not be deleted any more; then nothing is removed.
    func erase(_ user: UserID, email: EmailAddress, event: AuditEvent) async throws(AuthError) -> Bool
}
