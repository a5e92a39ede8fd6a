-- Who was signed in at a given time.
--   script/psql -v at='2026-01-31 12:00+00' -f sql/audit/signed-in-at.sql
\if :{?at}
\else
\warn 'signed-in-at.sql needs a time: script/psql -v at=''2026-01-31 12:00+00'' -f sql/audit/signed-in-at.sql'
\quit
\endif
SELECT email, session_id, name, ip, user_agent, created_at, ended_at, ended_by
FROM audit.sessions
WHERE created_at <= :'at'::timestamptz
  AND coalesce(ended_at, least(idle_expires_at, expires_at)) > :'at'::timestamptz
ORDER BY email, created_at;
