-- The rights of the auditor's role: it may read the views of the schema audit, the trail and its chains, so it can run `auth-api audit
-- head` and `auth-api audit verify`. It cannot read password hashes or digests of tokens, and it cannot change what it reads. Run this as
-- the owner of the tables, after each migration:
--   script/psql -v auditor=auth_api_auditor -f sql/roles/auditor.sql
\set ON_ERROR_STOP on

BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public, audit FROM :"auditor";
GRANT USAGE ON SCHEMA public, audit TO :"auditor";
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO :"auditor";
GRANT SELECT ON audit_pending, audit_events, schema_migrations TO :"auditor";
-- This function writes to audit.heads.
GRANT EXECUTE ON FUNCTION audit.take_head TO :"auditor";
COMMIT;
