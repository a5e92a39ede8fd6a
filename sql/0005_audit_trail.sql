-- The audit trail: 4096 chains, one for each routing key.
--
-- A statement that changes something writes its event to audit_pending. In the background, events move from there to audit_events: each
-- gets the next position in the chain of its routing key, and a hash that covers it and the event before it. `auth-api audit verify`
-- computes the chains again. An event that commits late is moved late, and no other event waits for it.
CREATE SCHEMA audit;

-- Events that wait to be sealed. They have no index and no position, so it costs little to write one. They have no foreign keys, because
-- the trail must keep events of deleted accounts.
CREATE TABLE audit_pending (
    routing     integer     NOT NULL, -- of the account, the address that was tried, the networks or the service; else random
    id          uuid        NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    type        text        NOT NULL, -- the OWASP Logging Vocabulary
    outcome     text        NOT NULL,
    user_id     uuid,
    session_id  uuid,
    ip          inet,
    user_agent  text,
    request_id  text        NOT NULL,
    details     jsonb       NOT NULL DEFAULT '{}',
    CONSTRAINT audit_pending_outcome CHECK (outcome IN ('success', 'failure')),
    -- An event with another value has no chain, and would never be sealed.
    CONSTRAINT audit_pending_routing CHECK (routing BETWEEN 0 AND 4095),
    -- If the hash of an event cannot be computed, its chain cannot be sealed.
    CONSTRAINT audit_pending_sizes CHECK (
        octet_length(type) <= 100 AND octet_length(user_agent) <= 4096 AND octet_length(request_id) <= 4096
        AND octet_length(details::text) <= 1000000
    )
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);

-- Sealed events. A volume is the part of the trail that was sealed while that volume was the last one. Retention removes it as a whole. In
-- each chain the volumes follow each other.
CREATE TABLE audit_events (
    routing         integer     NOT NULL,
    position        bigint      NOT NULL, -- in the chain: 1, 2, 3 … without a gap
    volume          integer     NOT NULL,
    id              uuid        NOT NULL,
    occurred_at     timestamptz NOT NULL,
    sealed_at       timestamptz NOT NULL, -- by the clock of the database
    type            text        NOT NULL,
    outcome         text        NOT NULL,
    user_id         uuid,
    session_id      uuid,
    ip              inet,
    user_agent      text,
    request_id      text        NOT NULL,
    details         jsonb,
    -- The hash covers the personal fields (ip, user_agent, details) by a digest with this salt. Erasing sets the fields and the salt to
    -- NULL and keeps the digest. So the chain can still be verified, and nobody can guess the old values.
    salt            uuid,
    personal_digest bytea,                -- NULL until the fields are erased, because until then it can be computed
    hash            bytea       NOT NULL, -- SHA-256 of the hash before and of the digest of this event
    CONSTRAINT audit_events_pkey PRIMARY KEY (routing, position, volume)
) PARTITION BY LIST (volume);

-- Events are almost in the order of time, so a block range index finds a period at little cost.
CREATE INDEX audit_events_occurred_at ON audit_events USING brin (occurred_at) WITH (pages_per_range = 32);

-- Where each chain begins and ends. A transaction that seals a chain holds the lock of its row.
CREATE TABLE audit.chains (
    routing         integer     NOT NULL,
    -- The last event that retention removed, or the value before the first event.
    start_position  bigint      NOT NULL DEFAULT 0,
    start_hash      bytea       NOT NULL,
    start_sealed_at timestamptz NOT NULL,
    removed_at      timestamptz,          -- when retention removed that event
    -- The last event.
    end_position    bigint      NOT NULL DEFAULT 0,
    end_hash        bytea       NOT NULL,
    end_sealed_at   timestamptz NOT NULL,
    end_volume      integer     NOT NULL DEFAULT 1,
    CONSTRAINT chains_pkey PRIMARY KEY (routing),
    CONSTRAINT chains_order CHECK (start_position <= end_position)
) WITH (fillfactor = 50);
-- Each chain begins with a value that no other has.
INSERT INTO audit.chains (routing, start_hash, start_sealed_at, end_hash, end_sealed_at)
SELECT routing, hash, now(), hash, now()
FROM (SELECT routing, sha256(uuid_send(gen_random_uuid()) || int4send(routing)) AS hash FROM generate_series(0, 4095) AS routing OFFSET 0) AS made;

-- The row of volume 1 is never removed: a transaction that opens or removes a volume holds the lock of this row.
CREATE TABLE audit.volumes (
    number     integer     NOT NULL, -- 1, 2, 3 …; the events are in the table public.audit_events_<number>
    opened_at  timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,
    CONSTRAINT volumes_pkey PRIMARY KEY (number)
);
CREATE TABLE audit_events_1 PARTITION OF audit_events FOR VALUES IN (1);
INSERT INTO audit.volumes (number) VALUES (1);

-- Heads: one hash over the ends of all chains at one moment. An operator keeps the hash elsewhere.
CREATE TABLE audit.heads (
    number    numeric     NOT NULL, -- how many events were sealed until then
    hash      bytea       NOT NULL, -- SHA-256 of the position, the hash and the time of sealing of the end of every chain
    positions bigint[]    NOT NULL, -- of the ends, in the order of the routing keys
    volumes   integer[]   NOT NULL, -- in which the ends are, in the same order
    taken_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT heads_pkey PRIMARY KEY (hash)
);

CREATE FUNCTION audit.next_hash(state bytea, before bytea, digest bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(coalesce(state, before) || digest);
-- Computes the hash of each event of a chain, from the hash before the first of these events.
CREATE AGGREGATE audit.chained_hash(before bytea, digest bytea) (SFUNC = audit.next_hash, STYPE = bytea);

-- Moves at most `step` events into their chains, and returns their number. Several instances may call it at the same time, because each
-- takes chains that no other has locked. It runs with the rights of its owner. A caller can neither choose which events are sealed nor
-- change a sealed event.
CREATE FUNCTION audit.seal(step integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shift integer := floor(random() * 4096);
    held integer[];
    last_volume integer;
    clock timestamptz;
    moved bigint;
BEGIN
    step := least(greatest(step, 1), 10000);
    -- First this lock, then the locks of chains: audit.remove_volume has the same order.
    LOCK TABLE ONLY public.audit_events IN ROW EXCLUSIVE MODE;
    -- It locks, from a random chain on, only as many chains as have two steps of events. So other instances find chains that are free. It
    -- looks at the first rows only, so a step costs the same for any number of pending events.
    SELECT array_agg(locked.routing) INTO held
    FROM (
        SELECT c.routing FROM audit.chains c
        WHERE c.routing IN (
            SELECT w.routing
            FROM (
                SELECT p.routing, sum(count(*)) OVER (ORDER BY (p.routing + shift) % 4096) - count(*) AS events_before
                FROM (SELECT routing FROM public.audit_pending LIMIT 20 * step) AS p
                GROUP BY p.routing
            ) AS w
            WHERE w.events_before < 2 * step
        )
        FOR UPDATE SKIP LOCKED
    ) AS locked;
    IF held IS NULL THEN
        RETURN 0;
    END IF;
    SELECT max(number) INTO STRICT last_volume FROM audit.volumes;
    -- Not now(), because a caller can choose when the transaction begins.
    clock := clock_timestamp();
    -- This statement begins after the locks were taken, so it sees all changes of the transactions that held them before.
    WITH taken AS (
        DELETE FROM public.audit_pending
        WHERE ctid = ANY (ARRAY(SELECT p.ctid FROM public.audit_pending p WHERE p.routing = ANY (held) LIMIT step))
        RETURNING *
    ), placed AS (
        SELECT t.*, c.end_hash, row_number() OVER chain AS number, c.end_position + row_number() OVER chain AS position,
               greatest(c.end_volume, last_volume) AS volume, clock AS sealed_at,
               CASE WHEN row_number() OVER chain = 1 THEN c.end_sealed_at ELSE clock END AS sealed_before,
               gen_random_uuid() AS salt
        FROM taken t JOIN audit.chains c ON c.routing = t.routing
        WINDOW chain AS (PARTITION BY t.routing ORDER BY t.occurred_at, t.id)
    ), digested AS (
        SELECT p.*, sha256(convert_to(jsonb_build_array(
                   p.routing, p.position, p.volume, p.id, extract(epoch FROM p.occurred_at), extract(epoch FROM p.sealed_at),
                   extract(epoch FROM p.sealed_before), p.type, p.outcome, p.user_id, p.session_id, p.request_id,
                   encode(sha256(uuid_send(p.salt) || convert_to(jsonb_build_array(p.ip, p.user_agent, p.details)::text, 'UTF8')), 'hex')
               )::text, 'UTF8')) AS digest
        FROM placed p
    ), sealed AS (
        INSERT INTO public.audit_events (routing, position, volume, id, occurred_at, sealed_at, type, outcome, user_id, session_id, ip,
                                         user_agent, request_id, details, salt, hash)
        SELECT d.routing, d.position, d.volume, d.id, d.occurred_at, d.sealed_at, d.type, d.outcome, d.user_id, d.session_id, d.ip,
               d.user_agent, d.request_id, d.details, d.salt,
               audit.chained_hash(d.end_hash, d.digest) OVER (PARTITION BY d.routing ORDER BY d.position)
        FROM digested d
        ORDER BY d.routing, d.position
        RETURNING routing, position, volume, sealed_at, hash
    ), ended AS (
        UPDATE audit.chains c
        SET end_position = e.position, end_hash = e.hash, end_sealed_at = e.sealed_at, end_volume = e.volume
        FROM (SELECT DISTINCT ON (s.routing) s.* FROM sealed s ORDER BY s.routing, s.position DESC) AS e
        WHERE c.routing = e.routing
    )
    SELECT count(*) INTO moved FROM sealed;
    RETURN moved;
END;
$$;

-- Makes this transaction the only one that may open or remove volumes, and returns whether it succeeded. It does not wait.
CREATE FUNCTION audit.hold_volumes() RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM audit.volumes WHERE number = 1 FOR UPDATE SKIP LOCKED;
    RETURN FOUND;
END;
$$;

-- The size of a volume in octets.
CREATE FUNCTION audit.volume_size(number integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN pg_table_size(format('public.audit_events_%s', number)::regclass);
END;
$$;

-- When the youngest event of the oldest volume was sealed, and how many events the volume has.
CREATE FUNCTION audit.volume_extent(number integer, OUT youngest timestamptz, OUT events bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('SELECT max(e.sealed_at), coalesce(sum(e.position - c.start_position), 0)::bigint '
                   'FROM audit.chains c JOIN public.audit_events_%1$s e ON e.routing = c.routing '
                   'WHERE e.position = (SELECT max(l.position) FROM public.audit_events_%1$s l WHERE l.routing = c.routing)', number)
    INTO STRICT youngest, events;
END;
$$;

-- Opens the next volume, if the last one is a day old and large, or if it has events and is older than `longest`. Returns the number of the
-- new volume, or NULL.
CREATE FUNCTION audit.open_volume(longest interval) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan -- Citus can only plan with the values
AS $$
DECLARE
    last integer;
    opening timestamptz;
BEGIN
    PERFORM FROM audit.hold_volumes() AS held WHERE held;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT number, opened_at INTO STRICT last, opening FROM audit.volumes ORDER BY number DESC LIMIT 1;
    IF opening >= now() - interval '1 day' THEN
        RETURN NULL;
    END IF;
    IF audit.volume_size(last) <= 256 * 1024 * 1024 THEN
        IF opening >= now() - longest THEN
            RETURN NULL;
        END IF;
        PERFORM FROM public.audit_events WHERE volume = last LIMIT 1;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    -- The table is made first and then attached, because ATTACH waits for no reader and no writer of the other volumes.
    EXECUTE format('CREATE TABLE public.audit_events_%s (LIKE public.audit_events INCLUDING ALL)', last + 1);
    EXECUTE format('ALTER TABLE public.audit_events ATTACH PARTITION public.audit_events_%s FOR VALUES IN (%s)',
                   last + 1, last + 1);
    INSERT INTO audit.volumes (number) VALUES (last + 1);
    RETURN last + 1;
END;
$$;

-- The only way in which a role without the right to delete can remove events. It removes the oldest volume, if its youngest event was
-- sealed longer than `age` ago, and in any case longer than 30 days ago. The chains keep the last removed event as their start. It returns
-- the number of removed events, or NULL.
CREATE FUNCTION audit.remove_volume(age interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    oldest integer;
    cutoff timestamptz := now() - greatest(age, interval '30 days');
    volume record;
BEGIN
    PERFORM FROM audit.hold_volumes() AS held WHERE held;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT v.number INTO oldest
    FROM audit.volumes v
    JOIN audit.volumes next ON next.number = v.number + 1
    WHERE v.removed_at IS NULL
    ORDER BY v.number LIMIT 1;
    IF oldest IS NULL OR (SELECT youngest >= cutoff FROM audit.volume_extent(oldest)) THEN
        RETURN NULL;
    END IF;
    -- A long query of a reader is not interrupted: the volume is removed another time.
    BEGIN
        -- This waits until no transaction can seal an event of this volume. Like audit.seal, it takes this lock before those of the chains.
        EXECUTE format('ALTER TABLE public.audit_events DETACH PARTITION public.audit_events_%s', oldest);
        SELECT * INTO STRICT volume FROM audit.volume_extent(oldest);
        IF volume.youngest >= cutoff THEN
            -- The error undoes DETACH, and releases the lock.
            RAISE object_not_in_prerequisite_state;
        END IF;
        EXECUTE format('UPDATE audit.chains c '
                       'SET start_position = e.position, start_hash = e.hash, start_sealed_at = e.sealed_at, removed_at = now() '
                       'FROM public.audit_events_%1$s e WHERE e.routing = c.routing AND e.position = '
                       '(SELECT max(l.position) FROM public.audit_events_%1$s l WHERE l.routing = c.routing)', oldest);
        EXECUTE format('DROP TABLE public.audit_events_%s', oldest);
    EXCEPTION WHEN lock_not_available OR object_not_in_prerequisite_state THEN
        RETURN NULL;
    END;
    UPDATE audit.volumes SET removed_at = now() WHERE number = oldest;
    -- A head from before that time cannot be computed again.
    DELETE FROM audit.heads WHERE taken_at < cutoff;
    RETURN volume.events;
END;
$$;

-- Keeps the positions of the ends of all chains, and returns the head over them.
CREATE FUNCTION audit.take_head(OUT number numeric, OUT hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    ends record;
BEGIN
    -- With Citus the chains are in several shards. MATERIALIZED brings them together, so that the aggregates see all in one order.
    WITH c AS MATERIALIZED (SELECT routing, end_position, end_hash, end_sealed_at, end_volume FROM audit.chains)
    SELECT sum(c.end_position) AS number, array_agg(c.end_position ORDER BY c.routing) AS positions,
           array_agg(c.end_volume ORDER BY c.routing) AS volumes,
           sha256(convert_to(jsonb_agg(jsonb_build_array(
               c.end_position, encode(c.end_hash, 'hex'), extract(epoch FROM c.end_sealed_at)) ORDER BY c.routing)::text, 'UTF8')) AS hash
    INTO STRICT ends
    FROM c;
    INSERT INTO audit.heads (number, hash, positions, volumes) VALUES (ends.number, ends.hash, ends.positions, ends.volumes)
    -- Retention removes a head by its age. The age begins again.
    ON CONFLICT (hash) DO UPDATE SET taken_at = now();
    take_head.number := ends.number;
    take_head.hash := ends.hash;
END;
$$;
REVOKE EXECUTE ON FUNCTION audit.seal, audit.hold_volumes, audit.volume_size, audit.volume_extent, audit.open_volume, audit.remove_volume,
    audit.take_head FROM PUBLIC;
