-- The life of one session: its row, then its events.
--   script/psql -v session=<session id> -f sql/audit/session-life.sql
\if :{?session}
\else
\warn 'session-life.sql needs the id of a session: script/psql -v session=<session id> -f sql/audit/session-life.sql'
\quit
\endif
SELECT state, email, name, generation, created_at, rotated_at, last_seen_at, ended_at, ended_by
FROM audit.sessions
WHERE session_id = :'session';

SELECT occurred_at, type, outcome, ip, user_agent, request_id
FROM audit.events
WHERE session_id = :'session'
   OR details -> 'sessions' ? :'session'
ORDER BY occurred_at, event_id;
