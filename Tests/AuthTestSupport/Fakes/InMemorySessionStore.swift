public import AuthCore

public struct InMemorySessionStore: SessionStore, RefreshStore, OwnSessionStore, PasswordChangeStore, RecentAuthenticationStore {
    private let database: InMemoryDatabase

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public func create(
        _ new: NewSession, policy: SessionPolicy, event: AuditEvent, surplusEvent: AuditEvent
    ) async throws(AuthError) -> IssuedSession? {
        let now = database.clock.now()
        return try database.run { tables -> IssuedSession? in
            guard let account = tables.accounts[new.account.userID], !account.isDisabled else { return nil }
            let expiresAt = now + policy.absoluteLifetime
            let session = Session(
                id: new.id, name: new.name?.text, createdAt: now, lastSeenAt: now, expiresAt: expiresAt,
                idleExpiresAt: min(now + policy.idleLifetime, expiresAt), ip: event.origin.ip, userAgent: event.origin.userAgent)
            let stored = InMemoryDatabase.StoredSession(
                session: session, userID: account.user.id, epoch: new.account.sessionEpoch, salt: new.salt, generation: .first,
                digests: new.digests,
                accessExpiresAt: min(now + policy.accessTokenLifetime, session.idleExpiresAt), rotatedAt: now,
                isEnded: account.epoch != new.account.sessionEpoch)
            let others = tables.live(of: account.user.id, at: now).sorted {
                ($0.session.lastSeenAt, $0.id) > ($1.session.lastSeenAt, $1.id)
            }
            tables.sessions[new.id] = stored
            if let attempt = new.attempt { tables.forgetFailures(of: attempt, at: now) }
            if let rehash = new.proof.rehash, account.passwordHash == new.account.passwordHash {
                tables.accounts[account.user.id]?.passwordHash = rehash
            }
            tables.record(event, user: account.user.id, session: new.id)
            let idlest = stored.isEnded ? [] : others.dropFirst(policy.sessionsPerUser - 1)
            for session in idlest { tables.sessions[session.session.id]?.isEnded = true }
            if !idlest.isEmpty { tables.record(surplusEvent, user: account.user.id) }
            return stored.issued(for: account.user, now: now)
        }
    }

    public func findLive(_ id: SessionID) async throws(AuthError) -> LiveSession? {
        let now = database.clock.now()
        return try database.run { tables -> LiveSession? in
            guard let (stored, account) = tables.live(id, at: now) else { return nil }
            let current = LiveSession.LiveToken(digest: stored.digests.access, expiresAt: stored.accessExpiresAt)
            var unrecorded: LiveSession.Unrecorded = []
            if now - stored.session.lastSeenAt > .seconds(60) { unrecorded.insert(.sighting) }
            if stored.generation > .first, !stored.isSuccessorUsed { unrecorded.insert(.successorUse) }
            return LiveSession(
                user: account.user, session: stored.session, generation: stored.generation, rotatedAt: stored.rotatedAt,
                current: current.expiresAt > now ? current : nil,
                previous: stored.previousAccess.flatMap { $0.expiresAt > now ? $0 : nil }, unrecorded: unrecorded)
        }
    }

    public func findForRefresh(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        let now = database.clock.now()
        return try database.run { tables -> RefreshableSession? in
            tables.live(id, at: now).map { stored, account in
                RefreshableSession(
                    generation: stored.generation, refreshDigest: stored.digests.refresh, salt: stored.salt,
                    rotatedAt: stored.rotatedAt, isSuccessorUsed: stored.isSuccessorUsed, issued: stored.issued(for: account.user, now: now)
                )
            }
        }
    }

    public func rotate(_ rotation: Rotation, policy: SessionPolicy, event: AuditEvent) async throws(AuthError) -> IssuedSession? {
        let now = database.clock.now()
        return try database.run { tables -> IssuedSession? in
            guard case (var stored, let account)? = tables.live(rotation.sessionID, at: now), let next = stored.generation.next,
                stored.generation == rotation.presented, stored.digests.refresh.equalsInConstantTime(rotation.presentedDigest)
            else { return nil }
            let graceEnd = min(stored.accessExpiresAt, now + policy.refreshGrace)
            stored.previousAccess = LiveSession.LiveToken(digest: stored.digests.access, expiresAt: graceEnd)
            stored.generation = next
            stored.digests = rotation.successor
            stored.rotatedAt = now
            stored.isSuccessorUsed = false
            stored.session = stored.session.seen(now, idleUntil: min(now + policy.idleLifetime, stored.session.expiresAt))
            stored.accessExpiresAt = min(now + policy.accessTokenLifetime, stored.session.idleExpiresAt)
            let isRecorded = stored.recordsRenewal(from: event.origin, at: now, policy)
            tables.sessions[rotation.sessionID] = stored
            if isRecorded { tables.record(event, user: stored.userID, session: rotation.sessionID) }
            return stored.issued(for: account.user, now: now)
        }
    }

    public func recordRetry(of id: SessionID, generation: TokenGeneration, event: AuditEvent) async throws(AuthError) {
        try database.run { tables in
            guard let stored = tables.sessions[id], stored.retriedGeneration < generation else { return }
            tables.sessions[id]?.retriedGeneration = generation
            tables.record(event, user: stored.userID, session: id)
        }
    }

    public func end(_ id: SessionID, as cause: SessionEnd, notice: NewMail?, event: AuditEvent) async throws(AuthError) {
        try database.run { tables in
            guard let stored = tables.sessions[id], !stored.isEnded else { return }
            tables.sessions[id]?.isEnded = true
            tables.record(event, user: stored.userID, session: id)
        }
    }

    public func changePassword(_ order: PasswordChangeOrder, policy: SessionPolicy) async throws(AuthError) -> IssuedSession? {
        let (now, user) = (database.clock.now(), order.account.userID)
        return try database.run { tables -> IssuedSession? in
            guard case (var stored, let account)? = tables.live(order.session, at: now), stored.userID == user,
                account.passwordHash == order.account.passwordHash, account.epoch == order.account.sessionEpoch
            else { return nil }
            tables.accounts[user]?.passwordHash = order.passwordHash
            tables.accounts[user]?.epoch += 1
            for id in tables.sessions.keys where tables.sessions[id]?.userID == user { tables.sessions[id]?.isEnded = true }
            (stored.epoch, stored.salt, stored.digests, stored.generation) = (account.epoch + 1, order.salt, order.digests, .first)
            (stored.previousAccess, stored.rotatedAt, stored.isSuccessorUsed) = (nil, now, false)
            stored.session = stored.session.seen(now, idleUntil: min(now + policy.idleLifetime, stored.session.expiresAt))
            stored.accessExpiresAt = min(now + policy.accessTokenLifetime, stored.session.idleExpiresAt)
            tables.sessions[order.session] = stored
            tables.forgetFailures(of: order.attempt, at: now)
            tables.record(order.event, user: user, session: order.session)
            return stored.issued(for: account.user, now: now)
        }
    }

    public func isRecent(_ session: SessionID, within limit: Duration) async throws(AuthError) -> Bool {
        let now = database.clock.now()
        return try database.run { tables in tables.sessions[session].map { stored in now - stored.session.createdAt < limit } ?? false }
    }

    public func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        try database.run { tables in
            tables.accounts[user]?.epoch += 1
            for (id, stored) in tables.sessions where stored.userID == user { tables.sessions[id]?.isEnded = true }
            tables.record(event, user: user)
        }
    }

    public func live(of user: UserID, olderThan older: SessionID?, limit: Int) async throws(AuthError) -> [Session] {
        let now = database.clock.now()
        return try database.run { tables in
            let sessions = tables.live(of: user, at: now).sorted { $0.id > $1.id }.filter { older == nil || $0.id < older!.text }
            return sessions.prefix(limit).map(\.session)
        }
    }

    public func end(
        _ id: SessionID, of user: UserID, from current: SessionID, event: AuditEvent
    ) async throws(AuthError) -> Bool {
        try database.run { tables in
            guard let stored = tables.sessions[id], stored.userID == user else { return false }
            if !stored.isEnded { tables.record(event, user: user, session: id) }
            tables.sessions[id]?.isEnded = true
            return true
        }
    }

    public func endOthers(than current: SessionID, of user: UserID, event: AuditEvent) async throws(AuthError) -> Bool {
        let now = database.clock.now()
        return try database.run { tables in
            guard tables.live(current, at: now) != nil else { return false }
            tables.accounts[user]?.epoch += 1
            tables.sessions[current]?.epoch += 1
            let others = tables.sessions.filter { $0.value.userID == user && $0.key != current && !$0.value.isEnded }
            for id in others.keys { tables.sessions[id]?.isEnded = true }
            if !others.isEmpty { tables.record(event, user: user, session: current) }
            return true
        }
    }
}

extension InMemoryDatabase.Tables {
    fileprivate func live(of user: UserID, at now: Timestamp) -> [InMemoryDatabase.StoredSession] {
        sessions.keys.compactMap { live($0, at: now)?.0 }.filter { $0.userID == user }
    }
}

extension InMemoryDatabase.StoredSession {
    fileprivate var id: String { session.id.text }

    fileprivate func issued(for user: User, now: Timestamp) -> IssuedSession {
        IssuedSession(user: user, now: now, accessExpiresAt: accessExpiresAt, refreshExpiresAt: session.idleExpiresAt)
    }
}

extension Session {
    func seen(_ now: Timestamp, idleUntil: Timestamp) -> Session {
        Session(
            id: id, name: name, createdAt: createdAt, lastSeenAt: now, expiresAt: expiresAt, idleExpiresAt: idleUntil, ip: ip,
            userAgent: userAgent)
    }
}

extension Timestamp {
    static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: time.microseconds + Int64(duration / .microseconds(1)))
    }

    static func - (time: Timestamp, duration: Duration) -> Timestamp { time + duration * -1 }
}

extension InMemoryDatabase.StoredSession {
    /// - Returns: whether the renewal has a row of its own in the trail.
    fileprivate mutating func recordsRenewal(from origin: RequestOrigin, at now: Timestamp, _ policy: SessionPolicy) -> Bool {
        let isSoon = renewalRecordedAt.map { now - $0 < policy.renewalRecordInterval } ?? false
        let from = [origin.ip, origin.userAgent]
        if isSoon, renewalOrigin == from || renewalRows >= SessionPolicy.renewalRowsPerInterval {
            unrecordedRenewals += 1
            return false
        }
        if !isSoon { renewalRecordedAt = now }
        (renewalRows, renewalOrigin, unrecordedRenewals) = (isSoon ? renewalRows + 1 : 1, from, 0)
        return true
    }
}
