import LibPQ

/// I8, asked of the database when all is over: each change has its row in the audit trail, and each row its change. A run is too short
/// for retention to have removed any.
struct Audit {
    let conninfo: String

    private static let questions = [
        "sessions whose generation and renewals differ": """
        SELECT s.id FROM sessions s
        WHERE s.generation - 1 <> s.unrecorded_renewals
                  + (SELECT coalesce(sum(coalesce((e.details ->> 'renewals')::int, 1)), 0) FROM events e
                     WHERE e.routing = s.routing AND e.session_id = s.id AND e.type = 'session_renewed')
        """,
        "sessions without the login that opened them": """
        SELECT s.id FROM sessions s
        WHERE 1 <> (SELECT count(*) FROM events e
                    WHERE e.routing = s.routing AND e.session_id = s.id AND e.type = 'authn_login_success')
        """,
        "sessions that ended without a word": """
        SELECT s.id FROM sessions s
        WHERE s.ended_at IS NOT NULL AND s.ended_at > s.created_at
          AND NOT EXISTS (SELECT FROM events e
                          WHERE e.routing = s.routing AND e.occurred_at = s.ended_at
                            AND (e.session_id = s.id AND e.type IN ('authn_token_revoked', 'authn_token_reuse')
                                 OR e.details -> 'sessions' ? s.id::text))
        """,
        "ends that did not happen": """
        SELECT e.session_id FROM events e
        JOIN sessions s ON s.routing = e.routing AND s.id = e.session_id
        WHERE e.type IN ('authn_token_revoked', 'authn_token_reuse') AND s.ended_at IS NULL
        """,
        "ends of several sessions that did not happen": """
        SELECT listed.id FROM events e, jsonb_array_elements_text(e.details -> 'sessions') AS listed (id)
        WHERE e.type IN ('authn_tokens_revoked_all', 'authn_tokens_revoked_others', 'session_limit_reached')
          AND NOT EXISTS (SELECT FROM sessions s
                          WHERE s.routing = e.routing AND s.id = listed.id::uuid AND s.user_id = e.user_id
                            AND s.ended_at = e.occurred_at
                            AND s.ended_by = CASE e.type WHEN 'authn_tokens_revoked_all' THEN 'logout_all'
                                                         WHEN 'authn_tokens_revoked_others' THEN 'revoked_others'
                                                         ELSE 'limit' END)
        """,
        "logins that opened no session": """
        SELECT e.session_id FROM events e
        WHERE e.type = 'authn_login_success'
          AND NOT EXISTS (SELECT FROM sessions s
                          WHERE s.routing = e.routing AND s.id = e.session_id AND s.user_id = e.user_id AND s.created_at = e.occurred_at)
        """,
        "accounts without their registration": """
        SELECT u.id FROM users u
        WHERE 1 <> (SELECT count(*) FROM events e
                    WHERE e.routing = u.routing AND e.user_id = u.id AND e.type = 'user_created' AND e.outcome = 'success')
        """,
        "registrations that made no account": """
        SELECT e.user_id FROM events e
        WHERE e.type = 'user_created' AND e.outcome = 'success'
          AND NOT EXISTS (SELECT FROM users u JOIN user_emails a ON a.account_routing = u.routing AND a.user_id = u.id
                          WHERE u.routing = e.routing AND u.id = e.user_id AND a.address = e.details ->> 'email'
                            AND u.created_at = e.occurred_at)
        """,
    ]

    /// Temporary tables with copies of all rows. Citus refuses these questions, but not about tables of the connection.
    private static let copies = """
        CREATE TEMPORARY TABLE events AS SELECT * FROM audit.events;
        CREATE TEMPORARY TABLE sessions AS SELECT * FROM public.sessions;
        CREATE TEMPORARY TABLE users AS SELECT * FROM public.users;
        CREATE TEMPORARY TABLE user_emails AS SELECT * FROM public.user_emails;
        CREATE INDEX ON events (session_id);
        CREATE INDEX ON events (user_id);
        CREATE INDEX ON events (occurred_at);
        CREATE INDEX ON sessions (id);
        CREATE INDEX ON users (id);
        CREATE INDEX ON user_emails (user_id);
        ANALYZE events, sessions, users, user_emails;
        """

    func violations() async throws -> [Violation] {
        try await PostgresScriptConnection.with(conninfo, applicationName: "prove") { connection in
            try connection.run(Self.copies)
            return try Self.questions.compactMap { name, sql in
                let rows = try connection.query(sql)
                guard !rows.isEmpty else { return nil }
                return Violation(.audited, nil, "\(rows.count) \(name), such as \(rows[0][0] ?? "")")
            }
        }
    }
}
