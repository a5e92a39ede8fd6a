-- Distributes the tables over the nodes of Citus. Run it as the owner of the tables, on the coordinator and in one transaction: after each
-- migration, after a node was added, and after the number of shards was changed. It leaves alone what is distributed already. Run
-- sql/roles/server.sql after it.
--
-- Citus only places the shards and moves them. The server connects to the node that has a shard, and runs its statements on the tables of
-- that shard. So every change stays a transaction of one PostgreSQL.

-- The triggers of a table are made on its shards too. Below, those are dropped that read other rows.
SET LOCAL citus.enable_unsafe_triggers = on;
-- All this is one transaction on each node.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL client_min_messages = warning;

DO $$
DECLARE
    reference_tables text[] := '{public.schema_migrations, public.session_cutoff, audit.volumes}';
    -- In this order, because the others are placed where the shards of public.users are.
    routed_tables text[] := '{public.users, public.user_emails, public.login_failures, public.network_attempts, public.sessions,
                              public.clients, public.audit_pending, public.audit_events, audit.chains}';
    tables regclass[];
    name regclass;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'public.users'::regclass) THEN
        -- An account and its address may be in different shards. No constraint and no trigger can compare them.
        ALTER TABLE public.user_emails DROP CONSTRAINT user_emails_account_fkey, DROP CONSTRAINT user_emails_account_key;
        DROP TRIGGER users_email_changes_with_address ON public.users;
        DROP TRIGGER user_emails_address_changes_with_email ON public.user_emails;
        -- The rows of this table have no key by which a move of a shard that goes on during changes could find them.
        ALTER TABLE public.audit_pending REPLICA IDENTITY FULL;
    END IF;
    SELECT array_agg(t.name ORDER BY t.number) INTO tables
    FROM unnest((reference_tables || routed_tables)::regclass[]) WITH ORDINALITY AS t (name, number)
    WHERE t.name NOT IN (SELECT logicalrelid FROM pg_dist_partition);
    FOREACH name IN ARRAY coalesce(tables, '{}') LOOP
        IF name = ANY (reference_tables::regclass[]) THEN
            PERFORM create_reference_table(name);
        ELSIF name = 'public.users'::regclass THEN
            PERFORM create_distributed_table(name, 'routing', colocate_with => 'none');
        ELSE
            PERFORM create_distributed_table(name, 'routing', colocate_with => 'public.users');
        END IF;
    END LOOP;
    -- The shards have a copy of the rows. The rows that the coordinator had before are no longer visible, but its disk has them.
    FOREACH name IN ARRAY coalesce(tables, '{}') LOOP
        PERFORM truncate_local_data_after_distributing_table(name);
    END LOOP;
END;
$$;

-- The nodes need the functions that the server's statements call, also those that were made before the extension.
SELECT create_distributed_function(p.oid::regprocedure)
FROM pg_proc p
WHERE (p.pronamespace = 'public'::regnamespace OR p.pronamespace = 'audit'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND NOT EXISTS (SELECT FROM pg_dist_object o WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid)
  AND p.prorettype <> 'trigger'::regtype;

-- Keeps a shard, and those that are placed together with it, on this node until the transaction ends, or fails if it is on another node.
-- The server calls it first in each transaction. It runs with the rights of the owner, because only the owner may take this lock.
CREATE OR REPLACE FUNCTION public.hold_shard(shard bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A move takes this lock in a mode that excludes this one (5, SHARE). The lock fails for a shard that was split.
    PERFORM lock_shard_metadata(5, ARRAY[shard]);
    -- This statement begins after the lock was taken, so it sees the result of a move that held it before.
    PERFORM FROM pg_dist_placement p, pg_dist_local_group g WHERE p.shardid = shard AND p.shardstate = 1 AND g.groupid = p.groupid;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the shard is on another node' USING ERRCODE = 'AA001';
    END IF;
END;
$$;

-- SKIP LOCKED does not work on a table that is replicated on all nodes. Volumes are opened and removed on the coordinator, so the lock of a
-- table that is only there does the same. The settings hold until the end of the transaction. Citus takes them from this function only if
-- a query calls it, and not an expression.
CREATE OR REPLACE FUNCTION audit.hold_volumes() RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- So the transaction is also one transaction on each node.
    SET LOCAL citus.multi_shard_modify_mode = 'sequential';
    -- So the other nodes wait for a lock no longer than this one.
    SET LOCAL citus.propagate_set_commands = 'local';
    EXECUTE format('SET LOCAL lock_timeout = %L', current_setting('lock_timeout'));
    BEGIN
        LOCK TABLE audit.heads IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
        RETURN true;
    EXCEPTION WHEN lock_not_available THEN
        RETURN false;
    END;
END;
$$;

-- The table of a volume has no rows here, only its shards have.
CREATE OR REPLACE FUNCTION audit.volume_size(number integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN citus_table_size(format('public.audit_events_%s', number)::regclass);
END;
$$;

-- Sealing is one function for each shard of the chains: audit.seal with the names of that shard's tables, and with the number of the shard
-- of public.users in its name.
DO $$
DECLARE
    sealing record;
    definition text;
BEGIN
    FOR sealing IN
        SELECT format('audit.%I(integer)', p.proname) AS old
        FROM pg_proc p
        WHERE p.pronamespace = 'audit'::regnamespace AND p.proname ~ '^seal_[0-9]+$'
          AND NOT EXISTS (SELECT FROM pg_dist_shard s WHERE s.logicalrelid = 'public.users'::regclass AND p.proname = 'seal_' || s.shardid)
    LOOP
        EXECUTE format('DROP FUNCTION %s', sealing.old);
    END LOOP;
    FOR sealing IN
        SELECT u.shardid AS users, p.shardid AS pending, e.shardid AS events, c.shardid AS chains, v.shardid AS volumes
        FROM pg_dist_shard u
        JOIN pg_dist_shard p ON p.logicalrelid = 'public.audit_pending'::regclass AND p.shardminvalue = u.shardminvalue
        JOIN pg_dist_shard e ON e.logicalrelid = 'public.audit_events'::regclass AND e.shardminvalue = u.shardminvalue
        JOIN pg_dist_shard c ON c.logicalrelid = 'audit.chains'::regclass AND c.shardminvalue = u.shardminvalue
        JOIN pg_dist_shard v ON v.logicalrelid = 'audit.volumes'::regclass
        WHERE u.logicalrelid = 'public.users'::regclass
    LOOP
        definition := pg_get_functiondef('audit.seal(integer)'::regprocedure);
        definition := replace(definition, 'audit.seal(', format('audit.seal_%s(', sealing.users));
        definition := replace(definition, 'public.audit_pending', format('public.audit_pending_%s', sealing.pending));
        definition := replace(definition, 'public.audit_events', format('public.audit_events_%s', sealing.events));
        definition := replace(definition, 'audit.chains', format('audit.chains_%s', sealing.chains));
        definition := replace(definition, 'audit.volumes', format('audit.volumes_%s', sealing.volumes));
        EXECUTE definition;
        -- Otherwise Citus refuses LOCK TABLE on a shard.
        EXECUTE format('ALTER FUNCTION audit.seal_%s SET citus.enable_manual_changes_to_shards = on', sealing.users);
    END LOOP;
END;
$$;

-- Citus makes functions and the database on a node that was added later, and gives them the rights that new ones have.
DO $$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT format('REVOKE EXECUTE ON FUNCTION %I.%I FROM PUBLIC', p.pronamespace::regnamespace::text, p.proname)
        FROM pg_proc p
        WHERE p.pronamespace IN ('public'::regnamespace, 'audit'::regnamespace) AND p.prosecdef
        UNION ALL
        SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', d.datname)
        FROM pg_database d
        WHERE d.datname = current_database() AND NOT has_database_privilege('public', d.oid, 'CONNECT')
        UNION ALL
        SELECT format('GRANT CONNECT ON DATABASE %I TO %s', d.datname, a.grantee::regrole)
        FROM pg_database d, aclexplode(d.datacl) a
        WHERE d.datname = current_database() AND a.privilege_type = 'CONNECT' AND a.grantee NOT IN (0, d.datdba)
    LOOP
        EXECUTE command;
    END LOOP;
END;
$$;
