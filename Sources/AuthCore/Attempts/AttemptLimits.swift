/// Refuses clients that guess, without telling which accounts exist and without locking their owners out.
public struct AttemptLimits: Sendable {
    private let store: any AttemptStore
    private let identifiers: IdentifierGenerator
    private let routing: RoutingKeys
    let policy: AttemptPolicy
    private let turns = KeyedQueue<[UInt8]>()

    init(store: any AttemptStore, identifiers: IdentifierGenerator, routing: RoutingKeys, policy: AttemptPolicy) {
        self.store = store
        self.identifiers = identifiers
        self.routing = routing
        self.policy = policy
    }

    /// Waits for the client's turn on the account, reserves a place in the hashing queue and counts the login as a failure.
    ///
    /// In this instance, attempts by one client on one account run one after another; otherwise a client's own undecided attempts could
    /// exhaust its limit.
    ///
    /// - Parameter device: the live session of this account whose token the client has sent.
    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/overloaded(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    ///   After the first two nothing is counted. After the last it may be, if the answer of the database got lost.
    func begin(
        _ email: EmailAddress, device: SessionID?, _ origin: RequestOrigin, with passwords: Passwords
    ) async throws(AuthError) -> UndecidedLogin {
        let turn = Array("\(email.canonical) \(device?.text ?? origin.ip ?? "")".utf8)
        try await turns.enter(turn)
        do throws(AuthError) {
            let reservation = try passwords.reserve(for: origin.ip)
            let attempt = try await store.begin(
                email, ip: origin.ip, device: device, policy: policy, limitEvent: try limitEvent(origin))
            // Its place moves before those of strangers.
            if attempt.isFromKnownClient { reservation.prefer() }
            return UndecidedLogin(attempt: attempt, reservation: reservation, turn: turn)
        } catch {
            Task { await turns.leave(turn) }
            throw error
        }
    }

    /// The login was right. The transaction that opened the session has cleared the account's failures.
    func accept(_ login: consuming UndecidedLogin) {
        let store = store
        leave(login.turn, after: login.attempt) { attempt throws(AuthError) in try await store.returnAllowance(of: attempt) }
    }

    /// The login was wrong. It stays counted.
    func refuse(_ login: consuming UndecidedLogin) async {
        await turns.leave(login.turn)
    }

    /// The login could not be decided: it is not a failure of the client.
    func withdraw(_ login: consuming UndecidedLogin) {
        let store = store
        leave(login.turn, after: login.attempt) { attempt throws(AuthError) in try await store.withdraw(attempt) }
    }

    /// In the background: the answer is known, and the time of the request is often over. Only the next caller in the queue waits.
    private func leave(
        _ turn: [UInt8], after attempt: LoginAttempt, _ body: @escaping @Sendable (LoginAttempt) async throws(AuthError) -> Void
    ) {
        Task {
            await RequestDeadline.$current.withValue(nil) { try? await body(attempt) }
            await turns.leave(turn)
        }
    }

    /// The events of a failed login in the audit trail.
    ///
    /// - Parameter account: the account's routing key; `nil` if the address has no account. Then the events have the key of the address.
    func events(of attempt: LoginAttempt, account: RoutingKey?, _ origin: RequestOrigin) throws(AuthError) -> [AuditEvent] {
        let address = try routing.key(of: attempt.email)
        var kinds: [AuditKind] = [.loginFailed]
        if attempt.failures == attempt.policy.freeFailures { kinds.append(.loginFailedMax) }
        if attempt.failures == attempt.policy.hardStop { kinds.append(.loginLocked) }
        return kinds.map { identifiers.event($0, of: account ?? address, origin) }
    }

    /// Counts an attempt of another kind.
    ///
    /// - Throws: ``AuthError/tooManyAttempts(retryAfter:)``, ``AuthError/unavailable(cause:)``.
    func count(_ kind: AttemptKind, _ origin: RequestOrigin) async throws(AuthError) {
        try await store.count(kind, ip: origin.ip, policy: policy, limitEvent: try limitEvent(origin))
    }

    /// Lets the owner try again, when an operator says so.
    ///
    /// - Returns: `false` if nothing is blocked at this address.
    public func unlock(_ email: EmailAddress, origin: RequestOrigin) async throws(AuthError) -> Bool {
        let event = identifiers.event(.loginUnlocked, of: try routing.key(of: email), origin)
        return try await store.unlock(email, policy: policy, event: event)
    }

    /// The event has the routing key of the client's networks.
    private func limitEvent(_ origin: RequestOrigin) throws(AuthError) -> AuditEvent {
        identifiers.event(.rateLimitExceeded, of: try routing.key(ofNetworksOf: origin.ip), origin)
    }
}

extension AuditKind {
    public static let loginFailed = AuditKind("authn_login_fail")
    /// The last failed login that causes no wait.
    public static let loginFailedMax = AuditKind("authn_login_fail_max")
    /// The failed login after which the account has one attempt an hour, unless an operator ends the wait.
    public static let loginLocked = AuditKind("authn_login_lock")
    public static let loginUnlocked = AuditKind("authn_login_unlock")
    /// The attempt that used up the allowance of a network.
    public static let rateLimitExceeded = AuditKind("excess_rate_limit_exceeded")
}
