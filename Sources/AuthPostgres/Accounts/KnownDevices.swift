import AuthCore
import LibPQ

/// The devices and networks from which an account has signed in, as digests in `known_devices`.
enum KnownDevices {
    static let statements = [noteDevice]

    /// How many digests an account keeps: the ones that were seen last.
    private static let limit = 30

    /// Runs after `lock_account`, in the transaction of a sign-in. It queues the mail if the account knows neither the device nor the
    /// network, and has not had too many of these mails. An account that knows nothing yet begins without a mail.
    static let noteDevice = PostgresStatement(
        "note_device", .writes, parameters: AuditColumns.parameters + MailColumns.parameters + ["user": .uuid, "epoch": .int4],
        sql: """
            WITH account AS (
                SELECT u.id, u.email FROM users u
                WHERE u.routing = :routing AND u.id = :user AND u.session_epoch = :epoch AND u.disabled_at IS NULL
                  AND u.deleted_after IS NULL AND :event_id IS NOT NULL AND :event_type IS NOT NULL
            ), own AS MATERIALIZED (
                SELECT sha256(uuid_send(:user) || convert_to('device ' || coalesce(:user_agent, ''), 'UTF8')) AS device,
                       sha256(uuid_send(:user) || convert_to('network ' || \(network), 'UTF8')) AS network
            ), known AS MATERIALIZED (
                SELECT k.digest, row_number() OVER (ORDER BY k.seen_at DESC, k.digest) AS number
                FROM known_devices k WHERE k.routing = :routing AND k.user_id = :user
            ), noted AS (
                INSERT INTO known_devices AS k (routing, user_id, digest)
                SELECT :routing, account.id, d.digest FROM account, own, LATERAL (VALUES (own.device), (own.network)) AS d (digest)
                ON CONFLICT (user_id, digest, routing) DO UPDATE SET seen_at = now() WHERE k.seen_at < now() - interval '1 day'
            ), forgotten AS (
                DELETE FROM known_devices k
                USING known, own
                WHERE k.routing = :routing AND k.user_id = :user AND k.digest = known.digest AND known.number > \(limit) - 2
                  AND k.digest NOT IN (own.device, own.network)
            ), told AS (
                SELECT count(*) FILTER (WHERE m.created_at > now() - interval '15 minutes') AS lately, count(*) AS today
                FROM mails m
                WHERE m.routing = :routing AND m.user_id = :user AND m.kind = :mail_kind AND m.created_at > now() - interval '1 day'
            )
            \(MailColumns.insert(
                user: "account.id", email: "account.email", from: "account, own, told",
                where: """
                    told.lately < \(MailBudget.perShort) AND told.today < \(MailBudget.perLong) AND EXISTS (SELECT FROM known)
                          AND NOT EXISTS (SELECT FROM known WHERE known.digest IN (own.device, own.network))
                    """))
            """)

    /// Wide enough that a client of a mobile network is not new each day.
    private static let network = """
        coalesce(network(set_masklen(:ip::inet, CASE family(:ip::inet) WHEN 4 THEN 24 ELSE 48 END))::text, '')
        """

    static func note(_ user: UserID, epoch: Int32, mail: NewMail?, event: AuditEvent) -> BoundStatement {
        BoundStatement(
            noteDevice, AuditColumns.values(event) + MailColumns.values(mail) + ["user": .uuid(user.uuid), "epoch": .int4(epoch)])
    }
}
