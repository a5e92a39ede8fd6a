-- Takes a person out of one chain of the audit trail: the fields `ip`, `user_agent` and `details` of each event that is of the account, or
-- whose details name one of the addresses, in upper or lower case. The digest of a sealed event stays, so the chain can still be verified.
--
-- A call looks at no more than `step` sealed events, from the one after `after_position`. `reached` is the value for the next call, or
-- NULL after the last one. That one looks at the pending events too. The database writes an event with the number of erased events, so
-- nobody can erase without a trace. It runs with the rights of its owner, and it is the only way in which another role can change an event.
CREATE FUNCTION audit.erase(
    chain integer, account uuid, addresses text[], after_position bigint, step integer, event uuid, OUT erased bigint, OUT reached bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
AS $$
DECLARE
    -- The address may be anywhere in the object. A strict path visits each value once.
    texts CONSTANT jsonpath := 'strict $.** ? (@.type() == "string")';
    named CONSTANT text[] := ARRAY(SELECT lower(a) FROM unnest(addresses) AS a WHERE a IS NOT NULL);
    ends record;
    pending bigint;
BEGIN
    step := least(greatest(step, 1), 10000);
    -- First this lock, then the lock of the chain: audit.seal and audit.remove_volume have the same order. While this transaction has the
    -- lock of the chain, no pending event of the chain is sealed. So no event can pass from one half of the search to the other.
    LOCK TABLE ONLY public.audit_events IN ROW EXCLUSIVE MODE;
    SELECT c.start_position, c.end_position INTO ends FROM audit.chains c WHERE c.routing = chain FOR UPDATE;
    IF NOT FOUND THEN
        erased := 0;
        RETURN;
    END IF;
    after_position := greatest(after_position, ends.start_position);
    reached := least(after_position + step, ends.end_position);
    -- An event that has nothing personal stays as it is. So does the record of an erasure, or erasing again would erase that too.
    UPDATE public.audit_events e
    SET ip = NULL, user_agent = NULL, details = NULL, salt = NULL,
        personal_digest = sha256(uuid_send(e.salt) || convert_to(jsonb_build_array(e.ip, e.user_agent, e.details)::text, 'UTF8'))
    WHERE e.routing = chain AND e.position > after_position AND e.position <= reached
      AND (e.user_id = account OR EXISTS (
          SELECT FROM jsonb_path_query(e.details, texts) AS t (value) WHERE lower(t.value #>> '{}') = ANY (named)))
      AND e.salt IS NOT NULL AND (e.ip IS NOT NULL OR e.user_agent IS NOT NULL OR e.details <> '{}')
      AND e.type <> 'audit_events_erased';
    GET DIAGNOSTICS erased = ROW_COUNT;
    IF reached >= ends.end_position THEN
        -- Nobody knows the digest of these events yet, so they need none.
        UPDATE public.audit_pending
        SET ip = NULL, user_agent = NULL, details = '{}'
        WHERE ctid = ANY (ARRAY(
            SELECT p.ctid FROM public.audit_pending p
            WHERE p.routing = chain AND (p.user_id = account OR EXISTS (
                  SELECT FROM jsonb_path_query(p.details, texts) AS t (value) WHERE lower(t.value #>> '{}') = ANY (named)))
              AND (p.ip IS NOT NULL OR p.user_agent IS NOT NULL OR p.details <> '{}') AND p.type <> 'audit_events_erased'
            LIMIT step));
        GET DIAGNOSTICS pending = ROW_COUNT;
        erased := erased + pending;
        IF pending < step THEN
            reached := NULL;
        END IF;
    END IF;
    IF erased > 0 THEN
        INSERT INTO public.audit_pending (routing, id, type, outcome, user_id, request_id, details)
        VALUES (chain, event, 'audit_events_erased', 'success', account, 'server:erasure', jsonb_build_object('count', erased));
    END IF;
END;
$$;
REVOKE EXECUTE ON FUNCTION audit.erase FROM PUBLIC;
