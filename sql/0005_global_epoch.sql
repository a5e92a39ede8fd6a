-- One mark over all accounts, for use after a restore from a backup, which brings back to life what had been ended since.

-- A session created before it is dead, whatever its own row says. It only ever moves forward. One row, read by every look-up of a
-- session; were it missing, no session would be alive.
CREATE TABLE global_epoch (
    is_only  boolean     NOT NULL DEFAULT true,
    began_at timestamptz NOT NULL,
    set_at   timestamptz NOT NULL, -- when that was said
    CONSTRAINT global_epoch_pkey PRIMARY KEY (is_only),
    CONSTRAINT global_epoch_one_row CHECK (is_only),
    CONSTRAINT global_epoch_begins_in_the_past CHECK (began_at <= set_at)
);
INSERT INTO global_epoch (began_at, set_at) VALUES ('-infinity', now());

-- The state as the guard judges it. What only the epoch has ended ended when that was said.
CREATE OR REPLACE VIEW audit.sessions AS
SELECT s.id AS session_id, s.user_id, u.email, s.name, s.ip, s.user_agent, s.generation,
       s.created_at, s.last_seen_at, s.rotated_at, s.idle_expires_at, s.expires_at,
       CASE WHEN s.ended_at IS NULL AND s.created_at < g.began_at AND least(s.idle_expires_at, s.expires_at) > g.set_at
            THEN g.set_at ELSE s.ended_at END AS ended_at,
       CASE WHEN s.ended_at IS NULL AND s.created_at < g.began_at AND least(s.idle_expires_at, s.expires_at) > g.set_at
            THEN 'global_epoch' ELSE s.ended_by END AS ended_by,
       CASE WHEN s.ended_at IS NOT NULL THEN 'ended'
            WHEN s.session_epoch <> u.session_epoch THEN 'ended'
            WHEN s.created_at < g.began_at THEN 'ended'
            WHEN u.disabled_at IS NOT NULL THEN 'disabled'
            WHEN s.idle_expires_at <= now() OR s.expires_at <= now() THEN 'expired'
            ELSE 'live' END AS state
FROM public.sessions s
JOIN public.users u ON u.routing = s.routing AND u.id = s.user_id
CROSS JOIN public.global_epoch g;
