/// The mark over all accounts before which every session is dead.
public protocol EpochStore: Sendable {
    /// Moves the mark forward, never back. Every look-up of a session that starts after this returns judges by it.
    ///
    /// - Parameter moment: `nil` for now, by the clock of the database.
    /// - Returns: where the mark is; `nil`, and nothing has changed, for a moment in the future.
    func begin(at moment: Timestamp?, event: AuditEvent) async throws(AuthError) -> Timestamp?
}
