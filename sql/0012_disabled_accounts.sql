-- What disabling has ended stays over when the account is enabled again.

ALTER TABLE sessions
    DROP CONSTRAINT sessions_end_cause,
    ADD CONSTRAINT sessions_end_cause CHECK (
        ended_by IN ('logout', 'logout_all', 'revoked', 'revoked_others', 'reuse', 'limit', 'client', 'disabled')
    );

-- Sessions of an earlier epoch are dead. It is raised here, so that it does not matter who disables an account.
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

-- Accounts that are disabled now: their sessions end too, or enabling would bring them back.
UPDATE users SET session_epoch = session_epoch + 1 WHERE disabled_at IS NOT NULL;
