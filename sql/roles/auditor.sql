-- The rights of whoever audits: to read the views of the schema audit, the trail and its seals, and so to run `auth-api audit head` and
-- `auth-api audit verify`. No password hash, no digest, and nothing to change. Run as the owner of the tables, after each migration:
--   psql "$DATABASE_URL" -v auditor=auth_api_auditor -f sql/roles/auditor.sql
\set ON_ERROR_STOP on

BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public, audit FROM :"auditor";
GRANT USAGE ON SCHEMA public, audit TO :"auditor";
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO :"auditor";
GRANT SELECT ON audit_events, schema_migrations TO :"auditor";
COMMIT;
