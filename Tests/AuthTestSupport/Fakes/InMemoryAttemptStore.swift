public import AuthCore

/// Counts as ``AttemptStore`` says. A network is the address itself, and nothing is forgotten by age.
public struct InMemoryAttemptStore: AttemptStore {
    private let database: InMemoryDatabase

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public func begin(_ email: EmailAddress, policy: AttemptPolicy, excess: AuditEvent) async throws(AuthError) -> LoginAttempt {
        let now = database.clock.now()
        let outcome = try database.run { tables -> Result<LoginAttempt, AuthError> in
            let own = InMemoryDatabase.Tried(address: email.canonical, network: excess.origin.ip)
            let isKnown = tables.failures[own] != nil
            let tried = isKnown ? own : .init(address: email.canonical, network: nil)
            let failures = tables.failures[tried] ?? .init(count: 0, blockedUntil: now)
            let wait = failures.blockedUntil.map { $0 - now } ?? .seconds(86_400)
            guard wait <= .zero else { return .failure(.tooManyAttempts(retryAfter: wait)) }
            if !isKnown, let wait = tables.spend("login", policy, excess, at: now) { return .failure(.tooManyAttempts(retryAfter: wait)) }
            let count = failures.count + 1
            tables.failures[tried] = .init(count: count, blockedUntil: policy.delay(after: count).map { now + $0 })
            return .success(
                LoginAttempt(email: email, ip: excess.origin.ip, isFromKnownNetwork: isKnown, failures: count, policy: policy))
        }
        return try outcome.get()
    }

    public func withdraw(_ attempt: LoginAttempt) async throws(AuthError) {
        let now = database.clock.now()
        try database.run { tables in
            let tried = InMemoryDatabase.Tried(
                address: attempt.email.canonical, network: attempt.isFromKnownNetwork ? attempt.ip : nil)
            tables.failures[tried] = .init(count: max(0, (tables.failures[tried]?.count ?? 0) - 1), blockedUntil: now)
            tables.giveBack(attempt)
        }
    }

    public func count(_ kind: AttemptKind, policy: AttemptPolicy, excess: AuditEvent) async throws(AuthError) {
        let now = database.clock.now()
        let wait = try database.run { $0.spend(kind.rawValue, policy, excess, at: now) }
        if let wait { throw .tooManyAttempts(retryAfter: wait) }
    }

    public func unlock(_ email: EmailAddress, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> Bool {
        let now = database.clock.now()
        return try database.run { tables in
            let blocked = tables.failures.filter { $0.key.address == email.canonical && $0.value.blockedUntil.map { $0 > now } ?? true }
            for tried in blocked.keys { tables.failures[tried] = .init(count: 0, blockedUntil: now) }
            if !blocked.isEmpty { tables.record(event, user: nil, email: email.canonical) }
            return !blocked.isEmpty
        }
    }
}

extension InMemoryDatabase.Tables {
    /// - Returns: how long to wait where it was not spent.
    fileprivate mutating func spend(_ kind: String, _ policy: AttemptPolicy, _ excess: AuditEvent, at now: Timestamp) -> Duration? {
        let key = "\(kind) \(excess.origin.ip ?? "")"
        let spent = max(spentUntil[key] ?? now, now)
        guard spent <= now + policy.slack else { return spent - policy.slack - now }
        spentUntil[key] = spent + policy.interval
        if spent + policy.interval > now + policy.slack { record(excess, user: nil) }
        return nil
    }

    mutating func giveBack(_ attempt: LoginAttempt) {
        guard !attempt.isFromKnownNetwork, let spent = spentUntil["login \(attempt.ip ?? "")"] else { return }
        spentUntil["login \(attempt.ip ?? "")"] = spent - attempt.policy.interval
    }

    mutating func forgetFailures(of attempt: LoginAttempt, at now: Timestamp) {
        giveBack(attempt)
        if !attempt.isFromKnownNetwork { failures[.init(address: attempt.email.canonical, network: nil)] = nil }
        failures[.init(address: attempt.email.canonical, network: attempt.ip)] = .init(count: 0, blockedUntil: now)
    }
}
