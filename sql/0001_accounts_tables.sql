-- Accounts and their addresses.
--
-- Every row of account data has a routing key: 12 bits of the SHA-256 of an address, so one of 4096 values. All ids of an account contain
-- the account's routing key, so one id is enough to find it. Every primary key contains the routing key and every statement names it, so
-- the rows of an account could be together on one of several machines. Primary keys begin with the id, and the id begins with the time, so
-- new rows are neighbours in the index. There are no sequences.

-- The routing key of a canonical address. The server computes the same key for the id of a new account.
CREATE FUNCTION address_routing(address text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- Not by convert_to, which is not immutable: then PostgreSQL would call this function instead of putting its body into the statement.
RETURN (get_byte(sha256(replace(address, '\', '\\')::bytea), 0) << 4) | (get_byte(sha256(replace(address, '\', '\\')::bytea), 1) >> 4);

-- A hash of Argon2id that libsodium can verify (version 1.3, 1 to 16 lanes, a salt of at least 8 octets, a tag of at least 16, at most 127
-- characters), and that costs the server at most 256 MiB and 16 passes. With any other hash no password would ever be right.
CREATE FUNCTION password_hash_is_readable(phc text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN octet_length(phc) <= 127
   AND phc ~ '^\$argon2id\$v=19\$m=[1-9][0-9]{0,5},t=[1-9][0-9]?,p=[1-9][0-9]?\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{22,}$'
   -- Base64 without padding, whose last bits are 0.
   AND phc ~ '\$([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048])?\$[^$]+$'
   AND phc ~ '\$([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048])?$'
   AND substring(phc, 'm=([0-9]{1,6})')::integer BETWEEN 8 * substring(phc, 'p=([0-9]{1,2})')::integer AND 262144
   AND substring(phc, 't=([0-9]{1,2})')::integer <= 16
   AND substring(phc, 'p=([0-9]{1,2})')::integer <= 16;

CREATE TABLE users (
    routing       integer     NOT NULL,           -- of the first address; it stays when the address changes
    id            uuid        NOT NULL,
    email         text        NOT NULL,           -- as its owner wrote it; user_emails has the form that is compared
    password_hash text        NOT NULL,           -- Argon2id in PHC string format
    session_epoch integer     NOT NULL DEFAULT 0, -- raised when all sessions are ended; a session of an earlier epoch is dead
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (id, routing),
    CONSTRAINT users_email_length CHECK (octet_length(email) BETWEEN 3 AND 254),
    -- It goes into an HTTP header when a proxy asks.
    CONSTRAINT users_email_visible CHECK (email !~ '[\x01-\x1f\x7f]'),
    CONSTRAINT users_password_hash_readable CHECK (password_hash_is_readable(password_hash)),
    -- It is raised by one each time, and 2147483647 could not be raised.
    CONSTRAINT users_session_epoch_bounded CHECK (session_epoch BETWEEN 0 AND 2000000000),
    CONSTRAINT users_created_at_bounded CHECK (created_at BETWEEN '1970-01-01+00' AND '9999-12-31+00')
);

-- From a canonical address to its account. A row has the routing key of the address. The account has another key if its address was
-- changed.
CREATE TABLE user_emails (
    routing         integer NOT NULL,             -- of the address
    address         text    COLLATE "C" NOT NULL,
    user_id         uuid    NOT NULL,
    account_routing integer NOT NULL,
    CONSTRAINT user_emails_pkey PRIMARY KEY (address, routing),
    -- An account has one address, and its deletion frees it.
    CONSTRAINT user_emails_account_key UNIQUE (user_id, account_routing),
    CONSTRAINT user_emails_account_fkey FOREIGN KEY (user_id, account_routing) REFERENCES users (id, routing) ON DELETE CASCADE,
    CONSTRAINT user_emails_routing CHECK (routing = address_routing(address))
);

-- The server finds an account by the canonical form of users.email, which SQL cannot compute. So neither may change without the other: a
-- transaction that changes one of them must write the other too, before it ends. Rows that were written after a savepoint have the number
-- of that savepoint, so they are refused too.
CREATE FUNCTION account_changes_with_address() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    account uuid;
BEGIN
    IF TG_TABLE_NAME = 'users' THEN
        account := OLD.id;
    ELSE
        account := OLD.user_id;
    END IF;
    IF EXISTS (
        SELECT FROM users u
        LEFT JOIN user_emails e ON e.user_id = u.id
        WHERE u.id = account
          AND (u.xmin = pg_current_xact_id()::xid AND e.xmin = pg_current_xact_id()::xid) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'users.email and user_emails.address of account % must be changed together', account
            USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME,
                  HINT = 'Use `auth-api user rename OLD-ADDRESS NEW-ADDRESS`, or `auth-api user delete ADDRESS`. By SQL, change both in one '
                         'transaction, neither after a savepoint nor in a block with EXCEPTION.';
    END IF;
    RETURN NULL;
END;
$$;

-- OF email: no other change of an account runs the trigger.
CREATE CONSTRAINT TRIGGER users_email_changes_with_address
    AFTER UPDATE OF email ON users DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email)
    EXECUTE FUNCTION account_changes_with_address();
CREATE CONSTRAINT TRIGGER user_emails_address_changes_with_email
    AFTER UPDATE OR DELETE ON user_emails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION account_changes_with_address();

-- Sessions of an earlier epoch are dead. The trigger raises the epoch, so it does not matter who disables an account. The sessions stay
-- dead when the account is enabled again.
CREATE FUNCTION disabling_raises_epoch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.session_epoch = OLD.session_epoch THEN
        NEW.session_epoch := OLD.session_epoch + 1;
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER users_disabling_raises_epoch
    BEFORE UPDATE OF disabled_at ON users
    FOR EACH ROW WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL)
    EXECUTE FUNCTION disabling_raises_epoch();
