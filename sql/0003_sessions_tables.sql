-- Sessions, and the moment before which all of them are over.

-- One row per session, for the whole of its life. A refresh replaces the digests in place. No column that it changes is indexed, and pages
-- keep room, so that it is a heap-only update and neither table nor index grows by a row per token.
CREATE TABLE sessions (
    routing                    integer     NOT NULL,
    id                         uuid        NOT NULL,
    user_id                    uuid        NOT NULL,
    session_epoch              integer     NOT NULL,
    generation                 integer     NOT NULL DEFAULT 1,
    salt                       bytea       NOT NULL, -- key of the derivation of successors and of the refresh tag
    access_digest              bytea       NOT NULL, -- SHA-256 of the secrets of the current generation
    refresh_digest             bytea       NOT NULL,
    -- Of the generation before it. It ends with its grace or, if that is sooner, when it would have ended anyway. An old refresh token
    -- needs no digest: the current one derives from it.
    previous_access_digest     bytea,
    previous_access_expires_at timestamptz,
    created_at                 timestamptz NOT NULL DEFAULT now(),
    rotated_at                 timestamptz NOT NULL DEFAULT now(),
    successor_used_at          timestamptz,          -- first use of a token of the current generation
    last_seen_at               timestamptz NOT NULL DEFAULT now(),
    access_expires_at          timestamptz NOT NULL,
    idle_expires_at            timestamptz NOT NULL, -- moved by refresh, never beyond expires_at
    expires_at                 timestamptz NOT NULL, -- fixed at login
    ended_at                   timestamptz,
    ended_by                   text,
    name                       text,                 -- as the device called itself
    ip                         inet,
    user_agent                 text,
    -- Failed logins of the device that this session belongs to. Neither strangers nor neighbours add to them.
    login_failures             integer     NOT NULL DEFAULT 0,
    login_blocked_until        timestamptz NOT NULL DEFAULT '-infinity',
    -- Refreshes in quick succession from one origin share one row of the trail, which has their number. A few rows follow each other
    -- quickly when the origin changes.
    renewal_recorded_at        timestamptz,          -- the first of these rows
    renewal_rows               integer     NOT NULL DEFAULT 0,
    renewal_origin             bytea,                -- SHA-256 of the address and the user agent of the last row
    unrecorded_renewals        integer     NOT NULL DEFAULT 0,
    retried_generation         integer,              -- the last one whose retry is in the trail
    CONSTRAINT sessions_pkey PRIMARY KEY (id, routing),
    CONSTRAINT sessions_user_fkey FOREIGN KEY (user_id, routing) REFERENCES users (id, routing) ON DELETE CASCADE,
    CONSTRAINT sessions_generation_positive CHECK (generation >= 1),
    CONSTRAINT sessions_secrets_length CHECK (
        octet_length(salt) = 32 AND octet_length(access_digest) = 32 AND octet_length(refresh_digest) = 32
        AND octet_length(previous_access_digest) = 32
    ),
    CONSTRAINT sessions_idle_within_absolute CHECK (idle_expires_at <= expires_at AND access_expires_at <= expires_at),
    CONSTRAINT sessions_end_has_cause CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT sessions_end_cause CHECK (
        ended_by IN ('logout', 'logout_all', 'revoked', 'revoked_others', 'reuse', 'limit', 'client', 'disabled')
    ),
    CONSTRAINT sessions_counted CHECK (login_failures >= 0 AND unrecorded_renewals >= 0),
    -- A session ends at a date. Beyond the year 9999 no protocol can say it; a session that was created at 'infinity' would outlive
    -- `auth-api sessions revoke-all`, and one that was rotated then could be retried for ever.
    CONSTRAINT sessions_times_bounded CHECK (
        least(created_at, rotated_at, last_seen_at, access_expires_at, idle_expires_at, expires_at) >= '1970-01-01+00'
        AND greatest(created_at, rotated_at, last_seen_at, previous_access_expires_at, expires_at) <= '9999-12-31+00'
    ),
    CONSTRAINT sessions_texts_bounded CHECK (octet_length(name) <= 400 AND octet_length(user_agent) <= 2048)
) WITH (fillfactor = 70);

-- The live sessions of an account, for its list, its limit, and their end. A refresh changes neither these columns nor ended_at, and
-- stays a heap-only update.
CREATE INDEX sessions_not_ended ON sessions (user_id, routing) WHERE ended_at IS NULL;

-- A session created before it is dead, whatever its own row says: for use after a restore from a backup, which brings back to life what
-- had been ended since. It only ever moves forward. One row, read by every look-up of a session; without the row no session is alive.
CREATE TABLE session_cutoff (
    is_only  boolean     NOT NULL DEFAULT true,
    began_at timestamptz NOT NULL,
    set_at   timestamptz NOT NULL, -- when that was said
    CONSTRAINT session_cutoff_pkey PRIMARY KEY (is_only),
    CONSTRAINT session_cutoff_one_row CHECK (is_only),
    CONSTRAINT session_cutoff_set_at_bounded CHECK (set_at BETWEEN '1970-01-01+00' AND '9999-12-31+00'),
    CONSTRAINT session_cutoff_begins_in_the_past CHECK (began_at <= set_at)
);
INSERT INTO session_cutoff (began_at, set_at) VALUES ('-infinity', now());
