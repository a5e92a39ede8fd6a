public import AuthCore

/// Counts as ``AttemptStore`` says. A network is the address itself, and nothing is forgotten by age.
public struct InMemoryAttemptStore: AttemptStore {
    private let database: InMemoryDatabase

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public func begin(
        _ email: EmailAddress, ip: String?, device: SessionID?, policy: AttemptPolicy, limitEvent: AuditEvent
    ) async throws(AuthError) -> LoginAttempt {
        let now = database.clock.now()
        let outcome = try database.run { tables -> Result<LoginAttempt, AuthError> in
            let own = InMemoryDatabase.Tried(address: email.canonical, network: device?.text ?? ip)
            let isKnown = device != nil || tables.failures[own] != nil
            let tried = isKnown ? own : .init(address: email.canonical, network: nil)
            let failures = tables.failures[tried] ?? .init(count: 0, blockedUntil: now)
            let wait = max(failures.blockedUntil, (tables.loginsSpentUntil[own] ?? now) - policy.loginSlack) - now
            guard wait <= .zero else { return .failure(.tooManyAttempts(retryAfter: wait)) }
            if !isKnown, let wait = tables.spend("login", ip, policy, limitEvent, at: now) {
                return .failure(.tooManyAttempts(retryAfter: wait))
            }
            let count = failures.count + 1
            tables.failures[tried] = .init(count: count, blockedUntil: now + policy.delay(after: count))
            return .success(
                LoginAttempt(
                    email: email, ip: ip, networks: limitEvent.id.routing, device: device, isFromKnownClient: isKnown, failures: count,
                    policy: policy))
        }
        return try outcome.get()
    }

    public func withdraw(_ attempt: LoginAttempt) async throws(AuthError) {
        let now = database.clock.now()
        try database.run { tables in
            let tried = InMemoryDatabase.Tried(
                address: attempt.email.canonical, network: attempt.isFromKnownClient ? attempt.device?.text ?? attempt.ip : nil)
            tables.failures[tried] = .init(count: max(0, (tables.failures[tried]?.count ?? 0) - 1), blockedUntil: now)
            tables.giveBack(attempt)
        }
    }

    public func returnAllowance(of attempt: LoginAttempt) async throws(AuthError) {
        try database.run { $0.giveBack(attempt) }
    }

    public func count(_ kind: AttemptKind, ip: String?, policy: AttemptPolicy, limitEvent: AuditEvent) async throws(AuthError) {
        let now = database.clock.now()
        let wait = try database.run { $0.spend(kind.rawValue, ip, policy, limitEvent, at: now) }
        if let wait { throw .tooManyAttempts(retryAfter: wait) }
    }

    public func unlock(_ email: EmailAddress, policy: AttemptPolicy, event: AuditEvent) async throws(AuthError) -> Bool {
        let now = database.clock.now()
        return try database.run { tables in
            let blocked = tables.failures.filter { $0.key.address == email.canonical && $0.value.blockedUntil > now }
            for tried in blocked.keys { tables.failures[tried] = .init(count: 0, blockedUntil: now) }
            if !blocked.isEmpty { tables.record(event, user: nil, email: email.canonical) }
            return !blocked.isEmpty
        }
    }
}

extension InMemoryDatabase.Tables {
    /// - Returns: how long to wait where it was not spent.
    fileprivate mutating func spend(
        _ kind: String, _ ip: String?, _ policy: AttemptPolicy, _ limitEvent: AuditEvent, at now: Timestamp
    ) -> Duration? {
        let key = "\(kind) \(ip ?? "")"
        let spent = max(spentUntil[key] ?? now, now)
        guard spent <= now + policy.slack else { return spent - policy.slack - now }
        spentUntil[key] = spent + policy.interval
        if spent + policy.interval > now + policy.slack { record(limitEvent, user: nil) }
        return nil
    }

    fileprivate mutating func giveBack(_ attempt: LoginAttempt) {
        guard !attempt.isFromKnownClient, let spent = spentUntil["login \(attempt.ip ?? "")"] else { return }
        spentUntil["login \(attempt.ip ?? "")"] = spent - attempt.policy.interval
    }

    mutating func forgetFailures(of attempt: LoginAttempt, at now: Timestamp) {
        let (address, own) = (attempt.email.canonical, InMemoryDatabase.Tried(address: attempt.email.canonical, network: attempt.ip))
        if !attempt.isFromKnownClient { failures[.init(address: address, network: nil)] = nil }
        if let device = attempt.device { failures[.init(address: address, network: device.text)] = nil }
        if attempt.device == nil || failures[own] == nil { failures[own] = .init(count: 0, blockedUntil: now) }
        loginsSpentUntil[own] = max(loginsSpentUntil[own] ?? now, now) + attempt.policy.interval
    }

    /// With the account of this address everything that was tried there before is forgotten, and its network is known.
    mutating func welcomeOwner(of address: String, from ip: String?, at now: Timestamp) {
        for tried in failures.keys where tried.address == address { failures[tried] = nil }
        failures[.init(address: address, network: ip)] = .init(count: 0, blockedUntil: now)
    }
}
