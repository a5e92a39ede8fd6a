public import AuthCore
import LibPQ

extension PostgresSessionStore {
    /// Runs after `lock_account`, so that the number of sessions is exact. The session is inserted already ended if the account logged out
    /// everywhere after its password was read. All parts see the tables as they were before the statement. So `excess` lacks the new
    /// session, hence `OFFSET :session_limit - 1`. `excess_event` is one row for all ended sessions, or none. `rehashed` finds nothing if
    /// `:old_hash` is NULL. `AuditColumns` has `:routing`, `:ip` and `:user_agent`.
    static let createSession = PostgresStatement(
        "create_session", .writes,
        parameters: AuditColumns.parameters + [
            "session": .uuid, "user": .uuid, "epoch": .int4, "salt": .bytea, "access_digest": .bytea, "refresh_digest": .bytea,
            "access_time": .int8, "idle_time": .int8, "absolute_time": .int8, "name": .text, "old_hash": .text, "new_hash": .text,
            "session_limit": .int4, "excess_id": .uuid, "excess_type": .text,
        ],
        sql: """
            WITH account AS (
                SELECT routing, id, email, created_at, session_epoch <> :epoch AS epoch_passed
                FROM users
                WHERE routing = :routing AND id = :user AND disabled_at IS NULL AND deleted_after IS NULL AND NOT password_reset_required
            ), rehashed AS (
                UPDATE users SET password_hash = :new_hash
                WHERE routing = :routing AND id = :user AND password_hash = :old_hash
            ), opened AS (
                INSERT INTO sessions (routing, id, user_id, session_epoch, salt, access_digest, refresh_digest,
                                      access_expires_at, idle_expires_at, expires_at, ended_at, ended_by, name, ip, user_agent)
                SELECT routing, :session, id, :epoch, :salt, :access_digest, :refresh_digest,
                       now() + least(:access_time, :idle_time, :absolute_time) * interval '1 microsecond',
                       now() + least(:idle_time, :absolute_time) * interval '1 microsecond',
                       now() + :absolute_time * interval '1 microsecond',
                       CASE WHEN epoch_passed THEN now() END, CASE WHEN epoch_passed THEN 'logout_all' END,
                       :name, :ip::inet, :user_agent
                FROM account
                RETURNING user_id, id, access_expires_at, idle_expires_at
            ), event AS (
                \(AuditColumns.insert(user: "user_id", session: "id", from: "opened"))
            ), excess AS (
                SELECT s.id
                FROM sessions s, account
                WHERE s.routing = :routing AND s.user_id = account.id AND s.session_epoch = :epoch AND NOT account.epoch_passed
                  AND \(SessionCondition.hasNotEnded("s"))
                ORDER BY s.last_seen_at DESC, s.id DESC
                OFFSET :session_limit - 1
            ), ended AS (
                UPDATE sessions s SET ended_at = now(), ended_by = 'limit'
                FROM excess
                WHERE s.routing = :routing AND s.id = excess.id AND s.ended_at IS NULL
                RETURNING s.id
            ), excess_event AS (
                \(AuditColumns.insert(
                    .parameters(event: "excess"), user: ":user",
                    details: "jsonb_build_object('sessions', jsonb_agg(id ORDER BY id))", from: "ended HAVING count(*) > 0"))
            )
            SELECT account.id AS user_id, account.email, account.created_at, now(), opened.access_expires_at, opened.idle_expires_at
            FROM opened, account
            """)

    public func create(
        _ session: NewSession, policy: SessionPolicy, event: AuditEvent, surplusEvent: AuditEvent
    ) async throws(AuthError) -> IssuedSession? {
        let create = BoundStatement(
            Self.createSession,
            AuditColumns.values(event) + [
                "session": .uuid(session.id.uuid), "user": .uuid(session.account.userID.uuid), "epoch": .int4(session.account.sessionEpoch),
                "salt": .octets(session.salt), "access_digest": .octets(session.digests.access),
                "refresh_digest": .octets(session.digests.refresh), "access_time": .microseconds(policy.accessTokenLifetime),
                "idle_time": .microseconds(policy.idleLifetime), "absolute_time": .microseconds(policy.absoluteLifetime),
                "name": .optional(session.name?.text),
                "old_hash": .optional(session.proof.rehash.map { _ in session.account.passwordHash.phc }),
                "new_hash": .optional(session.proof.rehash?.phc), "session_limit": .int4(Int32(policy.sessionsPerUser)),
                "excess_id": .uuid(surplusEvent.id.uuid), "excess_type": .text(surplusEvent.kind.rawValue),
            ])
        // One transaction; the rows are those of the last statement.
        let account = session.account.userID
        let enable = session.account.isDisablingOver ? [Self.enable(account)] : []
        let note = KnownDevices.note(account, epoch: session.account.sessionEpoch, mail: session.notice, event: event)
        let steps = [AccountRow.lock(account)] + (try await forgetting(session.attempt, of: account)) + enable + [note, create]
        let rows = try await database.run(steps, at: .key(account.routing))
        return try decoding(Self.createSession) { () throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try IssuedSession(row) }
        }
    }

    static let enableAfterTime = PostgresStatement(
        "enable_after_time", .writes, parameters: ["routing": .int4, "user": .uuid],
        sql: """
            UPDATE users u SET disabled_at = NULL, disabled_reason = NULL, disabled_until = NULL
            WHERE u.routing = :routing AND u.id = :user AND u.disabled_until <= now()
            """)

    private static func enable(_ user: UserID) -> BoundStatement {
        BoundStatement(enableAfterTime, ["routing": .int4(user.routing.value), "user": .uuid(user.uuid)])
    }

    /// The statements of the transaction that opens a session by which it forgets the failed logins. With Citus, if the address has another
    /// routing key than the account, that transaction cannot change the rows of the address. Then this function changes them first.
    func forgetting(_ attempt: LoginAttempt?, of user: UserID) async throws(AuthError) -> [BoundStatement] {
        guard let attempt else { return [] }
        let ofAddress = PostgresAttemptStore.forgetFailures(of: attempt)
        let ofDevice = attempt.device.map { device in [PostgresAttemptStore.bound(PostgresAttemptStore.forgetDeviceFailures, to: device)] }
        let address = Placement.address(attempt.email)
        if try database.isOneTransaction((address, .key(user.routing))) { return [ofAddress] + (ofDevice ?? []) }
        _ = try await database.run([ofAddress], at: address)
        return ofDevice ?? []
    }
}
