-- The rights of the auditor's role: it may read the views of the schema audit, the trail and its chains, so it can run `auth-api audit
-- head` and `auth-api audit verify`. It cannot read password hashes or digests of tokens, and it cannot change what it reads. Run this as
-- the owner of the tables, after each migration:
--   script/psql -v auditor=auth_api_auditor -f sql/roles/auditor.sql
\set ON_ERROR_STOP on

BEGIN;
-- Citus has its own views in the schema public. PostgreSQL would warn that it cannot revoke rights on them.
SET LOCAL client_min_messages = error;
REVOKE ALL ON ALL TABLES IN SCHEMA public, audit FROM :"auditor";
SET LOCAL client_min_messages = warning;
GRANT USAGE ON SCHEMA public, audit TO :"auditor";
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO :"auditor";
GRANT SELECT ON audit_pending, audit_events, schema_migrations TO :"auditor";
-- This function writes to audit.heads.
GRANT EXECUTE ON FUNCTION audit.take_head TO :"auditor";
-- With Citus, the nodes check the rights of the auditor, and not the rights of the owner of the views. So the auditor needs rights on the
-- columns that the views read.
SELECT format('GRANT SELECT (%s) ON %I TO %I', columns, name, :'auditor')
FROM (VALUES
    ('users', 'routing, id, email, session_epoch, disabled_at'),
    ('sessions', 'routing, id, user_id, session_epoch, generation, created_at, rotated_at, last_seen_at, idle_expires_at, expires_at, '
                 'ended_at, ended_by, name, ip, user_agent'),
    ('session_cutoff', 'began_at, set_at'),
    ('login_failures', 'routing, address, network, failures, blocked_until')
) AS needed (name, columns)
WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
UNION ALL
SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, :'auditor') FROM pg_proc p WHERE p.proname = 'hold_shard'
\gexec
COMMIT;
