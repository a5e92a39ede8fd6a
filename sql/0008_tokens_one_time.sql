-- The secrets of mailed links and codes. A row has a digest of the secret, never the secret. The server makes a token when it sends the
-- mail, so a mail that waits to be sent has no token yet.
CREATE TABLE one_time_tokens (
    routing         integer     NOT NULL,             -- of the account, or of the address if there is no account yet
    id              uuid        NOT NULL,
    purpose         text        COLLATE "C" NOT NULL, -- the only thing that the token permits
    user_id         uuid,                             -- NULL: there is no account yet
    email           text        NOT NULL,             -- the address that the token is about, as its owner wrote it
    address         text        COLLATE "C" NOT NULL, -- the same in canonical form
    mail_id         uuid        NOT NULL,
    digest          bytea       NOT NULL,             -- SHA-256 of the secret
    -- The same mail may have a code, for people who cannot open the link where they need it. A code is short, so its hash is slow: Argon2id
    -- in PHC string format.
    code_hash       text,
    code_expires_at timestamptz,
    code_tries      integer     NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    ended_at        timestamptz,
    ended_by        text,
    CONSTRAINT one_time_tokens_pkey PRIMARY KEY (id, routing),
    CONSTRAINT one_time_tokens_user_fkey FOREIGN KEY (user_id, routing) REFERENCES users (id, routing) ON DELETE CASCADE,
    CONSTRAINT one_time_tokens_purpose CHECK (
        purpose IN ('verify_email', 'reset_password', 'confirm_registration', 'accept_invitation', 'confirm_email', 'undo_email',
                    'restore_account', 'secure_account')
    ),
    CONSTRAINT one_time_tokens_digest_length CHECK (octet_length(digest) = 32),
    CONSTRAINT one_time_tokens_code CHECK ((code_hash IS NULL) = (code_expires_at IS NULL)),
    CONSTRAINT one_time_tokens_code_tries CHECK (code_tries BETWEEN 0 AND 5),
    CONSTRAINT one_time_tokens_end CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT one_time_tokens_end_cause CHECK (ended_by IN ('redeemed', 'superseded', 'revoked'))
);
-- To end an account's older tokens, and to remove all of them together with the account.
CREATE INDEX one_time_tokens_of_account ON one_time_tokens (user_id, routing) WHERE user_id IS NOT NULL;
-- The same for an address without an account.
CREATE INDEX one_time_tokens_of_address ON one_time_tokens (address, routing) WHERE ended_at IS NULL AND user_id IS NULL;
