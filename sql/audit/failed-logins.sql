-- Failed logins by e-mail address and by the client's IP address, most failures first.
--   script/psql -v since='1 day' -f sql/audit/failed-logins.sql
\if :{?since}
\else
\set since '1 day'
\endif
SELECT email, ip, failures, first_at, last_at
FROM audit.failed_logins
WHERE last_at > now() - :'since'::interval
ORDER BY failures DESC, last_at DESC;
