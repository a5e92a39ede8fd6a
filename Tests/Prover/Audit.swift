import AuthTestSupport

/// I8, asked of the database when all is over: each change has its row in the audit trail, and each row its change.
struct Audit {
    let conninfo: String

    private static let questions = [
        "sessions whose generation and renewals differ": """
        SELECT s.id FROM sessions s
        WHERE s.generation - 1 <> (SELECT count(*) FROM audit_events e
                                   WHERE e.routing = s.routing AND e.session_id = s.id AND e.type = 'session_renewed')
        """,
        "sessions without the login that opened them": """
        SELECT s.id FROM sessions s
        WHERE 1 <> (SELECT count(*) FROM audit_events e
                    WHERE e.routing = s.routing AND e.session_id = s.id AND e.type = 'authn_login_success')
        """,
        "sessions that ended without a word": """
        SELECT s.id FROM sessions s
        WHERE s.ended_at IS NOT NULL AND s.ended_at > s.created_at
          AND NOT EXISTS (SELECT FROM audit_events e
                          WHERE e.routing = s.routing AND e.occurred_at = s.ended_at
                            AND (e.session_id = s.id AND e.type IN ('authn_token_revoked', 'authn_token_reuse')
                                 OR e.details -> 'sessions' ? s.id::text))
        """,
        "ends that did not happen": """
        SELECT e.session_id FROM audit_events e
        JOIN sessions s ON s.routing = e.routing AND s.id = e.session_id
        WHERE e.type IN ('authn_token_revoked', 'authn_token_reuse') AND s.ended_at IS NULL
        """,
        "accounts without their registration": """
        SELECT u.id FROM users u
        WHERE 1 <> (SELECT count(*) FROM audit_events e
                    WHERE e.routing = u.routing AND e.user_id = u.id AND e.type = 'user_created' AND e.outcome = 'success')
        """,
    ]

    func violations() async throws -> [Violation] {
        var found: [Violation] = []
        for (name, sql) in Self.questions {
            let rows = try await TestDatabase(conninfo: conninfo).query(sql)
            guard !rows.isEmpty else { continue }
            found.append(Violation(.audited, nil, "\(rows.count) \(name), such as \(rows[0][0] ?? "")"))
        }
        return found
    }
}
