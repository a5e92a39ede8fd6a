-- Sessions that converge on refresh, lists of them, services that ask about them, and the removal of what is over.

-- The old access token ends at a moment of its own: that of its grace or, where it is sooner, that which it had before.
-- An old refresh token needs no digest: the current one derives from it.
ALTER TABLE sessions
    ADD COLUMN previous_access_expires_at timestamptz,
    DROP COLUMN previous_refresh_digest,
    DROP CONSTRAINT sessions_end_cause,
    ADD CONSTRAINT sessions_end_cause CHECK (
        ended_by IN ('logout', 'logout_all', 'revoked', 'revoked_others', 'reuse', 'limit', 'client')
    ),
    ADD CONSTRAINT sessions_secrets_length CHECK (
        octet_length(salt) = 32 AND octet_length(access_digest) = 32 AND octet_length(refresh_digest) = 32
        AND octet_length(previous_access_digest) = 32
    );

-- The live sessions of an account, for its list, its limit, and their end. A refresh changes neither these columns nor ended_at, and
-- stays a heap-only update.
CREATE INDEX sessions_not_ended ON sessions (routing, user_id) WHERE ended_at IS NULL;

-- Services that may ask about tokens. Few rows, read by each such question; a revoked one stays, so that its name is not reused.
CREATE TABLE clients (
    id            text        COLLATE "C" NOT NULL,
    secret_digest bytea       NOT NULL,           -- SHA-256 of a secret of 256 bits
    created_at    timestamptz NOT NULL DEFAULT now(),
    revoked_at    timestamptz,
    CONSTRAINT clients_pkey PRIMARY KEY (id),
    CONSTRAINT clients_id_form CHECK (id ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT clients_secret_length CHECK (octet_length(secret_digest) = 32)
);

-- The one way in which audit rows are removed by a role that may not delete any. It runs with the rights of its owner, and
-- whatever it is asked, it leaves the last 30 days alone.
CREATE FUNCTION audit.remove_events(
    age interval, after_routing integer, after_id uuid, step integer,
    OUT examined bigint, OUT removed bigint, OUT last_routing integer, OUT last_id uuid
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH batch AS MATERIALIZED (
        SELECT routing, id, occurred_at
        FROM public.audit_events
        WHERE (routing, id) > (after_routing, after_id)
        ORDER BY routing, id
        LIMIT step
    ), gone AS (
        DELETE FROM public.audit_events e
        USING batch b
        WHERE b.occurred_at < now() - greatest(age, interval '30 days') AND e.routing = b.routing AND e.id = b.id
        RETURNING e.id
    ), last AS (
        SELECT routing, id FROM batch ORDER BY routing DESC, id DESC LIMIT 1
    )
    SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM gone), (SELECT routing FROM last), (SELECT id FROM last);
END;
REVOKE EXECUTE ON FUNCTION audit.remove_events FROM PUBLIC;
