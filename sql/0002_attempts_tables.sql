-- Attempts to guess, counted before they are evaluated. Neither table belongs to the data of an account. The key of the first is the
-- address that was tried, whether or not it has an account. The key of the second is the network of the attempt.

-- Consecutive failures to log in, with the attempts that are being evaluated. People who logged in from a network before have a row of
-- their own there, so strangers who guess at their account do not lock them out. Strangers share the row of ::/0.
CREATE TABLE login_failures (
    routing            integer     NOT NULL,             -- of the address
    address            text        COLLATE "C" NOT NULL, -- canonical
    network            cidr        NOT NULL,             -- an IPv4 address, the /64 or /48 of an IPv6 address, or ::/0
    failures           integer     NOT NULL,
    blocked_until      timestamptz NOT NULL,
    forgotten_at       timestamptz NOT NULL,             -- from then on the row has no effect
    -- One account has an allowance for successful logins from one network too (GCRA, as in network_attempts).
    logins_spent_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Until then the account knows the network. Failures change only forgotten_at.
    known_until        timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT login_failures_pkey PRIMARY KEY (address, network, routing),
    CONSTRAINT login_failures_counted CHECK (failures >= 0),
    CONSTRAINT login_failures_outlives_block CHECK (forgotten_at >= blocked_until)
);
CREATE INDEX login_failures_forgotten_at ON login_failures (forgotten_at);

-- One row holds a whole rate: the moment until which a network has spent its allowance (GCRA, ITU-T I.371).
CREATE TABLE network_attempts (
    routing     integer     NOT NULL,             -- of the widest network that counts this one
    network     cidr        NOT NULL,
    kind        text        COLLATE "C" NOT NULL,
    spent_until timestamptz NOT NULL,             -- from then on the row has no effect
    CONSTRAINT network_attempts_pkey PRIMARY KEY (network, kind, routing),
    CONSTRAINT network_attempts_kind CHECK (kind IN ('login', 'registration', 'refresh', 'client'))
);
CREATE INDEX network_attempts_spent_until ON network_attempts (spent_until);

-- The network of an address: an IPv4 address, or the /64 that one customer of IPv6 has.
CREATE FUNCTION attempt_network(ip inet) RETURNS cidr
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN network(set_masklen(coalesce(ip, '::'), CASE family(coalesce(ip, '::')) WHEN 4 THEN 32 ELSE 64 END));

-- The network of the allowance of successful logins: an IPv4 address, or the /48 that one customer of IPv6 may have (RFC 6177).
CREATE FUNCTION login_network(ip inet) RETURNS cidr
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN network(set_masklen(coalesce(ip, '::'), CASE family(coalesce(ip, '::')) WHEN 4 THEN 32 ELSE 48 END));

-- The networks whose allowance an attempt spends. One customer of IPv6 has a /64, a /56 or a /48 (RFC 6177), so all three are counted. A
-- wider network has the allowance of several narrow ones (share). The rows of all three have the routing key of the widest
-- network, which the server computes.
CREATE FUNCTION attempt_networks(ip inet) RETURNS TABLE (network cidr, share integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT network(set_masklen(coalesce(ip, '::'), length)), share
    FROM (VALUES (4, 32, 1), (6, 64, 1), (6, 56, 4), (6, 48, 16)) AS kept (family, length, share)
    WHERE kept.family = family(coalesce(ip, '::'));
END;
