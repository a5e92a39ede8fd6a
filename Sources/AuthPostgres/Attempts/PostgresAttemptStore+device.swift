import AuthCore
import LibPQ

/// Failed logins of a device that has a live session of the account. They are counted in the session's row, so that neither strangers
/// nor neighbours in the network can keep the owner out.
extension PostgresAttemptStore {
    static let deviceStatements = [beginDeviceLogin, findSpentLogins, withdrawDeviceLogin, forgetDeviceFailures]

    static let beginDeviceLogin = PostgresStatement(
        "begin_device_login", .writes,
        parameters: ["routing": .int4, "session": .uuid, "address": .text, "client_ip": .text, "login_slack": .int8] + delayParameters,
        sql: """
            WITH device AS MATERIALIZED (
                SELECT greatest(s.login_blocked_until, o.logins_spent_until - :login_slack * interval '1 microsecond') AS blocked_until
                FROM sessions s
                LEFT JOIN login_failures o ON o.routing = address_routing(:address) AND o.address = :address
                                          AND o.network = login_network(:client_ip::inet)
                WHERE s.routing = :routing AND s.id = :session
            ), counted AS (
                UPDATE sessions s
                SET failed_logins = s.failed_logins + 1,
                    login_blocked_until = \(blockedUntil(after: "(s.failed_logins + 1)"))
                FROM device
                WHERE s.routing = :routing AND s.id = :session AND device.blocked_until <= now() AND s.login_blocked_until <= now()
                RETURNING s.failed_logins
            )
            SELECT counted.failed_logins AS failures,
                   (extract(epoch FROM greatest(device.blocked_until, now()) - now()) * 1000000)::int8 AS wait
            FROM device LEFT JOIN counted ON true
            """)

    func begin(
        _ email: EmailAddress, ip: String?, networks: RoutingKey, on device: SessionID, _ policy: AttemptPolicy
    ) async throws(AuthError) -> LoginAttempt {
        try await requireAllowance(email, ip: ip, on: device, policy)
        let values: PostgresNamed<PostgresValue> = [
            "routing": .int4(device.routing.value), "session": .uuid(device.uuid), "address": .text(email.canonical),
            "client_ip": .optional(ip), "login_slack": .microseconds(policy.loginSlack),
        ]
        let rows = try await database.run(Self.beginDeviceLogin, values + Self.delayValues(policy), at: .key(device.routing))
        let (failures, wait) = try decoding(Self.beginDeviceLogin) { () throws(PostgresError) in
            (try rows.first?.optionalInt4("failures"), try rows.first?.optionalInt8("wait"))
        }
        guard let failures else { throw .tooManyAttempts(retryAfter: .microseconds(wait ?? 0)) }
        return LoginAttempt(
            email: email, ip: ip, networks: networks, device: device, isFromKnownClient: true, failures: Int(failures), policy: policy)
    }

    static let findSpentLogins = PostgresStatement(
        "find_spent_logins", .reads, parameters: ["address": .text, "client_ip": .text, "login_slack": .int8],
        sql: """
            SELECT (extract(epoch FROM o.logins_spent_until - now()) * 1000000)::int8 - :login_slack AS wait
            FROM login_failures o
            WHERE o.routing = address_routing(:address) AND o.address = :address AND o.network = login_network(:client_ip::inet)
              AND o.logins_spent_until > now() + :login_slack * interval '1 microsecond'
            """)

    /// Checks the allowance of the address where ``beginDeviceLogin`` cannot see it: with Citus, if the address has another routing key
    /// than the account.
    private func requireAllowance(
        _ email: EmailAddress, ip: String?, on device: SessionID, _ policy: AttemptPolicy
    ) async throws(AuthError) {
        let address = Placement.address(email)
        guard try !database.isOneTransaction((address, .key(device.routing))) else { return }
        let rows = try await database.run(
            Self.findSpentLogins,
            ["address": .text(email.canonical), "client_ip": .optional(ip), "login_slack": .microseconds(policy.loginSlack)], at: address)
        guard let row = rows.first else { return }
        throw .tooManyAttempts(
            retryAfter: .microseconds(try decoding(Self.findSpentLogins) { () throws(PostgresError) in try row.int8("wait") }))
    }

    static let withdrawDeviceLogin = PostgresStatement(
        "withdraw_device_login", .writes, parameters: ["routing": .int4, "session": .uuid],
        sql: """
            UPDATE sessions SET failed_logins = greatest(failed_logins - 1, 0), login_blocked_until = '-infinity'
            WHERE routing = :routing AND id = :session
            """)

    static let forgetDeviceFailures = PostgresStatement(
        "forget_device_failures", .writes, parameters: ["routing": .int4, "session": .uuid],
        sql: """
            UPDATE sessions SET failed_logins = 0, login_blocked_until = '-infinity'
            WHERE routing = :routing AND id = :session
            """)

    /// - Parameter statement: one of the two above.
    static func bound(_ statement: PostgresStatement, to device: SessionID) -> BoundStatement {
        BoundStatement(statement, ["routing": .int4(device.routing.value), "session": .uuid(device.uuid)])
    }
}
