-- An account and its address are changed together, whoever changes them.

-- Before, a deleted account left its address behind, taken for ever.
DELETE FROM user_emails e
WHERE NOT EXISTS (SELECT FROM users u WHERE u.routing = e.routing AND u.id = e.user_id);

-- An account has one address, and its deletion frees it; its sessions go with it already (sessions_user_fkey). The audit trail stays.
ALTER TABLE user_emails
    ADD CONSTRAINT user_emails_account_key UNIQUE (routing, user_id),
    ADD CONSTRAINT user_emails_account_fkey FOREIGN KEY (routing, user_id) REFERENCES users (routing, id) ON DELETE CASCADE;

-- The address under which an account is found is the canonical form of users.email, which SQL cannot compute. So neither may change
-- without the other: at the end of a transaction that changed one of them, the other must have been written by the same transaction. Rows
-- that were written after a savepoint have the number of that savepoint, and are refused as well.
CREATE FUNCTION account_changes_with_address() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    account_routing integer;
    account uuid;
BEGIN
    IF TG_TABLE_NAME = 'users' THEN
        account_routing := OLD.routing;
        account := OLD.id;
    ELSE
        account_routing := OLD.routing;
        account := OLD.user_id;
    END IF;
    IF EXISTS (
        SELECT FROM users u
        LEFT JOIN user_emails e ON e.routing = u.routing AND e.user_id = u.id
        WHERE u.routing = account_routing AND u.id = account
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

-- OF email: no other change of an account asks.
CREATE CONSTRAINT TRIGGER users_email_changes_with_address
    AFTER UPDATE OF email ON users DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.email IS DISTINCT FROM OLD.email)
    EXECUTE FUNCTION account_changes_with_address();
CREATE CONSTRAINT TRIGGER user_emails_address_changes_with_email
    AFTER UPDATE OR DELETE ON user_emails DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION account_changes_with_address();
