-- Services that may ask about tokens. The table has few rows, and each such request reads one. A revoked row stays, so its id is not used
-- again.
CREATE TABLE clients (
    routing                    integer     NOT NULL,           -- of the id
    id                         text        COLLATE "C" NOT NULL,
    secret_digest              bytea       NOT NULL,           -- SHA-256 of a secret of 256 bits
    -- The replaced secret, which works until it expires.
    previous_secret_digest     bytea,
    previous_secret_expires_at timestamptz,
    created_at                 timestamptz NOT NULL DEFAULT now(),
    revoked_at                 timestamptz,
    CONSTRAINT clients_pkey PRIMARY KEY (id, routing),
    CONSTRAINT clients_routing CHECK (routing = address_routing(id)),
    CONSTRAINT clients_id_form CHECK (id ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT clients_secret_length CHECK (octet_length(secret_digest) = 32),
    CONSTRAINT clients_previous_secret_length CHECK (octet_length(previous_secret_digest) = 32),
    CONSTRAINT clients_previous_secret_expires CHECK ((previous_secret_digest IS NULL) = (previous_secret_expires_at IS NULL))
);
