-- A page of the history of one account, for its owner. The server's role may not read the trail, so it calls this function, which runs with
-- the rights of its owner and returns the events of one account only, and only those details that the owner of the account may know.
--
-- The trail has no index by account, so a call looks at no more than `portion` positions of the chain: from `ceiling` downwards, or from
-- the end of the chain if that is NULL. The first page has the pending events too, before the sealed ones. If they do not fit on it, the next
-- call says after which event to go on (`before`, `before_id`), with the same `ceiling`: those that were sealed meanwhile are above it. The
-- rows are at most `wanted` + 1 of each kind. The first columns are the same in each row, and there is a row even if there are no events.
CREATE FUNCTION audit.history(
    chain integer, account uuid, ceiling bigint, before timestamptz, before_id uuid, portion integer, wanted integer)
RETURNS TABLE (
    top bigint, bottom bigint, start bigint, is_recent boolean, id uuid, occurred_at timestamptz, type text, outcome text, session_id uuid,
    ip text, user_agent text, reason text, count bigint, failures bigint, renewals bigint, "position" bigint, volume integer,
    sealed_at timestamptz, hash text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    ends record;
BEGIN
    portion := least(greatest(portion, 1), 10000);
    wanted := least(greatest(wanted, 1), 1000);
    -- A stable function has one snapshot, so no event moves between these two statements.
    SELECT c.start_position, c.end_position INTO ends FROM audit.chains c WHERE c.routing = chain;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    top := least(ceiling, ends.end_position);
    bottom := greatest(top - portion, ends.start_position);
    start := ends.start_position;
    RETURN QUERY
    WITH recent AS (
        -- There is no index here either. If more events wait than this, a page has only some of them, and the others after their seal.
        SELECT p.id, p.occurred_at, p.type, p.outcome, p.session_id, p.ip, p.user_agent, p.details, NULL::bigint AS position,
               NULL::integer AS volume, NULL::timestamptz AS sealed_at, NULL::bytea AS hash
        FROM (SELECT * FROM public.audit_pending WHERE ceiling IS NULL OR before IS NOT NULL LIMIT 10 * portion) AS p
        WHERE p.routing = chain AND p.user_id = account AND (before IS NULL OR (p.occurred_at, p.id) < (before, before_id))
        UNION ALL
        SELECT e.id, e.occurred_at, e.type, e.outcome, e.session_id, e.ip, e.user_agent, e.details, e.position, e.volume, e.sealed_at, e.hash
        FROM public.audit_events e
        WHERE e.routing = chain AND e.position > top AND e.position <= top + portion AND e.user_id = account
          AND (e.occurred_at, e.id) < (before, before_id)
        ORDER BY occurred_at DESC, id DESC
        LIMIT wanted + 1
    ), sealed AS (
        SELECT e.id, e.occurred_at, e.type, e.outcome, e.session_id, e.ip, e.user_agent, e.details, e.position, e.volume, e.sealed_at, e.hash
        FROM public.audit_events e
        WHERE e.routing = chain AND e.position > bottom AND e.position <= top AND e.user_id = account
        ORDER BY e.position DESC
        LIMIT wanted + 1
    ), listed AS (
        SELECT true AS is_recent, r.*, row_number() OVER (ORDER BY r.occurred_at DESC, r.id DESC) AS number FROM recent r
        UNION ALL
        SELECT false, s.*, row_number() OVER (ORDER BY s.position DESC) FROM sealed s
    )
    SELECT top, bottom, start, l.is_recent, l.id, l.occurred_at, l.type, l.outcome, l.session_id, host(l.ip), l.user_agent,
           l.details ->> 'reason',
           CASE WHEN l.details ->> 'count' ~ '^[0-9]{1,15}$' THEN (l.details ->> 'count')::bigint END,
           CASE WHEN l.details ->> 'failures' ~ '^[0-9]{1,15}$' THEN (l.details ->> 'failures')::bigint END,
           CASE WHEN l.details ->> 'renewals' ~ '^[0-9]{1,15}$' THEN (l.details ->> 'renewals')::bigint END,
           l.position, l.volume, l.sealed_at, encode(l.hash, 'hex')
    FROM (VALUES (true)) AS always (one) LEFT JOIN listed l ON true
    ORDER BY l.is_recent DESC, l.number;
END;
$$;
REVOKE EXECUTE ON FUNCTION audit.history FROM PUBLIC;
