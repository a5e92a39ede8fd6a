/// The time before which every session, of any account, is dead.
public protocol SessionCutoffStore: Sendable {
    /// Moves the cutoff forward, never back. Every look-up of a session that starts after this returns judges by it.
    ///
    /// - Parameter moment: `nil` for now, by the clock of the database.
    /// - Returns: the cutoff; `nil`, and nothing has changed, for a moment in the future.
    func move(to moment: Timestamp?, event: AuditEvent) async throws(AuthError) -> Timestamp?
}
