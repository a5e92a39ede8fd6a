/// The token table: one row per session. Every change is one transaction, its audit row included.
public protocol SessionStore: Sendable {
    /// Opens a session. If the account's epoch has passed meanwhile, the session is ended already. If the account now has more live
    /// sessions than the policy allows, the surplus ones end, those idle longest.
    ///
    /// - Parameter surplusEvent: the event to record if surplus sessions end.
    /// - Returns: `nil` when the account is gone or disabled.
    func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, surplusEvent: AuditEvent
    ) async throws(AuthError) -> IssuedSession?

    /// The session if it is live: not ended, not idle or old, its account enabled, its epoch current.
    func findLive(_ id: SessionID) async throws(AuthError) -> LiveSession?

    /// ``findLive(_:)`` for many sessions together, without a task that waits.
    ///
    /// - Parameter recipient: called once, on any thread, with an entry for each id in their order; it must not take long.
    func findLive(
        _ ids: [SessionID], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<[LiveSession?], AuthError>) -> Void
    )

    /// Divides sessions into groups that are looked up together. The sessions of a group are in one shard, so a slow shard does not delay
    /// the sessions of other shards.
    ///
    /// - Returns: for each group, the positions of its sessions; `nil` if all sessions are one group.
    func groups(of ids: () -> [SessionID]) -> [[Int]]?

    /// Ends the session. Ending it again changes nothing.
    ///
    /// - Parameter notice: a mail for the owner if this ends the session; `nil` for none.
    func end(_ id: SessionID, as cause: SessionEnd, notice: NewMail?, event: AuditEvent) async throws(AuthError)

    /// Ends every session of the account, also those being opened at this moment.
    func endAll(of user: UserID, event: AuditEvent) async throws(AuthError)
}

extension SessionStore {
    /// Ends the session without a mail.
    public func end(_ id: SessionID, as cause: SessionEnd, event: AuditEvent) async throws(AuthError) {
        try await end(id, as: cause, notice: nil, event: event)
    }

    /// All sessions are one group.
    public func groups(of ids: () -> [SessionID]) -> [[Int]]? { nil }

    /// Asks ``findLive(_:)`` for each: a store that looks many up together does better, and one that changes the answer for one
    /// id changes it here too.
    public func findLive(
        _ ids: [SessionID], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<[LiveSession?], AuthError>) -> Void
    ) {
        findLiveSeparately(ids, deadline: deadline, recipient: recipient)
    }

    /// Asks ``findLive(_:)`` for each id.
    public func findLiveSeparately(
        _ ids: [SessionID], deadline: ContinuousClock.Instant,
        recipient: @escaping @Sendable (Result<[LiveSession?], AuthError>) -> Void
    ) {
        Task {
            await RequestDeadline.$current.withValue(deadline) {
                do throws(AuthError) {
                    recipient(.success(try await findLiveOneByOne(ids)))
                } catch {
                    recipient(.failure(error))
                }
            }
        }
    }

    private func findLiveOneByOne(_ ids: [SessionID]) async throws(AuthError) -> [LiveSession?] {
        let lookups = ids.map { id in
            Task { () async -> Result<LiveSession?, AuthError> in
                do throws(AuthError) { return .success(try await findLive(id)) } catch { return .failure(error) }
            }
        }
        var found: [LiveSession?] = []
        for lookup in lookups { found.append(try await lookup.value.get()) }
        return found
    }
}
