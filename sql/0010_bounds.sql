-- What no row may hold: values that mean nothing, and that arithmetic in PostgreSQL or in the server cannot bear. Rows that were there
-- before are brought within the bounds where that changes nothing of what they say, and are otherwise not looked at.

-- A session ends at a date. Beyond the year 9999 no protocol can say it; a session that was created at 'infinity' would outlive
-- `auth-api sessions revoke-all`, and one that was rotated then could be retried for ever.
UPDATE sessions
SET access_expires_at = least(greatest(access_expires_at, '1970-01-01+00'), '9999-12-31+00'),
    idle_expires_at = least(greatest(idle_expires_at, '1970-01-01+00'), '9999-12-31+00'),
    expires_at = least(greatest(expires_at, '1970-01-01+00'), '9999-12-31+00')
WHERE least(access_expires_at, idle_expires_at, expires_at) < '1970-01-01+00' OR expires_at > '9999-12-31+00';
ALTER TABLE sessions
    ADD CONSTRAINT sessions_times_bounded CHECK (
        least(created_at, rotated_at, last_seen_at, access_expires_at, idle_expires_at, expires_at) >= '1970-01-01+00'
        AND greatest(created_at, rotated_at, last_seen_at, previous_access_expires_at, expires_at) <= '9999-12-31+00'
    ) NOT VALID,
    ADD CONSTRAINT sessions_texts_bounded CHECK (octet_length(name) <= 400 AND octet_length(user_agent) <= 2048) NOT VALID;

-- Raised by one each time: two thousand million times are never reached, and 2147483647 could not be raised.
ALTER TABLE users
    ADD CONSTRAINT users_session_epoch_bounded CHECK (session_epoch BETWEEN 0 AND 2000000000) NOT VALID,
    ADD CONSTRAINT users_created_at_bounded CHECK (created_at BETWEEN '1970-01-01+00' AND '9999-12-31+00') NOT VALID,
    -- It is a field of HTTP when a proxy asks.
    ADD CONSTRAINT users_email_visible CHECK (email !~ '[\x01-\x1f\x7f]') NOT VALID;

ALTER TABLE global_epoch
    ADD CONSTRAINT global_epoch_set_at_bounded CHECK (set_at BETWEEN '1970-01-01+00' AND '9999-12-31+00') NOT VALID;

-- A hash of Argon2id that the server can read and can bear: what libsodium verifies (version 1.3, 1 to 16 lanes, a salt of 8 octets and
-- more, a tag of 16 and more, 127 characters in all), at most 256 MiB and 16 passes. Any other would be a password that is never right.
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
ALTER TABLE users
    DROP CONSTRAINT users_password_hash_format,
    ADD CONSTRAINT users_password_hash_readable CHECK (password_hash_is_readable(password_hash)) NOT VALID;
