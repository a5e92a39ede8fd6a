-- Limits on guessing that lock nobody out for good, and an audit trail that one account cannot fill.

-- No block is for good: after a hundred consecutive failures there is one attempt in an hour. A count that had no end gets one.
UPDATE login_failures
SET blocked_until = now() + interval '1 hour', forgotten_at = now() + interval '100 days'
WHERE blocked_until = 'infinity';

ALTER TABLE login_failures
    -- Successful logins have an allowance too: of one account from one network (GCRA, as in network_attempts).
    ADD COLUMN logins_spent_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Until then the account knows the network. Failures do not move it; they only move forgotten_at.
    ADD COLUMN known_until timestamptz NOT NULL DEFAULT '-infinity';
UPDATE login_failures SET known_until = least(forgotten_at, now() + interval '90 days') WHERE network <> '::/0';

-- The network of that allowance: an IPv4 address, or the /48 that one customer of IPv6 may have (RFC 6177).
CREATE FUNCTION login_network(ip inet) RETURNS cidr
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN network(set_masklen(coalesce(ip, '::'), CASE family(coalesce(ip, '::')) WHEN 4 THEN 32 ELSE 48 END));

ALTER TABLE sessions
    -- Failed logins of the device that this session belongs to. Neither strangers nor neighbours add to them.
    ADD COLUMN login_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN login_blocked_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Refreshes in quick succession from one origin share one row of the trail, which has their number. A few rows follow each other
    -- quickly when the origin changes.
    ADD COLUMN renewal_recorded_at timestamptz, -- the first of these rows
    ADD COLUMN renewal_rows integer NOT NULL DEFAULT 0,
    ADD COLUMN renewal_origin bytea,            -- SHA-256 of the address and the user agent of the last row
    ADD COLUMN unrecorded_renewals integer NOT NULL DEFAULT 0,
    -- The last generation whose retry is in the trail.
    ADD COLUMN retried_generation integer,
    -- All rows have the defaults now, so that none needs to be read.
    ADD CONSTRAINT sessions_counted CHECK (login_failures >= 0 AND unrecorded_renewals >= 0) NOT VALID;

-- The networks whose allowance an attempt spends. One customer of IPv6 has a /64, a /56 or a /48 (RFC 6177), so all three are counted; a
-- wider one has the allowance of so many narrow ones (share).
CREATE FUNCTION attempt_networks(ip inet) RETURNS TABLE (network cidr, share integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT network(set_masklen(coalesce(ip, '::'), length)), share
    FROM (VALUES (4, 32, 1), (6, 64, 1), (6, 56, 4), (6, 48, 16)) AS kept (family, length, share)
    WHERE kept.family = family(coalesce(ip, '::'));
END;
