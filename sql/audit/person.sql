-- Everything that the trail has about one person: the sessions, then the events. It also works after the account was deleted.
--   script/psql -v email=ada@example.org -f sql/audit/person.sql
\if :{?email}
\else
\warn 'person.sql needs an e-mail address: script/psql -v email=ada@example.org -f sql/audit/person.sql'
\quit
\endif
SELECT state, session_id, name, ip, user_agent, created_at, last_seen_at, ended_at, ended_by
FROM audit.sessions
WHERE lower(email) = lower(:'email')
ORDER BY created_at, session_id;

-- An event names the account, the address, or both. The account may have had another address before.
WITH accounts AS (
    SELECT user_id FROM audit.events
    WHERE lower(:'email') IN (lower(email), lower(details ->> 'email'), lower(details ->> 'before')) AND user_id IS NOT NULL
)
SELECT occurred_at, type, outcome, ip, user_agent, session_id, request_id, nullif(details, '{}') AS details
FROM audit.events
WHERE user_id IN (SELECT user_id FROM accounts) OR lower(:'email') IN (lower(email), lower(details ->> 'email'))
ORDER BY occurred_at, event_id;
