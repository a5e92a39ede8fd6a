-- The rights of the auditor's role: it may read the views of the schema audit, the trail and its chains, and so run `auth-api audit head`
-- and `auth-api audit verify`. It can read no password hash and no digest, and change nothing of that. Run this as the owner of the tables, after
-- each migration:
--   script/psql -v auditor=auth_api_auditor -f sql/roles/auditor.sql
\set ON_ERROR_STOP on

BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public, audit FROM :"auditor";
GRANT USAGE ON SCHEMA public, audit TO :"auditor";
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO :"auditor";
GRANT SELECT ON audit_pending, audit_events, schema_migrations TO :"auditor";
-- It keeps the ends of the chains.
GRANT EXECUTE ON FUNCTION audit.take_head TO :"auditor";
COMMIT;
