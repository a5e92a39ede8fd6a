-- The rights that `auth-api serve` needs where migrations run under another role: no DDL, and an audit trail that it can only
-- add to, and from which it can remove nothing younger than 30 days. Run as the owner of the tables, after each migration:
--   psql "$DATABASE_URL" -v role=auth_api_server -f sql/roles/server.sql
\set ON_ERROR_STOP on

BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :"role";
GRANT USAGE ON SCHEMA public TO :"role";
-- The mark before which sessions are dead is its owner's to move: `auth-api sessions revoke-all`.
GRANT SELECT ON schema_migrations, global_epoch TO :"role";
GRANT SELECT, INSERT ON user_emails TO :"role";
GRANT SELECT, INSERT, UPDATE ON users, sessions, clients TO :"role";
GRANT DELETE ON sessions TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON login_failures, network_attempts TO :"role";
GRANT INSERT ON audit_events TO :"role";
-- Removes audit rows of more than 30 days, and no others.
GRANT USAGE ON SCHEMA audit TO :"role";
GRANT EXECUTE ON FUNCTION audit.remove_events TO :"role";
COMMIT;
