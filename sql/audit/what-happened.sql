-- The recent events, newest first.
--   script/psql -v since='1 day' -f sql/audit/what-happened.sql
\if :{?since}
\else
\set since '1 day'
\endif
SELECT occurred_at, type, outcome, email, ip, user_agent, request_id
FROM audit.events
WHERE occurred_at > now() - :'since'::interval
ORDER BY occurred_at DESC, event_id DESC;
