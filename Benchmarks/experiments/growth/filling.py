"""Accounts with five sessions each and one event for each login, made in bulk in the form and the order in which the server's own statements
leave them, for the schema of this tree and for the schema of 7c73f2d.

A fifth of the sessions and of the events is old enough to be removed. The other sessions are alive, of the last 29 days, and have been
refreshed once before. Rows are in the order of time. An index whose keys come in random order has a fill factor of 70, as random insertions
leave it. An index whose keys ascend has 90. The index of the sealed events has 50, because the end of each chain is a leaf in the middle of
the index, and such a leaf splits in half. Sealed events have the size of real ones, but their hashes are not real.
"""

SESSIONS_PER_ACCOUNT = 5
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"
ADDRESS = "growth{:012d}@example.org"  # all of one length

BEGINNING = """
SET synchronous_commit = off;
SET work_mem = '1GB';
SET maintenance_work_mem = '1GB';
SET max_parallel_workers_per_gather = 0;
SET synchronize_seqscans = off;
DELETE FROM users;
DELETE FROM login_failures;
DELETE FROM network_attempts;
CREATE FUNCTION pg_temp.id(at timestamptz, tail text) RETURNS uuid LANGUAGE sql VOLATILE AS
  $$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(r, 16, 3) || substr(r, 20, 4) || substr(r, 25, 4)
             || tail)::uuid FROM (SELECT gen_random_uuid()::text) AS random (r) $$;
CREATE FUNCTION pg_temp.address(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT 'growth' || lpad(n::text, 12, '0') || '@example.org' $$;
CREATE FUNCTION pg_temp.time_of(s bigint) RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT CASE WHEN s < {old} THEN now() - interval '560 days' + interval '120 days' * s / {old}
                 ELSE now() - interval '29 days' + interval '28 days' * (s - {old}) / ({sessions} - {old}) END $$;
"""

# Autovacuum would add its own cost to the measurement, at any time.
AUTOVACUUM = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'audit'::regnamespace) LOOP
        EXECUTE 'ALTER TABLE ' || name || ' SET (autovacuum_enabled = off)';
    END LOOP;
END $$;
"""

SESSION_COLUMNS = """routing, id, user_id, session_epoch, salt, access_digest, refresh_digest, previous_access_digest,
  previous_access_expires_at, created_at, rotated_at, successor_used_at, last_seen_at, access_expires_at, idle_expires_at, expires_at,
  ended_at, ended_by, ip, user_agent"""
# The digest of a refresh token is made from the session's id, so this program knows it.
SESSIONS = """
INSERT INTO sessions ({columns}{more_columns})
SELECT a.routing, s.id, a.id, 0, sha256(s.key || 'salt'), sha256(s.key || 'access'), sha256(s.key), sha256(s.key || 'previous'),
       s.at, s.at, s.at, s.at, s.at, CASE WHEN s.is_old THEN s.at ELSE now() + interval '1 day' END,
       CASE WHEN s.is_old THEN s.at ELSE now() + interval '14 days' END, CASE WHEN s.is_old THEN s.at ELSE now() + interval '30 days' END,
       CASE WHEN s.is_old THEN s.at END, CASE WHEN s.is_old THEN 'logout' END, '192.0.2.1', '{agent}'{more_values}
FROM (SELECT n, n * {multiplier} % {accounts} AS account, n < {old} AS is_old, pg_temp.time_of(n) AS at
      FROM generate_series(0::bigint, {sessions} - 1) AS n OFFSET 0) AS t
JOIN people a ON a.n = t.account,
LATERAL (SELECT pg_temp.id(t.at, a.tail) AS id, t.is_old, t.at OFFSET 0) AS i,
LATERAL (SELECT i.*, uuid_send(i.id) AS key OFFSET 0) AS s
"""

PEOPLE = """
CREATE UNLOGGED TABLE people AS
SELECT n, routing, {tail} AS tail, pg_temp.id(now() - interval '700 days' + interval '100 days' * n / {accounts}, {tail}) AS id
FROM generate_series(0::bigint, {accounts} - 1) AS n, LATERAL (SELECT {routing} AS routing OFFSET 0) AS r;
ANALYZE people;
INSERT INTO users (routing, id, email, password_hash, created_at)
SELECT routing, id, pg_temp.address(n), '{password_hash}', now() - interval '700 days' + interval '100 days' * n / {accounts} FROM people ORDER BY n;
"""
EVENT_COLUMNS = "routing, id, occurred_at, type, outcome, user_id, session_id, ip, user_agent, request_id, details"
EVENTS = """s.routing, pg_temp.id(s.created_at, right(s.id::text, 8)), s.created_at, 'authn_login_success', 'success', s.user_id, s.id, s.ip,
  s.user_agent, gen_random_uuid()::text, '{}'::jsonb"""

# The earlier schema: a random routing key of 32 bits is the first column of every key.
FORMER = {
    "routing": "('x' || substr(md5(n::text), 1, 8))::bit(32)::integer", "tail": "lpad(to_hex(routing), 8, '0')",
    "more_columns": "", "more_values": "",
    "before": """
ALTER TABLE sessions DROP CONSTRAINT sessions_user_fkey, DROP CONSTRAINT sessions_pkey;
ALTER TABLE users DROP CONSTRAINT users_pkey;
ALTER TABLE user_emails DROP CONSTRAINT IF EXISTS user_emails_account_fkey, DROP CONSTRAINT user_emails_pkey;
ALTER TABLE audit_events DROP CONSTRAINT audit_events_pkey;
DROP INDEX sessions_not_ended, audit_events_position, audit_events_occurred_at;
DELETE FROM audit_events;
""",
    "addresses": "INSERT INTO user_emails (address, routing, user_id) SELECT pg_temp.address(n), routing, id FROM people ORDER BY n",
    "events": """
INSERT INTO audit_events ({event_columns}, position)
SELECT {events}, row_number() OVER () - 1000000000000000 FROM sessions s;
INSERT INTO audit.seals
SELECT last.number + n + 1, n * 250 - 999999999999999, n * 250 + 250 - 999999999999999, 0, 250, pg_temp.time_of(n * 250 + 249),
       sha256(int8send(n)), now(), sha256(int8send(-n))
FROM (SELECT max(number) FROM audit.seals) AS last (number), generate_series(0, {sessions} / 250 - 1) AS n;
""",
    "after": """
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (routing, id) WITH (fillfactor = 70);
ALTER TABLE user_emails ADD CONSTRAINT user_emails_pkey PRIMARY KEY (address) WITH (fillfactor = 70);
ALTER TABLE user_emails ADD CONSTRAINT user_emails_account_fkey
  FOREIGN KEY (routing, user_id) REFERENCES users (routing, id) ON DELETE CASCADE NOT VALID;
ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (routing, id) WITH (fillfactor = 70);
ALTER TABLE sessions ADD CONSTRAINT sessions_user_fkey
  FOREIGN KEY (routing, user_id) REFERENCES users (routing, id) ON DELETE CASCADE NOT VALID;
CREATE INDEX sessions_not_ended ON sessions (routing, user_id) WITH (fillfactor = 70) WHERE ended_at IS NULL;
ALTER TABLE audit_events ADD CONSTRAINT audit_events_pkey PRIMARY KEY (routing, id) WITH (fillfactor = 70);
CREATE INDEX audit_events_position ON audit_events (position);
CREATE INDEX audit_events_occurred_at ON audit_events USING brin (occurred_at) WITH (pages_per_range = 32);
""",
}

# This tree's schema.
PRESENT = {
    "routing": "address_routing(pg_temp.address(n))", "tail": "lpad(to_hex((routing::bigint << 20) + floor(random() * 1048576)::bigint), 8, '0')",
    "more_columns": ", renewal_recorded_at, renewal_rows, renewal_origin", "more_values": ", s.at, 1, sha256(s.key || 'origin')",
    "before": """
ALTER TABLE sessions DROP CONSTRAINT sessions_user_fkey, DROP CONSTRAINT sessions_pkey;
ALTER TABLE user_emails DROP CONSTRAINT user_emails_account_fkey, DROP CONSTRAINT user_emails_pkey, DROP CONSTRAINT user_emails_account_key;
ALTER TABLE users DROP CONSTRAINT users_pkey;
DROP INDEX sessions_not_ended;
DROP TABLE audit_events_1;
CREATE TABLE audit_events_1 (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
CREATE TABLE audit_events_2 (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
DELETE FROM audit_pending;
""",
    "addresses": """INSERT INTO user_emails (routing, address, user_id, account_routing)
SELECT routing, pg_temp.address(n), id, routing FROM people ORDER BY n""",
    "events": """
CREATE TEMPORARY SEQUENCE positions;
INSERT INTO audit_events_1 ({event_columns}, position, volume, sealed_at, salt, hash)
SELECT e.*, nextval('positions'), 1, e.occurred_at + interval '5 seconds', gen_random_uuid(), sha256(uuid_send(e.id))
FROM (SELECT {events} FROM sessions s WHERE s.ended_at IS NOT NULL) AS e ({event_columns});
INSERT INTO audit_events_2 ({event_columns}, position, volume, sealed_at, salt, hash)
SELECT e.*, nextval('positions'), 2, e.occurred_at + interval '5 seconds', gen_random_uuid(), sha256(uuid_send(e.id))
FROM (SELECT {events} FROM sessions s WHERE s.ended_at IS NULL) AS e ({event_columns});
UPDATE audit.chains SET start_position = 0, start_sealed_at = now() - interval '600 days', end_position = {sessions},
                        end_sealed_at = now(), end_volume = 2;
UPDATE audit.volumes SET opened_at = now() - interval '560 days' WHERE number = 1;
INSERT INTO audit.volumes (number, opened_at) VALUES (2, now() - interval '439 days');
""",
    "after": """
ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY (id, routing);
ALTER TABLE user_emails ADD CONSTRAINT user_emails_pkey PRIMARY KEY (address, routing) WITH (fillfactor = 70),
  ADD CONSTRAINT user_emails_account_key UNIQUE (user_id, account_routing);
ALTER TABLE user_emails ADD CONSTRAINT user_emails_account_fkey
  FOREIGN KEY (user_id, account_routing) REFERENCES users (id, routing) ON DELETE CASCADE NOT VALID;
ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (id, routing);
ALTER TABLE sessions ADD CONSTRAINT sessions_user_fkey
  FOREIGN KEY (user_id, routing) REFERENCES users (id, routing) ON DELETE CASCADE NOT VALID;
CREATE INDEX sessions_not_ended ON sessions (user_id, routing) WITH (fillfactor = 70) WHERE ended_at IS NULL;
ALTER TABLE audit_events_1 ADD CONSTRAINT audit_events_1_pkey PRIMARY KEY (routing, position, volume) WITH (fillfactor = 50);
ALTER TABLE audit_events_2 ADD CONSTRAINT audit_events_2_pkey PRIMARY KEY (routing, position, volume) WITH (fillfactor = 50);
ALTER TABLE audit_events ATTACH PARTITION audit_events_1 FOR VALUES IN (1);
ALTER TABLE audit_events ATTACH PARTITION audit_events_2 FOR VALUES IN (2);
""",
}

# Later insertions split pages as the schema says.
END = """
DROP TABLE people;
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind = 'i' AND reloptions::text LIKE '{{fillfactor=%}}' LOOP
        EXECUTE 'ALTER INDEX ' || name || ' RESET (fillfactor)';
    END LOOP;
END $$;
VACUUM (ANALYZE, FREEZE);
CHECKPOINT
"""


def statements(schema, sessions):
    text = "".join([BEGINNING, schema["before"], AUTOVACUUM, PEOPLE, schema["addresses"], ";", SESSIONS, ";", schema["events"], schema["after"], END])
    values = {"columns": SESSION_COLUMNS, "event_columns": EVENT_COLUMNS, "events": EVENTS, "agent": AGENT, "password_hash": PASSWORD_HASH,
              "sessions": sessions, "old": sessions // 5, "accounts": sessions // SESSIONS_PER_ACCOUNT, "multiplier": 1_000_003,
              **{name: schema[name] for name in ["routing", "tail", "more_columns", "more_values"]}}
    return [each for each in map(str.strip, separated(text.format(**values))) if each]


def separated(text):
    """Statements end with a semicolon at the end of a line that is not within $$."""
    statement, is_quoted = [], False
    for line in text.splitlines():
        is_quoted ^= line.count("$$") % 2 == 1
        statement.append(line)
        if line.endswith(";") and not is_quoted:
            yield "\n".join(statement).rstrip(";")
            statement = []
    yield "\n".join(statement)
