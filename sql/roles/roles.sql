-- Three roles for one database, once, before its first migration: the owner of the tables, who migrates and ends all sessions; the server,
-- which serves (server.sql); the auditor, who reads the trail (auditor.sql). Run as a superuser, in that database:
--   psql "$ADMINISTRATOR_URL" -v owner_password=… -v server_password=… -v auditor_password=… -f sql/roles/roles.sql
\set ON_ERROR_STOP on

BEGIN;
CREATE ROLE auth_api_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE auth_api_server LOGIN PASSWORD :'server_password';
CREATE ROLE auth_api_auditor LOGIN PASSWORD :'auditor_password';
ALTER DATABASE :"DBNAME" OWNER TO auth_api_owner;
ALTER SCHEMA public OWNER TO auth_api_owner;
-- No temporary tables either, and nobody else.
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO auth_api_server, auth_api_auditor;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
COMMIT;
