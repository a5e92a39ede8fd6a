-- Views for people with psql. The folder sql/audit/ has ready queries over them.

-- Every session with its state, as the guard judges it. If only the session cutoff ended a session, the session ended when an operator
-- moved the cutoff.
CREATE VIEW audit.sessions AS
SELECT s.id AS session_id, s.user_id, u.email, s.name, s.ip, s.user_agent, s.generation,
       s.created_at, s.last_seen_at, s.rotated_at, s.idle_expires_at, s.expires_at,
       CASE WHEN s.ended_at IS NULL AND s.created_at < g.began_at AND least(s.idle_expires_at, s.expires_at) > g.set_at
            THEN g.set_at ELSE s.ended_at END AS ended_at,
       CASE WHEN s.ended_at IS NULL AND s.created_at < g.began_at AND least(s.idle_expires_at, s.expires_at) > g.set_at
            THEN 'session_cutoff' ELSE s.ended_by END AS ended_by,
       CASE WHEN s.ended_at IS NOT NULL THEN 'ended'
            WHEN s.session_epoch <> u.session_epoch THEN 'ended'
            WHEN s.created_at < g.began_at THEN 'ended'
            WHEN u.disabled_at IS NOT NULL THEN 'disabled'
            WHEN s.idle_expires_at <= now() OR s.expires_at <= now() THEN 'expired'
            ELSE 'live' END AS state
FROM public.sessions s
JOIN public.users u ON u.routing = s.routing AND u.id = s.user_id
CROSS JOIN public.session_cutoff g;

-- Who is signed in, from where.
CREATE VIEW audit.signed_in AS
SELECT email, session_id, name, ip, user_agent, created_at, last_seen_at, idle_expires_at, expires_at
FROM audit.sessions
WHERE state = 'live';

-- All events, sealed or not, with the address of the account. If there is no account, a failed login has the address that was tried.
CREATE VIEW audit.events AS
SELECT e.occurred_at, e.type, e.outcome, coalesce(u.email, e.details ->> 'email') AS email,
       e.ip, e.user_agent, e.request_id, e.user_id, e.session_id, e.details, e.id AS event_id, e.routing, e.sealed_at
FROM (
    SELECT occurred_at, type, outcome, ip, user_agent, request_id, user_id, session_id, details, id, routing, NULL AS sealed_at
    FROM public.audit_pending
    UNION ALL
    SELECT occurred_at, type, outcome, ip, user_agent, request_id, user_id, session_id, details, id, routing, sealed_at
    FROM public.audit_events
) AS e
LEFT JOIN public.users u ON u.routing = e.routing AND u.id = e.user_id;

-- Failed logins by the e-mail address that was tried and the IP address of the client. If there are too many failures, they are counted:
-- one event then has the number of several failures, also of several addresses.
CREATE VIEW audit.failed_logins AS
SELECT coalesce(email, '-') AS email, ip, sum(coalesce((details ->> 'count')::bigint, 1))::bigint AS failures,
       min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM audit.events
WHERE type = 'authn_login_fail'
GROUP BY 1, 2;

-- The addresses that have to wait, from which network, and until when. If that is infinity, until `auth-api user unlock`.
CREATE VIEW audit.blocked_logins AS
SELECT address AS email, nullif(network, '::/0') AS network, failures, blocked_until
FROM public.login_failures
WHERE blocked_until > now();
