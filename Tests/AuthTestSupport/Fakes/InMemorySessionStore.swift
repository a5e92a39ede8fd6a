public import AuthCore

public struct InMemorySessionStore: SessionStore {
    private let database: InMemoryDatabase

    public init(database: InMemoryDatabase) {
        self.database = database
    }

    public func create(_ new: NewSession, policy: SessionPolicy, event: AuditEvent) async throws(AuthError) -> IssuedTimes? {
        let now = database.clock.now()
        return try database.run { tables -> IssuedTimes? in
            guard let account = tables.accounts[new.userID], !account.isDisabled else { return nil }
            let expiresAt = now + policy.absoluteLifetime
            let session = Session(
                id: new.id, name: new.name, createdAt: now, lastSeenAt: now, expiresAt: expiresAt,
                idleExpiresAt: min(now + policy.idleLifetime, expiresAt), ip: event.origin.ip, userAgent: event.origin.userAgent)
            let stored = InMemoryDatabase.StoredSession(
                session: session, userID: new.userID, epoch: new.epoch, salt: new.salt, generation: .first, digests: new.digests,
                accessExpiresAt: min(now + policy.accessTokenLifetime, session.idleExpiresAt), isEnded: account.epoch != new.epoch)
            tables.sessions[new.id] = stored
            if let rehashed = new.rehashed, account.passwordHash == rehashed.old {
                tables.accounts[new.userID]?.passwordHash = rehashed.new
            }
            tables.record(event, user: new.userID, session: new.id)
            return stored.times(for: account.user, now: now)
        }
    }

    public func guarded(_ id: SessionID) async throws(AuthError) -> GuardedSession? {
        let now = database.clock.now()
        return try database.run { tables -> GuardedSession? in
            guard let (stored, account) = tables.live(id, at: now), stored.accessExpiresAt > now else { return nil }
            return GuardedSession(
                authenticated: AuthenticatedSession(user: account.user, session: stored.session),
                generation: stored.generation, accessDigest: stored.digests.access)
        }
    }

    public func refreshable(_ id: SessionID) async throws(AuthError) -> RefreshableSession? {
        let now = database.clock.now()
        return try database.run { tables -> RefreshableSession? in
            tables.live(id, at: now).map { stored, _ in
                RefreshableSession(generation: stored.generation, refreshDigest: stored.digests.refresh, salt: stored.salt)
            }
        }
    }

    public func rotate(_ rotation: Rotation, policy: SessionPolicy, event: AuditEvent) async throws(AuthError) -> IssuedTimes? {
        let now = database.clock.now()
        return try database.run { tables -> IssuedTimes? in
            guard case (var stored, let account)? = tables.live(rotation.sessionID, at: now), let next = stored.generation.next,
                stored.generation == rotation.presented, stored.digests.refresh.equalsInConstantTime(rotation.presentedDigest)
            else { return nil }
            stored.generation = next
            stored.digests = rotation.successor
            stored.session = stored.session.seen(now, idleUntil: min(now + policy.idleLifetime, stored.session.expiresAt))
            stored.accessExpiresAt = min(now + policy.accessTokenLifetime, stored.session.idleExpiresAt)
            tables.sessions[rotation.sessionID] = stored
            tables.record(event, user: stored.userID, session: rotation.sessionID)
            return stored.times(for: account.user, now: now)
        }
    }

    public func recordReuse(of id: SessionID, event: AuditEvent) async throws(AuthError) {
        try database.run { $0.record(event, user: $0.sessions[id]?.userID, session: id) }
    }

    public func end(_ id: SessionID, event: AuditEvent) async throws(AuthError) {
        try database.run { tables in
            guard let stored = tables.sessions[id], !stored.isEnded else { return }
            tables.sessions[id]?.isEnded = true
            tables.record(event, user: stored.userID, session: id)
        }
    }

    public func endAll(of user: UserID, event: AuditEvent) async throws(AuthError) {
        try database.run { tables in
            tables.accounts[user]?.epoch += 1
            for (id, stored) in tables.sessions where stored.userID == user { tables.sessions[id]?.isEnded = true }
            tables.record(event, user: user)
        }
    }
}

extension InMemoryDatabase.StoredSession {
    fileprivate func times(for user: User, now: Timestamp) -> IssuedTimes {
        IssuedTimes(user: user, now: now, accessExpiresAt: accessExpiresAt, refreshExpiresAt: session.idleExpiresAt)
    }
}

extension Session {
    fileprivate func seen(_ now: Timestamp, idleUntil: Timestamp) -> Session {
        Session(
            id: id, name: name, createdAt: createdAt, lastSeenAt: now, expiresAt: expiresAt, idleExpiresAt: idleUntil, ip: ip,
            userAgent: userAgent)
    }
}

extension Timestamp {
    fileprivate static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: time.microseconds + Int64(duration / .microseconds(1)))
    }
}
