-- Distributes the tables over the nodes of Citus. Run it as the owner of the tables, on the coordinator and in one transaction: after each
-- migration, after a node was added, and after the number of shards was changed. It does not change tables that are distributed already.
-- Run sql/roles/server.sql after it.
--
-- Citus only places and moves the shards. The server connects to the node that has a shard, and runs its statements on the tables of that
-- shard. So every change is a transaction of one PostgreSQL, as without Citus.

-- Citus makes the triggers of a table on its shards too, with this setting. The script drops the triggers that read other rows.
SET LOCAL citus.enable_unsafe_triggers = on;
-- With this, the script is one transaction on each node.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL client_min_messages = warning;

DO $$
DECLARE
    reference_tables text[] := '{public.schema_migrations, public.session_cutoff, audit.volumes}';
    -- public.users is first, because the shards of the others are placed where its shards are.
    routed_tables text[] := '{public.users, public.user_emails, public.login_failures, public.network_attempts, public.sessions,
                              public.known_devices, public.one_time_tokens, public.mails, public.mail_budgets, public.mail_suppressions,
                              public.clients, public.audit_pending, public.audit_events, audit.chains}';
    tables regclass[];
    name regclass;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'public.users'::regclass) THEN
        -- An account and its address may be in different shards, so no constraint and no trigger can compare them.
        ALTER TABLE public.user_emails DROP CONSTRAINT user_emails_account_fkey, DROP CONSTRAINT user_emails_account_key;
        CREATE INDEX user_emails_account ON public.user_emails (user_id, account_routing);
        DROP TRIGGER users_email_changes_with_address ON public.users;
        DROP TRIGGER user_emails_address_changes_with_email ON public.user_emails;
        -- This table has no primary key. Without one, logical replication needs this to find a deleted row while a shard moves.
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
    -- The shards have a copy of the rows. The coordinator still has the old rows on its disk, where no query sees them.
    FOREACH name IN ARRAY coalesce(tables, '{}') LOOP
        PERFORM truncate_local_data_after_distributing_table(name);
    END LOOP;
END;
$$;

-- The nodes need the functions that the server's statements call, also the functions that are older than the extension.
SELECT create_distributed_function(p.oid::regprocedure)
FROM pg_proc p
WHERE (p.pronamespace = 'public'::regnamespace OR p.pronamespace = 'audit'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  AND NOT EXISTS (SELECT FROM pg_dist_object o WHERE o.classid = 'pg_proc'::regclass AND o.objid = p.oid)
  AND p.prorettype <> 'trigger'::regtype;

-- The hold: keeps all tables of a shard on this node until the transaction ends, or fails if the shard is on another node. The server calls
-- it first in each transaction. It runs with the rights of the owner, because only the owner may take this lock.
CREATE OR REPLACE FUNCTION public.hold_shard(shard bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A move takes this lock in a mode that excludes this mode (5, SHARE). The call fails for a shard that was split.
    PERFORM lock_shard_metadata(5, ARRAY[shard]);
    -- This statement begins after the lock was taken, so it sees the result of an earlier move.
    PERFORM FROM pg_dist_placement p, pg_dist_local_group g WHERE p.shardid = shard AND p.shardstate = 1 AND g.groupid = p.groupid;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the shard is on another node' USING ERRCODE = 'AA001';
    END IF;
END;
$$;

-- SKIP LOCKED does not work on a table of which every node has a copy. The coordinator opens and removes the volumes, so it is enough to
-- lock a table that only the coordinator has. The settings last until the end of the transaction. Citus takes them from this function only
-- if a query calls it, and not an expression.
CREATE OR REPLACE FUNCTION audit.hold_volumes() RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- With this, the caller's transaction is one transaction on each node.
    SET LOCAL citus.multi_shard_modify_mode = 'sequential';
    -- With this, the other nodes get lock_timeout too, and wait for a lock no longer than this node.
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

-- The coordinator's table of a volume has no rows. Its shards have them.
CREATE OR REPLACE FUNCTION audit.volume_size(number integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN citus_table_size(format('public.audit_events_%s', number)::regclass);
END;
$$;

-- Makes functions for each shard: audit.seal, audit.erase and audit.history with the names of that shard's tables. Their names have the
-- number of the shard's table of public.users.
DO $$
DECLARE
    shard record;
    old regprocedure;
    original regproc;
    own text;
    definition text;
BEGIN
    FOR old IN
        SELECT p.oid
        FROM pg_proc p
        WHERE p.pronamespace = 'audit'::regnamespace AND p.proname ~ '^(seal|erase|history)_[0-9]+$'
          AND NOT EXISTS (
              SELECT FROM pg_dist_shard s
              WHERE s.logicalrelid = 'public.users'::regclass AND s.shardid::text = split_part(p.proname, '_', 2)
          )
    LOOP
        EXECUTE format('DROP FUNCTION %s', old);
    END LOOP;
    FOR shard IN
        SELECT u.shardid AS users, p.shardid AS pending, e.shardid AS events, c.shardid AS chains, v.shardid AS volumes
        FROM pg_dist_shard u
        JOIN pg_dist_shard p ON p.logicalrelid = 'public.audit_pending'::regclass AND p.shardminvalue = u.shardminvalue
        JOIN pg_dist_shard e ON e.logicalrelid = 'public.audit_events'::regclass AND e.shardminvalue = u.shardminvalue
        JOIN pg_dist_shard c ON c.logicalrelid = 'audit.chains'::regclass AND c.shardminvalue = u.shardminvalue
        JOIN pg_dist_shard v ON v.logicalrelid = 'audit.volumes'::regclass
        WHERE u.logicalrelid = 'public.users'::regclass
    LOOP
        FOREACH original IN ARRAY '{audit.seal, audit.erase, audit.history}'::regproc[] LOOP
            own := format('%s_%s', original, shard.users);
            definition := pg_get_functiondef(original);
            definition := replace(definition, format('%s(', original), format('%s(', own));
            definition := replace(definition, 'public.audit_pending', format('public.audit_pending_%s', shard.pending));
            definition := replace(definition, 'public.audit_events', format('public.audit_events_%s', shard.events));
            definition := replace(definition, 'audit.chains', format('audit.chains_%s', shard.chains));
            definition := replace(definition, 'audit.volumes', format('audit.volumes_%s', shard.volumes));
            EXECUTE definition;
            -- Otherwise Citus refuses LOCK TABLE on a shard.
            EXECUTE format('ALTER FUNCTION %s SET citus.enable_manual_changes_to_shards = on', own);
        END LOOP;
    END LOOP;
END;
$$;

-- On a node that is added later, Citus makes the functions with the rights of new functions, and the database has the rights of a new
-- database. This corrects both.
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
