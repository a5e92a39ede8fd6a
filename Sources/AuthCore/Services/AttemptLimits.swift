/// Refuses those who guess, without learning from it who has an account and without locking out who has one.
public struct AttemptLimits: Sendable {
    private let store: any AttemptStore
    private let identifiers: IdentifierGenerator
    private let policy: AttemptPolicy
    private let turns = Turns<String>()

    public init(store: any AttemptStore, identifiers: IdentifierGenerator, policy: AttemptPolicy) {
        self.store = store
        self.identifiers = identifiers
        self.policy = policy
    }

    /// Counts a login as a failure and evaluates it. One that could not be evaluated, and throws, is counted back; one that succeeds is
    /// by whoever opens its session, in the same transaction. One that was wrong stays, whatever fails after.
    ///
    /// Those of one account from one client take turns: otherwise the outcome of his own others, still open, would refuse him.
    ///
    /// - Parameter prepare: gets what `evaluate` needs, before anything is counted.
    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)`` and what `prepare` and `evaluate` throw.
    func login<Need, Value: Sendable>(
        _ email: EmailAddress, _ origin: RequestOrigin, prepare: () throws(AuthError) -> Need,
        evaluate: (LoginAttempt, Need) async throws(AuthError) -> Value
    ) async throws(AuthError) -> (LoginAttempt, Value) {
        let turn = "\(email.canonical) \(origin.ip ?? "")"
        try await turns.take(turn)
        var attempt: LoginAttempt?
        do throws(AuthError) {
            let need = try prepare()
            let begun = try await store.begin(email, policy: policy, excess: excess(origin))
            attempt = begun
            let value = try await evaluate(begun, need)
            await turns.pass(turn)
            return (begun, value)
        } catch {
            end(turn, withdrawing: attempt)
            throw error
        }
    }

    /// Nobody waits for it: the answer is known, and where it is a failure of ours its time is often over. Only the next in turn does.
    private func end(_ turn: String, withdrawing attempt: LoginAttempt?) {
        Task {
            if let attempt { await RequestDeadline.$current.withValue(nil) { try? await store.withdraw(attempt) } }
            await turns.pass(turn)
        }
    }

    /// What a failed login is in the audit trail.
    func events(of attempt: LoginAttempt, routing: RoutingKey?, _ origin: RequestOrigin) -> [AuditEvent] {
        var kinds: [AuditEvent.Kind] = [.loginFailed]
        if attempt.failures == attempt.policy.freeFailures { kinds.append(.loginFailedMax) }
        if attempt.failures == attempt.policy.hardStop { kinds.append(.loginLocked) }
        return kinds.map { kind in
            AuditEvent(id: routing.map(identifiers.event(routing:)) ?? identifiers.event(), kind: kind, origin: origin)
        }
    }

    /// Counts an attempt of another kind.
    ///
    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    func count(_ kind: AttemptKind, _ origin: RequestOrigin) async throws(AuthError) {
        try await store.count(kind, policy: policy, excess: excess(origin))
    }

    /// An operator's word that the owner may try again.
    ///
    /// - Returns: `false` where nobody is blocked at this address.
    public func unlock(_ email: EmailAddress, origin: RequestOrigin) async throws(AuthError) -> Bool {
        try await store.unlock(email, policy: policy, event: AuditEvent(id: identifiers.event(), kind: .loginUnlocked, origin: origin))
    }

    private func excess(_ origin: RequestOrigin) -> AuditEvent {
        AuditEvent(id: identifiers.event(), kind: .rateLimitExceeded, origin: origin)
    }
}
