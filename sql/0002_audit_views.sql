-- Views for people with psql: see sql/audit/ for ready queries over them.
CREATE SCHEMA audit;

-- Every session with its state, as the guard judges it.
CREATE VIEW audit.sessions AS
SELECT s.id AS session_id, s.user_id, u.email, s.name, s.ip, s.user_agent, s.generation,
       s.created_at, s.last_seen_at, s.rotated_at, s.idle_expires_at, s.expires_at, s.ended_at, s.ended_by,
       CASE WHEN s.ended_at IS NOT NULL THEN 'ended'
            WHEN s.session_epoch <> u.session_epoch THEN 'ended'
            WHEN u.disabled_at IS NOT NULL THEN 'disabled'
            WHEN s.idle_expires_at <= now() OR s.expires_at <= now() THEN 'expired'
            ELSE 'live' END AS state
FROM public.sessions s
JOIN public.users u ON u.routing = s.routing AND u.id = s.user_id;

-- Who is signed in, from where.
CREATE VIEW audit.signed_in AS
SELECT email, session_id, name, ip, user_agent, created_at, last_seen_at, idle_expires_at, expires_at
FROM audit.sessions
WHERE state = 'live';

-- The trail with the account's address beside each event; for a failed login the address that was tried.
CREATE VIEW audit.events AS
SELECT e.occurred_at, e.type, e.outcome, coalesce(u.email, e.details ->> 'email') AS email,
       e.ip, e.user_agent, e.request_id, e.user_id, e.session_id, e.details, e.id AS event_id
FROM public.audit_events e
LEFT JOIN public.users u ON u.routing = e.routing AND u.id = e.user_id;

-- Failed logins by the address that was tried and the address that they came from.
CREATE VIEW audit.failed_logins AS
SELECT coalesce(email, '-') AS email, ip, count(*) AS failures,
       min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM audit.events
WHERE type = 'authn_login_fail'
GROUP BY 1, 2;
