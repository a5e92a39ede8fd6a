-- What happens to an account after its registration: its address is verified or changed, its password must be reset, it is disabled for a
-- time, or it will be deleted.

-- NULL: nobody has proved yet that the address is the owner's.
ALTER TABLE users ADD COLUMN email_verified_at timestamptz;
-- What the owner says of themselves: display_name, locale, metadata. NULL: nothing.
ALTER TABLE users ADD COLUMN profile jsonb;
-- NULL: not since the registration.
ALTER TABLE users ADD COLUMN password_changed_at timestamptz;
-- Nobody can log in before the password was reset, because a stranger may know it.
ALTER TABLE users ADD COLUMN password_reset_required boolean NOT NULL DEFAULT false;
-- Until then the address cannot be changed, because a stranger has changed it or may try.
ALTER TABLE users ADD COLUMN email_frozen_until timestamptz;
ALTER TABLE users ADD COLUMN disabled_reason text;
-- The first login after that enables the account. NULL: only an operator does.
ALTER TABLE users ADD COLUMN disabled_until timestamptz;
-- The owner has deleted the account. It is erased after that time, unless the owner restores it. No session can be opened meanwhile.
ALTER TABLE users ADD COLUMN deleted_after timestamptz;
ALTER TABLE users ADD CONSTRAINT users_profile_bounded CHECK (octet_length(profile::text) <= 8192 AND jsonb_typeof(profile) = 'object');
ALTER TABLE users ADD CONSTRAINT users_disabled_reason_bounded CHECK (octet_length(disabled_reason) <= 2000);
-- To find the accounts that are to be erased.
CREATE INDEX users_deleted_after ON users (deleted_after) WHERE deleted_after IS NOT NULL;

-- After a change of address nobody else can get the old address until this time, because the account may take it back. NULL: this is the
-- account's address.
ALTER TABLE user_emails ADD COLUMN held_until timestamptz;
-- To find the addresses whose time is over.
CREATE INDEX user_emails_held_until ON user_emails (held_until) WHERE held_until IS NOT NULL;

-- With Citus an account and its addresses may be in different shards, so there is neither this key nor these triggers: see
-- sql/citus/distribute.sql.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_constraint WHERE conname = 'user_emails_account_key' AND conrelid = 'user_emails'::regclass) THEN
        ALTER TABLE user_emails DROP CONSTRAINT user_emails_account_key;
        -- An account has one address (NULL), besides those that are held for it. It is checked at the end of the transaction, because a
        -- change writes both rows in one statement. The foreign key finds all rows of an account by it.
        ALTER TABLE user_emails ADD CONSTRAINT user_emails_account_key
            UNIQUE NULLS NOT DISTINCT (user_id, account_routing, held_until) DEFERRABLE INITIALLY DEFERRED;
        DROP TRIGGER user_emails_address_changes_with_email ON user_emails;
        CREATE CONSTRAINT TRIGGER user_emails_address_changes_with_email
            AFTER UPDATE OR DELETE ON user_emails DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (OLD.held_until IS NULL)
            EXECUTE FUNCTION account_changes_with_address();
    END IF;
END;
$$;

CREATE OR REPLACE FUNCTION account_changes_with_address() RETURNS trigger
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
        LEFT JOIN user_emails e ON e.user_id = u.id AND e.held_until IS NULL
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

ALTER TABLE sessions DROP CONSTRAINT sessions_end_cause;
ALTER TABLE sessions ADD CONSTRAINT sessions_end_cause CHECK (
    ended_by IN ('logout', 'logout_all', 'revoked', 'revoked_others', 'reuse', 'limit', 'client', 'disabled', 'password', 'secured', 'deleted')
);

-- From which devices and networks an account has signed in: digests only, so nobody can read the devices here. A sign-in from a device and
-- a network that both are missing here is told to the owner.
CREATE TABLE known_devices (
    routing integer     NOT NULL,
    user_id uuid        NOT NULL,
    digest  bytea       NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_devices_pkey PRIMARY KEY (user_id, digest, routing),
    CONSTRAINT known_devices_user_fkey FOREIGN KEY (user_id, routing) REFERENCES users (id, routing) ON DELETE CASCADE,
    CONSTRAINT known_devices_digest_length CHECK (octet_length(digest) = 32)
);
