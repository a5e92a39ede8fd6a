-- The trail is sealed in the background into a chain: each seal covers a range of rows and the seal before it. `auth-api audit verify`
-- computes it again.

-- Where a row lies in the trail: the number of the transaction that wrote it. All transactions below the oldest that runs are over, so
-- that nothing can come into a range below it any more, however late others commit. No clock is asked, and no writer waits for another.
-- Rows that are there already lie before all transactions, in the order of the table.
CREATE TEMPORARY SEQUENCE earlier MINVALUE -1000000000000000;
ALTER TABLE audit_events ADD COLUMN position bigint NOT NULL DEFAULT nextval('earlier');
ALTER TABLE audit_events ALTER COLUMN position SET DEFAULT pg_current_xact_id()::text::bigint;
DROP SEQUENCE earlier;
CREATE INDEX audit_events_position ON audit_events (position);

CREATE TABLE audit.seals (
    number         bigint      NOT NULL, -- 0, 1, 2 … without a gap
    from_position  bigint      NOT NULL, -- the range begins where that of the seal before it ends
    until_position bigint      NOT NULL, -- the first that is not of the range
    xid_offset     bigint      NOT NULL, -- what positions have more than the numbers of transactions
    events         bigint      NOT NULL,
    last_at        timestamptz,          -- of the youngest of them
    digest         bytea       NOT NULL, -- SHA-256 of the rows' SHA-256, in the order of the trail
    sealed_at      timestamptz NOT NULL,
    hash           bytea       NOT NULL, -- SHA-256 of all of the above and of the hash of the seal before
    removed_at     timestamptz,          -- when retention removed the rows
    CONSTRAINT seals_pkey PRIMARY KEY (number),
    CONSTRAINT seals_range CHECK (from_position <= until_position),
    CONSTRAINT seals_hash_length CHECK (octet_length(digest) = 32 AND octet_length(hash) = 32)
);
CREATE INDEX seals_not_removed ON audit.seals (last_at) WHERE removed_at IS NULL;

CREATE FUNCTION audit.seal_hash(s audit.seals, previous bytea) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN sha256(convert_to(jsonb_build_array(
    s.number, s.from_position, s.until_position, s.xid_offset, s.events, extract(epoch FROM s.last_at), encode(s.digest, 'hex'),
    extract(epoch FROM s.sealed_at), encode(previous, 'hex'))::text, 'UTF8'));

-- Seals the next rows, about so many, at most 1000: all rows of one transaction lie in one range.
--
-- Several instances may call it: one works, the others get NULL. It runs with the rights of its owner, and whoever may call it can
-- neither choose what is sealed nor change a seal.
CREATE FUNCTION audit.seal(step integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last audit.seals;
    made audit.seals;
    horizon bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7022344802737349996) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT last FROM audit.seals ORDER BY number DESC LIMIT 1;
    IF pg_snapshot_xmax(pg_current_snapshot())::text::bigint + last.xid_offset < last.until_position THEN
        last := audit.continue_elsewhere(last);
    END IF;
    horizon := pg_snapshot_xmin(pg_current_snapshot())::text::bigint + last.xid_offset;
    made.number := last.number + 1;
    made.from_position := last.until_position;
    made.xid_offset := last.xid_offset;
    made.sealed_at := clock_timestamp();
    SELECT coalesce(
        (SELECT e.position + 1 FROM public.audit_events e
         WHERE e.position >= made.from_position AND e.position < horizon
         ORDER BY e.position OFFSET least(greatest(step, 1), 1000) - 1 LIMIT 1),
        horizon) INTO made.until_position;
    SELECT count(*), max(e.occurred_at), sha256(coalesce(string_agg(sha256(convert_to(jsonb_build_array(
               e.position, e.routing, e.id, extract(epoch FROM e.occurred_at), e.type, e.outcome, e.user_id, e.session_id, e.ip,
               e.user_agent, e.request_id, e.details)::text, 'UTF8')), '' ORDER BY e.position, e.routing, e.id), ''))
    INTO made.events, made.last_at, made.digest
    FROM public.audit_events e
    WHERE e.position >= made.from_position AND e.position < made.until_position;
    IF made.events > 0 THEN
        made.hash := audit.seal_hash(made, last.hash);
        INSERT INTO audit.seals SELECT made.*;
    END IF;
    RETURN made.events;
END;
$$;

-- A dump that was restored into another cluster meets younger transactions with smaller numbers. From here on positions are that
-- much larger, and an empty seal says so. Rows written there before that fall into what is sealed, and are found there.
CREATE FUNCTION audit.continue_elsewhere(last audit.seals) RETURNS audit.seals
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made audit.seals;
BEGIN
    LOCK TABLE public.audit_events IN ACCESS EXCLUSIVE MODE;
    made.number := last.number + 1;
    made.from_position := last.until_position;
    made.until_position := last.until_position;
    SELECT greatest(last.until_position, max(e.position) + 1) INTO made.xid_offset FROM public.audit_events e;
    made.events := 0;
    made.digest := sha256('');
    made.sealed_at := clock_timestamp();
    made.hash := audit.seal_hash(made, last.hash);
    INSERT INTO audit.seals SELECT made.*;
    EXECUTE format(
        'ALTER TABLE public.audit_events ALTER COLUMN position SET DEFAULT pg_current_xact_id()::text::bigint + %s', made.xid_offset);
    RETURN made;
END;
$$;

-- The chain begins before every row, at a time that no other chain begins at.
INSERT INTO audit.seals (number, from_position, until_position, xid_offset, events, digest, sealed_at, hash)
VALUES (0, -9223372036854775808, -9223372036854775808, 0, 0, sha256(''), clock_timestamp(), sha256(''));
UPDATE audit.seals s SET hash = audit.seal_hash(s, '');

-- The one way in which audit rows are removed by a role that may not delete any: all rows of one seal, when the youngest of them is old
-- enough and, whatever is asked, 30 days. The seal stays and tells of it. NULL where nothing is old enough.
DROP FUNCTION audit.remove_events;
CREATE FUNCTION audit.remove_sealed(age interval) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH old AS MATERIALIZED (
        UPDATE audit.seals SET removed_at = now()
        WHERE number = (
            SELECT number FROM audit.seals
            WHERE removed_at IS NULL AND last_at < now() - greatest(age, interval '30 days')
            ORDER BY last_at
            LIMIT 1
            FOR UPDATE
        )
        RETURNING from_position, until_position
    ), gone AS (
        DELETE FROM public.audit_events e
        USING old
        WHERE e.position >= old.from_position AND e.position < old.until_position
        RETURNING e.routing
    )
    SELECT (SELECT count(*) FROM gone) FROM old;
END;
REVOKE EXECUTE ON FUNCTION audit.seal_hash, audit.seal, audit.continue_elsewhere, audit.remove_sealed FROM PUBLIC;
