import AuthCore

/// The stores that are tested only on PostgreSQL: for operators, for retention, for the audit trail, and for what owners change. No
/// statement finds a connection.
struct AbsentStore: AccountAdministrationStore, SessionCutoffStore, AuditTrailStore, AuditErasureStore, OwnHistoryStore, RetentionStore {
    func fail() throws(AuthError) -> Never { throw .unavailable(cause: "no such store in memory") }

    func find(_ email: EmailAddress) async throws(AuthError) -> AccountRecord? { try fail() }
    func disable(
        _ user: UserID, for duration: Duration?, notice: NewMail?, note: AdministrationNote, event: AuditEvent
    ) async throws(AuthError) -> Bool { try fail() }
    func enable(_ user: UserID, note: AdministrationNote, event: AuditEvent) async throws(AuthError) -> Bool { try fail() }
    func list(after last: UserID?, limit: Int) async throws(AuthError) -> [AccountState] { try fail() }
    func rename(_ user: UserID, to email: EmailAddress, note: AdministrationNote, event: AuditEvent) async throws(AuthError) -> Bool {
        try fail()
    }

    func move(to moment: Timestamp?, event: AuditEvent) async throws(AuthError) -> Timestamp? { try fail() }

    func seal(limit: Int) async throws(AuthError) -> Int { try fail() }
    func chains(retention: Duration) async throws(AuthError) -> [AuditChain] { try fail() }
    func check(after event: CheckedEvent?, limit: Int) async throws(AuthError) -> CheckedPortion { try fail() }
    func pending() async throws(AuthError) -> PendingEvents { try fail() }
    func head() async throws(AuthError) -> SealHead { try fail() }
    func holds(_ head: SealHead) async throws(AuthError) -> Bool { try fail() }
    func erase(
        _ user: UserID, addresses: [EmailAddress], in chain: RoutingKey, after position: Int64, limit: Int, event: EventID
    ) async throws(AuthError) -> ErasureStep { try fail() }
    func history(
        of user: UserID, after cursor: HistoryCursor?, portion: Int, limit: Int
    ) async throws(AuthError) -> HistoryPortion { try fail() }

    func removeSessions(
        createdBefore creation: Duration, deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep { try fail() }
    func removeMails(
        finishedFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep { try fail() }
    func removeTokens(
        deadFor age: Duration, after key: RetentionStep.PrimaryKey?, limit: Int
    ) async throws(AuthError) -> RetentionStep { try fail() }
    func removeHeldAddresses(freeFor age: Duration, limit: Int) async throws(AuthError) -> RetentionStep { try fail() }
    func openVolume(longest: Duration) async throws(AuthError) { try fail() }
    func removeEvents(olderThan age: Duration) async throws(AuthError) -> RetentionStep { try fail() }
    func removeAttempts(limit: Int) async throws(AuthError) -> RetentionStep { try fail() }
    func record(removed count: Int, event: AuditEvent) async throws(AuthError) { try fail() }
}
