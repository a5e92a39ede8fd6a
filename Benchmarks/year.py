#!/usr/bin/env python3
"""A year of logins and of retention on a smaller scale, one day after another: do the tables keep their size, and retention its speed?

    Benchmarks/year.py [--logins 20000] [--days 365] [--kept 90] [--accounts 20000]

Each day has `--logins` logins. SQL makes the day with the rows that the server's statements would leave: its sessions, the event of each
login, and the end of the sessions of the day before. Then the server's own statements remove rows that are older than `--kept` days. They
take the server's steps, but without pauses between them. They also open and remove volumes of the trail. All days are in the past, because
the database refuses to remove a young event. The program vacuums the tables every 18 days, when about a fifth of the rows has changed, as
autovacuum does.
"""

import argparse
import time

from experiments.growth.filling import AGENT, PASSWORD_HASH
from harness import cluster
from harness.service import Service
from harness.wire import Connection, Recorder

STEP = 25
LONGEST_SESSION = 30
VOLUMES = 16  # in the time for which events are kept

PEOPLE = """
INSERT INTO users (routing, id, email, password_hash, created_at)
SELECT address_routing(address), (lpad(to_hex(n), 12, '0') || '7aaa80000000' || lpad(to_hex(address_routing(address)::bigint << 20), 8, '0'))::uuid,
       address, '{password_hash}', '2020-01-01'
FROM generate_series(1, {accounts}) AS n, LATERAL (SELECT 'year' || n || '@example.org' AS address) AS a
"""
SESSIONS = """
INSERT INTO sessions (routing, id, user_id, session_epoch, salt, access_digest, refresh_digest, created_at, rotated_at, last_seen_at,
                      access_expires_at, idle_expires_at, expires_at, ip, user_agent)
SELECT u.routing, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7bbb8' || lpad(to_hex(s), 7, '0') || right(u.id::text, 8))::uuid,
       u.id, 0, sha256(int4send(s)), sha256(int8send(s)), sha256(int2send((s % 30000)::int2)), at, at, at, at + interval '1 hour',
       at + interval '14 days', at + interval '30 days', '192.0.2.1', '{agent}'
FROM generate_series(0, {logins} - 1) AS s
JOIN (SELECT row_number() OVER () - 1 AS n, * FROM users) AS u ON u.n = s::bigint * 1000003 % {accounts},
LATERAL (SELECT timestamptz '{day}' + interval '1 day' * s / {logins} AS at) AS t
ORDER BY at
"""
ENDS = """
UPDATE sessions SET ended_at = created_at + interval '1 day', ended_by = 'logout'
WHERE created_at >= timestamptz '{day}' - interval '1 day' AND created_at < '{day}' AND id >= '{first}' AND id < '{last}'
"""
EVENTS = """
WITH sealed AS (
    INSERT INTO audit_events (routing, position, volume, id, occurred_at, sealed_at, type, outcome, user_id, session_id, ip, user_agent,
                              request_id, details, salt, hash)
    SELECT s.routing, c.end_position + row_number() OVER (PARTITION BY s.routing ORDER BY s.id), {volume}, gen_random_uuid(), s.created_at,
           s.created_at + interval '5 seconds', 'authn_login_success', 'success', s.user_id, s.id, s.ip, s.user_agent,
           gen_random_uuid()::text, '{{}}', gen_random_uuid(), sha256(uuid_send(s.id))
    FROM sessions s JOIN audit.chains c ON c.routing = s.routing
    WHERE s.id >= '{first}' AND s.id < '{last}'
    ORDER BY s.id
    RETURNING routing, position, sealed_at, hash
)
UPDATE audit.chains c SET end_position = e.position, end_sealed_at = e.sealed_at, end_hash = e.hash, end_volume = {volume}
FROM (SELECT DISTINCT ON (routing) * FROM sealed ORDER BY routing, position DESC) AS e WHERE c.routing = e.routing
"""
SIZES = """
SELECT (SELECT count(*) FROM sessions), pg_table_size('sessions') / 1048576, pg_indexes_size('sessions') / 1048576,
       (SELECT sum(pg_total_relation_size(inhrelid)) / 1048576 FROM pg_inherits WHERE inhparent = 'audit_events'::regclass),
       (SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_events'::regclass)
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in {"logins": 20_000, "days": 365, "kept": 90, "accounts": 20_000}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return parser.parse_args()


class Year:
    def __init__(self, given):
        self.given, self.volume = given, 1
        self.recorder = Recorder(cluster.url("auth_year"))
        with Service("auth_year", DATABASE_URL=self.recorder.proxied_url):
            deadline = time.monotonic() + 100
            while "remove_events" not in self.recorder.prepared:
                if time.monotonic() > deadline:
                    raise SystemExit("the server has not run its retention")
                time.sleep(0.2)
        self.recorder.stop()
        self.connection = Connection(self.recorder)
        self.query("SET statement_timeout = 0", "SET synchronous_commit = off", "DELETE FROM audit_pending",
                   PEOPLE.format(password_hash=PASSWORD_HASH, accounts=given.accounts))

    def query(self, *statements):
        return [self.connection.query(each) for each in statements][-1]

    def day(self, ago):
        """The start of the day that was `ago` days ago, as PostgreSQL writes it."""
        return self.query(f"SELECT date_trunc('day', now()) - interval '{ago} days'")[0][0]

    def identifier(self, moment):
        return self.query(f"SELECT rpad(lpad(to_hex((extract(epoch FROM timestamptz '{moment}') * 1000)::bigint), 12, '0'), 32, '0')::uuid")[0][0]

    def live(self, ago):
        """Makes one day of requests."""
        before, day, after = (self.day(ago + shift) for shift in [1, 0, -1])
        values = {"day": day, "agent": AGENT, "logins": self.given.logins, "accounts": self.given.accounts, "volume": self.volume}
        first, last = self.identifier(day), self.identifier(after)
        self.query(SESSIONS.format(**values), EVENTS.format(**values, first=first, last=last),
                   ENDS.format(day=day, first=self.identifier(before), last=first))

    def open_volume(self):
        self.query(f"UPDATE audit.volumes SET opened_at = now() - interval '10 years' WHERE number = {self.volume}")
        self.volume = int(self.query("SELECT audit.open_volume('1 day')")[0][0])

    def remove(self, ago):
        """Removes what the server's retention would remove on that day. Returns the numbers of sessions and events, and the seconds."""
        microseconds = 86_400_000_000
        creation, age = ((ago + days) * microseconds for days in [LONGEST_SESSION + self.given.kept, self.given.kept])
        key, sessions, events, start = (0, "00000000-0000-0000-0000-000000000000"), 0, 0, time.monotonic()
        while key[1]:
            ((_, removed, *key),) = self.query(f"EXECUTE remove_sessions({creation}, {age}, {key[0]}, '{key[1]}', {STEP})")
            sessions += int(removed)
        while int((row := self.query(f"EXECUTE remove_events({(ago + self.given.kept) * microseconds})")[0])[1] or 0):
            events += int(row[1])
        return sessions, events, time.monotonic() - start


def main():
    given = arguments()
    print({**vars(given), "of 1,000 logins a second": f"1/{86_400_000 // given.logins}"})
    year, volume_days = Year(given), max(1, given.kept // VOLUMES)
    print("day  sessions  table MB  indexes MB  events MB  volumes  removed sessions, events  removal s  sessions/s  oldest session, days too old")
    sums = [0, 0, 0.0]
    for number in range(given.days):
        ago = given.days + 40 - number
        year.live(ago)
        if number % volume_days == volume_days - 1:
            year.open_volume()
        sums = [one + other for one, other in zip(sums, year.remove(ago))]
        if number % 18 == 17:
            year.query("VACUUM sessions", "VACUUM users", "VACUUM audit.chains")
        if number % 30 == 29:
            ((rows, table, indexes, events, volumes),) = year.query(SIZES)
            ((lag,),) = year.query(
                f"SELECT coalesce(max(extract(day FROM now() - s.created_at)), 0) - {ago + LONGEST_SESSION + given.kept} FROM (SELECT created_at FROM sessions ORDER BY id LIMIT 1) s")
            rate = sums[0] / sums[2]
            print(f"{number + 1:3}  {rows:>8}  {table:>8}  {indexes:>10}  {float(events):9.0f}  {volumes:>7}  {sums[0]:>9} {sums[1]:>9}  {sums[2]:>14.1f}  {rate:10.0f}  {lag}", flush=True)
            sums = [0, 0, 0.0]


if __name__ == "__main__":
    main()
