-- The rights of the server's role, if migrations run as another role. It cannot change the schema. It can add events to the audit trail,
-- but only at the present time. It cannot remove an event that was sealed in the last 30 days, and it can change an event only by erasing
-- its personal fields. Run this as the owner of the tables, after each migration, and with Citus after each change of the number of shards:
--   script/psql -v role=auth_api_server -f sql/roles/server.sql
\set ON_ERROR_STOP on

BEGIN;
-- Citus has its own views in the schema public. PostgreSQL would warn that it cannot revoke rights on them.
SET LOCAL client_min_messages = error;
REVOKE ALL ON ALL TABLES IN SCHEMA public, audit FROM :"role";
SET LOCAL client_min_messages = warning;
GRANT USAGE ON SCHEMA public TO :"role";
-- Only the owner moves the session cutoff: `auth-api sessions revoke-all`.
GRANT SELECT ON schema_migrations, session_cutoff TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON users, user_emails TO :"role";
GRANT SELECT, INSERT, UPDATE ON sessions TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON known_devices, one_time_tokens, mails, mail_budgets, mail_suppressions TO :"role";
-- Only the owner makes credentials of services: `auth-api client`.
GRANT SELECT ON clients TO :"role";
GRANT DELETE ON sessions TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON login_failures, network_attempts TO :"role";
-- The database sets the time of an event.
GRANT INSERT (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id, details) ON audit_pending TO :"role";
-- To see how many events wait, and since when.
GRANT SELECT (routing, occurred_at) ON audit_pending TO :"role";
-- These functions seal pending events, open the next volume, and remove only events that were sealed more than 30 days ago. audit.erase
-- takes the personal fields out of events, and writes an event that says so. audit.history returns the events of one account.
GRANT USAGE ON SCHEMA audit TO :"role";
GRANT EXECUTE ON FUNCTION audit.seal, audit.open_volume, audit.remove_volume, audit.erase, audit.history TO :"role";
-- Only databases with Citus have these functions: see sql/citus/distribute.sql.
SELECT format('GRANT EXECUTE ON FUNCTION %I.%I TO %I', pronamespace::regnamespace::text, proname, :'role')
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname = 'hold_shard'
   OR pronamespace = 'audit'::regnamespace AND proname ~ '^(seal|erase|history)_[0-9]+$'
\gexec
COMMIT;
