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

    /// ``guarded(_:)`` for many at once and without a task that waits.
    ///
    /// - Parameter recipient: called once, on any thread, with an entry for each id in their order; it must not take long.
    func guarded(
        _ ids: [SessionID], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<[GuardedSession?], AuthError>) -> Void
    )

    /// Ends the session. Ending it again changes nothing.
    func end(_ id: SessionID, as cause: SessionEnd, event: AuditEvent) async throws(AuthError)

    /// Ends every session of the account, those being opened at this moment included.
    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError)
}

extension SessionStore {
    /// Asks ``guarded(_:)`` for each: a store that looks many up at once does better, and one that changes the answer for one
    /// id changes it here too.
    public func guarded(
        _ ids: [SessionID], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<[GuardedSession?], AuthError>) -> Void
    ) {
        Task {
            await RequestDeadline.$current.withValue(deadline) {
                do throws(AuthError) {
                    recipient(.success(try await guardedOneByOne(ids)))
                } catch {
                    recipient(.failure(error))
                }
            }
        }
    }

    private func guardedOneByOne(_ ids: [SessionID]) async throws(AuthError) -> [GuardedSession?] {
        let lookups = ids.map { id in
            Task { () async -> Result<GuardedSession?, AuthError> in
                do throws(AuthError) { return .success(try await guarded(id)) } catch { return .failure(error) }
            }
        }
        var found: [GuardedSession?] = []
        for lookup in lookups { found.append(try await lookup.value.get()) }
        return found
    }
}
