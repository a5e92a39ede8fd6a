"""Accounts with one live session each, and dead ones before it, made in bulk. Their secrets are computed from their numbers, so
that this program knows the token of each and the database its digest."""

import base64
import hashlib
import hmac
import zlib

EPOCH_MILLISECONDS = 1_767_225_600_000  # 2026-01-01; ids are in the order in which the rows lie
MULTIPLIER = 2_654_435_761  # odd, so that the ends of ids are different and spread over the range; pgbench can compute them too

# A session's number is its round times the number of accounts, plus its account's number. Keys are made after the rows. The routing key of
# an account differs from the key of its address, as if the address had been changed.
FILLING = """
CREATE FUNCTION pg_temp.routing(tail text) RETURNS integer LANGUAGE sql AS $$ SELECT ('x' || tail)::bit(12)::integer $$;
CREATE FUNCTION pg_temp.tail(n bigint) RETURNS text LANGUAGE sql AS
  $$ SELECT lpad(to_hex(n * {multiplier} & 4294967295), 8, '0') $$;
CREATE FUNCTION pg_temp.id(kind text, n bigint, tail text) RETURNS uuid LANGUAGE sql AS
  $$ SELECT (lpad(to_hex({epoch} + n), 12, '0') || '7' || kind || '80000000' || tail)::uuid $$;
CREATE FUNCTION pg_temp.secret(purpose text, n bigint) RETURNS bytea LANGUAGE sql AS
  $$ SELECT sha256((purpose || ' ' || n)::bytea) $$;
SET synchronous_commit = off;
CREATE TEMPORARY TABLE keys AS SELECT conrelid::regclass AS name, conname AS key, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE confrelid = 'users'::regclass;
DO $$ DECLARE k record; BEGIN FOR k IN TABLE keys LOOP
EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.name, k.key); END LOOP; END $$;
ALTER TABLE sessions DROP CONSTRAINT sessions_pkey;
ALTER TABLE users DROP CONSTRAINT users_pkey;
INSERT INTO users (routing, id, email, password_hash)
SELECT pg_temp.routing(t), pg_temp.id('aaa', n, t), 'bulk' || n || '@example.org', '{password_hash}'
FROM generate_series(0, {users} - 1) n, LATERAL (SELECT pg_temp.tail(n) OFFSET 0) k (t);
INSERT INTO user_emails (routing, address, user_id, account_routing)
SELECT address_routing(email), email, id, routing FROM users WHERE email LIKE 'bulk%';
INSERT INTO sessions (routing, id, user_id, session_epoch, salt, access_digest, refresh_digest, created_at, rotated_at, last_seen_at,
                      access_expires_at, idle_expires_at, expires_at, ended_at, ended_by, name, ip, user_agent)
SELECT pg_temp.routing(t), pg_temp.id('bbb', s, t), pg_temp.id('aaa', n, t), 0, pg_temp.secret('salt', s),
       sha256(pg_temp.secret('access', s)), sha256(pg_temp.secret('refresh', s)), now() - age, now() - age, now() - age + seen,
       now() - age + interval '1 year', now() - age + interval '1 year', now() - age + interval '1 year',
       CASE WHEN NOT is_live THEN now() - age + interval '1 hour' END, CASE WHEN NOT is_live THEN 'logout' END,
       'laptop', '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
FROM generate_series(0, {users} * {rounds} - 1) s,
     LATERAL (SELECT s % {users}, s / {users} = s % {users} % {rounds}) k (n, is_live),
     LATERAL (SELECT pg_temp.tail(n), CASE WHEN is_live THEN interval '0' ELSE interval '100 days' END OFFSET 0) l (t, age),
     LATERAL (SELECT CASE WHEN is_live THEN interval '{seen}' ELSE interval '1 hour' END) m (seen);
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id, routing);
ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (id, routing);
DO $$ DECLARE k record; BEGIN FOR k IN TABLE keys LOOP
EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.name, k.key, k.definition); END LOOP; END $$;
VACUUM (ANALYZE, FREEZE);
CHECKPOINT;
"""


def secret(purpose, number):
    return hashlib.sha256(b"%s %d" % (purpose, number)).digest()


def sealed(prefix, payload):
    octets = payload + zlib.crc32(prefix + payload).to_bytes(4, "big")
    return (prefix + base64.urlsafe_b64encode(octets).rstrip(b"=")).decode()


class Population:
    """`dead` sessions of each account ended long ago; the live one lies anywhere among them."""

    def __init__(self, users, dead=0):
        self.users, self.rounds = users, dead + 1

    def statements(self, seen="0", password_hash="$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"):
        """They fill an empty database of the schema. `seen`: when the live sessions were last seen, from now; beyond now, nothing is
        written for having seen them."""
        filling = FILLING.format(
            users=self.users, rounds=self.rounds, epoch=EPOCH_MILLISECONDS, multiplier=MULTIPLIER, seen=seen, password_hash=password_hash)
        return filling.strip().split(";\n")

    def _session(self, user):
        """What every token of the user's live session begins with, and the session's number."""
        number = user % self.rounds * self.users + user
        time = (EPOCH_MILLISECONDS + number).to_bytes(6, "big")
        tail = (user * MULTIPLIER & 0xFFFF_FFFF).to_bytes(4, "big")
        return time + bytes.fromhex("7bbb80000000") + tail + (1).to_bytes(4, "big"), number

    def access_token(self, user):
        head, number = self._session(user)
        return sealed(b"aat_", head + secret(b"access", number))

    def refresh_token(self, user):
        head, number = self._session(user)
        token = head + secret(b"refresh", number)
        tag = hmac.digest(secret(b"salt", number), b"auth-api/tag/2" + token[16:], "sha256")[:16]
        return sealed(b"art_", token + tag)
