-- Who is signed in now, and from where.
--   script/psql -f sql/audit/signed-in.sql
SELECT email, name, ip, user_agent, created_at, last_seen_at, idle_expires_at
FROM audit.signed_in
ORDER BY email, created_at;
