-- Accounts, their sessions, and the audit trail.
--
-- Every id of an account ends in the same four random bytes: its routing key. It is the first column of every key, and every
-- statement names it, so that one operation touches one shard of a distributed PostgreSQL. There are no sequences and no
-- unique constraints without it but the one that must be global: the canonical address.

CREATE TABLE users (
    routing       integer     NOT NULL,
    id            uuid        NOT NULL,
    email         text        NOT NULL,           -- as its owner wrote it; user_emails has the form that is compared
    password_hash text        NOT NULL,           -- Argon2id in PHC string format
    session_epoch integer     NOT NULL DEFAULT 0, -- raised by whatever ends all sessions; a session of an earlier epoch is dead
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (routing, id),
    CONSTRAINT users_email_length CHECK (octet_length(email) BETWEEN 3 AND 254),
    CONSTRAINT users_password_hash_format CHECK (password_hash LIKE '$argon2id$%')
);

-- Canonical address to account. It has no foreign key and lies apart, because an address is looked up before its account,
-- and so its shard, is known; the statement that registers an account writes both rows or neither.
CREATE TABLE user_emails (
    address text    COLLATE "C" NOT NULL,
    routing integer NOT NULL,
    user_id uuid    NOT NULL,
    CONSTRAINT user_emails_pkey PRIMARY KEY (address)
);

-- One row per session, for the whole of its life. A refresh replaces the digests in place. No column that it changes is
-- indexed and pages keep room, so that it is a heap-only update and neither table nor index grows by a row per token.
CREATE TABLE sessions (
    routing                 integer     NOT NULL,
    id                      uuid        NOT NULL,
    user_id                 uuid        NOT NULL,
    session_epoch           integer     NOT NULL,
    generation              integer     NOT NULL DEFAULT 1,
    salt                    bytea       NOT NULL, -- key of the derivation of successors and of the refresh tag
    access_digest           bytea       NOT NULL, -- SHA-256 of the secrets of the current generation
    refresh_digest          bytea       NOT NULL,
    previous_access_digest  bytea,                -- of the generation before it
    previous_refresh_digest bytea,
    created_at              timestamptz NOT NULL DEFAULT now(),
    rotated_at              timestamptz NOT NULL DEFAULT now(),
    successor_used_at       timestamptz,          -- first use of a token of the current generation
    last_seen_at            timestamptz NOT NULL DEFAULT now(),
    access_expires_at       timestamptz NOT NULL,
    idle_expires_at         timestamptz NOT NULL, -- moved by refresh, never beyond expires_at
    expires_at              timestamptz NOT NULL, -- fixed at login
    ended_at                timestamptz,
    ended_by                text,
    name                    text,                 -- as the device called itself
    ip                      inet,
    user_agent              text,
    CONSTRAINT sessions_pkey PRIMARY KEY (routing, id),
    CONSTRAINT sessions_user_fkey FOREIGN KEY (routing, user_id) REFERENCES users (routing, id) ON DELETE CASCADE,
    CONSTRAINT sessions_generation_positive CHECK (generation >= 1),
    CONSTRAINT sessions_secrets_length CHECK (
        octet_length(salt) = 32 AND octet_length(access_digest) = 32 AND octet_length(refresh_digest) = 32
        AND octet_length(previous_access_digest) = 32 AND octet_length(previous_refresh_digest) = 32
    ),
    CONSTRAINT sessions_idle_within_absolute CHECK (idle_expires_at <= expires_at AND access_expires_at <= expires_at),
    CONSTRAINT sessions_end_has_cause CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT sessions_end_cause CHECK (ended_by IN ('logout', 'logout_all'))
) WITH (fillfactor = 70);

-- Append-only. Each row is written by the statement that makes the change it tells of. An event without an account lies under
-- a random routing key. No foreign keys: the trail outlives what it tells of.
CREATE TABLE audit_events (
    routing     integer     NOT NULL,
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
    CONSTRAINT audit_events_pkey PRIMARY KEY (routing, id),
    CONSTRAINT audit_events_outcome CHECK (outcome IN ('success', 'failure'))
);

-- Rows arrive in the order of time, so a block range index finds a period at almost no cost to writers.
CREATE INDEX audit_events_occurred_at ON audit_events USING brin (occurred_at) WITH (pages_per_range = 32);
