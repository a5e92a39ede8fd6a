-- The rights that `auth-api serve` needs where migrations run under another role: no DDL, and an audit trail that it can only add to, at
-- the present time and place, and from which it can remove nothing younger than 30 days. Run as the owner of the tables, after each
-- migration:
--   psql "$DATABASE_URL" -v role=auth_api_server -f sql/roles/server.sql
\set ON_ERROR_STOP on

BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public, audit FROM :"role";
GRANT USAGE ON SCHEMA public TO :"role";
-- The mark before which sessions are dead is its owner's to move: `auth-api sessions revoke-all`.
GRANT SELECT ON schema_migrations, global_epoch TO :"role";
GRANT SELECT, INSERT ON user_emails TO :"role";
GRANT SELECT, INSERT, UPDATE ON users, sessions, clients TO :"role";
GRANT DELETE ON sessions TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON login_failures, network_attempts TO :"role";
-- When an event was, and where it lies in the trail, the database says.
GRANT INSERT (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id, details) ON audit_events TO :"role";
-- They seal what is there, and remove what was sealed more than 30 days ago, and no more.
GRANT USAGE ON SCHEMA audit TO :"role";
GRANT EXECUTE ON FUNCTION audit.seal, audit.remove_sealed TO :"role";
COMMIT;
