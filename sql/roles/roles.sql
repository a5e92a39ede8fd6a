-- Makes three roles for one database: the owner of the tables, for migrations and commands; the server (server.sql), with its settings
-- (settings.sql); the auditor (auditor.sql), for people who read the trail. Run this once, before the first migration, as a superuser and
-- in that database:
--   DATABASE_URL=$ADMINISTRATOR_URL OWNER_PASSWORD=… SERVER_PASSWORD=… AUDITOR_PASSWORD=… script/psql -f sql/roles/roles.sql
-- The passwords come from the environment (psql 14 or newer), because every user of the machine can read arguments.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv server_password SERVER_PASSWORD
\getenv auditor_password AUDITOR_PASSWORD

BEGIN;
-- PostgreSQL's log must not have the passwords either. Citus sends the passwords to the other nodes. The first line makes Citus send the
-- settings below too. It has no effect without Citus.
SET LOCAL citus.propagate_set_commands = 'local';
SET LOCAL log_statement = 'none';
SET LOCAL log_min_duration_statement = -1;
SET LOCAL log_min_error_statement = 'panic';
CREATE ROLE auth_api_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE auth_api_server LOGIN PASSWORD :'server_password';
CREATE ROLE auth_api_auditor LOGIN PASSWORD :'auditor_password';
ALTER DATABASE :"DBNAME" OWNER TO auth_api_owner;
ALTER SCHEMA public OWNER TO auth_api_owner;
-- No other role may connect, and the two may not make temporary tables.
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO auth_api_server, auth_api_auditor;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- The limits that the server sends with each connection, for DATABASE_TIMEOUT=1500ms.
ALTER ROLE auth_api_server IN DATABASE :"DBNAME" SET statement_timeout = '1200ms';
ALTER ROLE auth_api_server IN DATABASE :"DBNAME" SET lock_timeout = '975ms';
ALTER ROLE auth_api_server IN DATABASE :"DBNAME" SET idle_in_transaction_session_timeout = '5s';
COMMIT;

\set role auth_api_server
\ir settings.sql
