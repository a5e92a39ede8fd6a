-- Attempts to guess, counted before they are evaluated. Neither table belongs to the data of an account: the first is keyed by the
-- address that was tried, be there such an account or not, the second by where it was tried from.

-- Consecutive failures to log in, attempts that are being evaluated included. Whoever logged in from a network before has a row of his
-- own there, so that strangers who guess at his account do not lock him out; they share the row of ::/0.
CREATE TABLE login_failures (
    address       text        COLLATE "C" NOT NULL, -- canonical
    network       cidr        NOT NULL,             -- an IPv4 address, the /64 of an IPv6 address, or ::/0
    failures      integer     NOT NULL,
    blocked_until timestamptz NOT NULL,
    forgotten_at  timestamptz NOT NULL,             -- from then on the row is as good as none
    CONSTRAINT login_failures_pkey PRIMARY KEY (address, network),
    CONSTRAINT login_failures_counted CHECK (failures >= 0),
    CONSTRAINT login_failures_outlives_block CHECK (forgotten_at >= blocked_until)
);
CREATE INDEX login_failures_forgotten_at ON login_failures (forgotten_at);

-- One row holds a whole rate: the moment until which a network has spent its allowance (GCRA, ITU-T I.371).
CREATE TABLE network_attempts (
    network     cidr        NOT NULL,
    kind        text        COLLATE "C" NOT NULL,
    spent_until timestamptz NOT NULL,               -- from then on the row is as good as none
    CONSTRAINT network_attempts_pkey PRIMARY KEY (network, kind),
    CONSTRAINT network_attempts_kind CHECK (kind IN ('login', 'registration', 'refresh', 'client'))
);
CREATE INDEX network_attempts_spent_until ON network_attempts (spent_until);

-- Who counts as where: an IPv4 address, or the /64 that one customer has of IPv6.
CREATE FUNCTION attempt_network(ip inet) RETURNS cidr
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN network(set_masklen(coalesce(ip, '::'), CASE family(coalesce(ip, '::')) WHEN 4 THEN 32 ELSE 64 END));

-- Which addresses nobody may try now, from where, and until when; infinity: until `auth-api user unlock`.
CREATE VIEW audit.blocked_logins AS
SELECT address AS email, nullif(network, '::/0') AS network, failures, blocked_until
FROM public.login_failures
WHERE blocked_until > now();
