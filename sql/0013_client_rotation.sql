-- A client may have a second secret for a while: the one that was replaced.
ALTER TABLE clients
    ADD COLUMN previous_secret_digest bytea,
    ADD COLUMN previous_secret_expires_at timestamptz,
    ADD CONSTRAINT clients_previous_secret_length CHECK (octet_length(previous_secret_digest) = 32),
    ADD CONSTRAINT clients_previous_secret_expires CHECK ((previous_secret_digest IS NULL) = (previous_secret_expires_at IS NULL));
