-- The settings that the server relies on, as defaults of a role in one database. The server sends them with each connection, so it needs
-- them from the role only if a pooler does not pass them on: see "Connection poolers" in docs/operations.md. Run this as a superuser, or as
-- the role itself, in that database. Existing connections keep their old settings:
--   script/psql -v role=auth_api_server -f sql/roles/settings.sql
\set ON_ERROR_STOP on

BEGIN;
ALTER ROLE :"role" IN DATABASE :"DBNAME" SET search_path = public, pg_temp;
ALTER ROLE :"role" IN DATABASE :"DBNAME" SET default_transaction_isolation = 'read committed';
ALTER ROLE :"role" IN DATABASE :"DBNAME" SET plan_cache_mode = force_generic_plan;
ALTER ROLE :"role" IN DATABASE :"DBNAME" SET enable_seqscan = off;
ALTER ROLE :"role" IN DATABASE :"DBNAME" SET jit = off;
ALTER ROLE :"role" IN DATABASE :"DBNAME" SET client_min_messages = warning;
ALTER ROLE :"role" IN DATABASE :"DBNAME" SET "TimeZone" = 'UTC';
COMMIT;
