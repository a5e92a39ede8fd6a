-- Sessions, and the session cutoff.

-- One row for each session, for its whole life. A refresh replaces the digests in this row. It changes no indexed column, and pages have
-- room left, so it is a heap-only update. Neither the table nor an index grows by a row for each token.
CREATE TABLE sessions (
    routing                    integer     NOT NULL,
    id                         uuid        NOT NULL,
    user_id                    uuid        NOT NULL,
    session_epoch              integer     NOT NULL,
    generation                 integer     NOT NULL DEFAULT 1,
    salt                       bytea       NOT NULL, -- key that derives the next tokens and the refresh tag
    access_digest              bytea       NOT NULL, -- SHA-256 of the secrets of the current generation
    refresh_digest             bytea       NOT NULL,
    -- The digest of the access token of the previous generation. That token ends with its grace, or with its own lifetime if that is
    -- sooner. An old refresh token needs no digest, because the current one is derived from it.
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
    -- Failed logins of this session's device. Failures of strangers and of neighbours in the network are not counted here.
    failed_logins              integer     NOT NULL DEFAULT 0,
    login_blocked_until        timestamptz NOT NULL DEFAULT '-infinity',
    -- Refreshes that follow each other quickly from one origin share one event of the trail, which has their number. When the origin
    -- changes, a few events may follow each other quickly.
    renewal_recorded_at        timestamptz,          -- time of the first of these events
    renewal_rows               integer     NOT NULL DEFAULT 0,
    renewal_origin             bytea,                -- SHA-256 of the address and the user agent of the last event
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
    CONSTRAINT sessions_counted CHECK (failed_logins >= 0 AND unrecorded_renewals >= 0),
    -- No protocol has a date beyond the year 9999. A session that was created at 'infinity' would stay alive after
    -- `auth-api sessions revoke-all`, and one that was rotated at 'infinity' could be retried for ever.
    CONSTRAINT sessions_times_bounded CHECK (
        least(created_at, rotated_at, last_seen_at, access_expires_at, idle_expires_at, expires_at) >= '1970-01-01+00'
        AND greatest(created_at, rotated_at, last_seen_at, previous_access_expires_at, expires_at) <= '9999-12-31+00'
    ),
    CONSTRAINT sessions_texts_bounded CHECK (octet_length(name) <= 400 AND octet_length(user_agent) <= 2048)
) WITH (fillfactor = 70);

-- The sessions of an account that nobody has ended: to list them, to limit them and to end them. A refresh changes neither these columns
-- nor ended_at, so it stays a heap-only update.
CREATE INDEX sessions_not_ended ON sessions (user_id, routing) WHERE ended_at IS NULL;

-- A session that was created before the cutoff is dead, whatever its own row says. This is for use after a restore from a backup, because
-- sessions that were ended after the backup are alive again. The cutoff only moves forward. Every look-up of a session reads the one row;
-- without the row no session is alive.
CREATE TABLE session_cutoff (
    is_only  boolean     NOT NULL DEFAULT true,
    began_at timestamptz NOT NULL,
    set_at   timestamptz NOT NULL, -- when an operator moved it
    CONSTRAINT session_cutoff_pkey PRIMARY KEY (is_only),
    CONSTRAINT session_cutoff_one_row CHECK (is_only),
    CONSTRAINT session_cutoff_set_at_bounded CHECK (set_at BETWEEN '1970-01-01+00' AND '9999-12-31+00'),
    CONSTRAINT session_cutoff_begins_in_the_past CHECK (began_at <= set_at)
);
INSERT INTO session_cutoff (began_at, set_at) VALUES ('-infinity', now());
