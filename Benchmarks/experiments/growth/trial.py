"""One build of the server over one number of sessions: its statements are recorded, its database is filled, the statements run again."""

import hashlib
import json
import random
import struct
import time
import urllib.request
import uuid

from experiments.growth.filling import ADDRESS, AGENT, FORMER, PRESENT, statements
from harness import cluster
from harness.process import exact_cpu_seconds
from harness.service import Service
from harness.wire import Connection, Recorder

RECORDED = ADDRESS.format(10**12 - 1)
# A server seals every five seconds: at a thousand operations a second, after this many.
SLICE = 5000
# Autovacuum's threshold for audit_pending.
VACUUMED = 10_000
WINDOWS = {"refresh": [2_000, 20_000, 60_000, 100_000], "login": [2_000, 20_000, 40_000]}
SIZES = """
SELECT coalesce(parent.relname, c.relname), c.relkind, sum(pg_relation_size(c.oid))
FROM (SELECT c.oid, c.relkind, c.relname, coalesce(i.inhparent, c.oid) AS top FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid) AS c
JOIN pg_class AS parent ON parent.oid = c.top
LEFT JOIN pg_index x ON x.indexrelid = c.top
WHERE c.relkind IN ('r', 'i') AND coalesce(x.indrelid, c.top) = ANY ('{users,user_emails,sessions,audit_events}'::regclass[])
GROUP BY 1, 2 ORDER BY 2 DESC, 1
"""


def number(value):
    return b"\0\0\0\4" + struct.pack("!i", value)


class Trial:
    def __init__(self, name, program, settings, sessions):
        self.name, self.sessions, self.database = name, sessions, f"growth_{name}"
        self.postgres = {setting: value for setting, value in settings.items() if not setting.isupper()}
        self._record(program, {setting: value for setting, value in settings.items() if setting.isupper()})
        start = time.monotonic()
        cluster.query(self.database, *statements(PRESENT if self.is_present else FORMER, sessions))
        self.fill_seconds = time.monotonic() - start
        for setting, value in self.postgres.items():
            cluster.query(self.database, f"ALTER DATABASE {self.database} SET {setting} = '{value}'")
        self._connect()

    def _connect(self):
        self.control, self.server, self.random = Connection(self.recorder), Connection(self.recorder), random.Random(1)
        # A checkpoint may take longer than any request.
        self.control.query("SET statement_timeout = 0")
        # Otherwise the one connection would mostly wait for the disk.
        self.server.query("SET synchronous_commit = off")

    def _record(self, program, settings):
        cluster.drop(self.database)
        self.recorder = Recorder(cluster.url(self.database))
        opener = urllib.request.build_opener()
        opener.addheaders = [("User-Agent", AGENT)]
        urllib.request.install_opener(opener)
        with Service(self.database, keeps=True, program=program, DATABASE_URL=self.recorder.proxied_url, **settings) as service:
            service.register(RECORDED)
            tokens = service.log_in(RECORDED)
            self.is_present = service.query("SELECT to_regclass('audit_pending') IS NOT NULL") == "t"
            (self.recorded,) = json.loads(service.query(
                "SELECT json_agg(row_to_json(s)) FROM (SELECT id, routing, user_id, encode(refresh_digest, 'hex') AS digest FROM sessions) s"))
            service.post("/api/auth/refresh/", token=tokens["refresh_token"])
            login, refresh = service.query(
                f"SELECT event_id FROM audit.events WHERE session_id = '{self.recorded['id']}' ORDER BY occurred_at").split()
            self.recorded |= {"login": login, "refresh": refresh}
            # A sweep begins a minute after the start.
            for name in ["find_refreshable", "rotate_free_sessions", "create_session", "seal_events", "remove_sessions", "remove_events"]:
                self._await(name)
        self.recorder.stop()

    def _await(self, name, seconds=100):
        deadline = time.monotonic() + seconds
        while self.recorder.first(name) is None:
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.name} has not run {name}; it ran {', '.join(self.recorder.prepared)}")
            time.sleep(0.2)

    def _identifier(self, routing):
        """As IdentifierGenerator makes one for the present moment."""
        tail = routing << 20 | self.random.getrandbits(20) if self.is_present else routing & 0xFFFF_FFFF
        high = int(time.time() * 1000) << 16 | 0x7000 | self.random.getrandbits(12)
        return (high << 64 | 0b10 << 62 | self.random.getrandbits(30) << 32 | tail).to_bytes(16, "big")

    def _asked(self, name, replaced):
        """The transaction of the recorded request, for other rows."""
        transaction = self.recorder.first(name)
        for old, new in replaced.items():
            transaction = transaction.replace(old, new)
        return transaction

    def refresh(self, session):
        recorded, (identifier, routing) = self.recorded, session
        key = uuid.UUID(identifier).bytes
        replaced = {
            uuid.UUID(recorded["id"]).bytes: key, uuid.UUID(recorded["refresh"]).bytes: self._identifier(int(routing)),
            bytes.fromhex(recorded["digest"]): hashlib.sha256(key).digest(), number(recorded["routing"]): number(int(routing))}
        return [self._asked(name, replaced) for name in ["find_refreshable", "rotate_free_sessions"]]

    def login(self, account):
        recorded, (identifier, routing, address) = self.recorded, account
        routing = int(routing)
        replaced = {
            uuid.UUID(recorded["id"]).bytes: self._identifier(routing), uuid.UUID(recorded["login"]).bytes: self._identifier(routing),
            uuid.UUID(recorded["user_id"]).bytes: uuid.UUID(identifier).bytes, RECORDED.encode(): address.encode(),
            number(recorded["routing"]): number(routing)}
        # Its transaction begins with the lock of the account, and clears the failures.
        return [self._asked("create_session", replaced)]

    def meter(self, work):
        """What the work cost on the server's connection. `result` is what the work returned."""
        before, cpu, start = self._written(), exact_cpu_seconds(self.server.pid), time.monotonic()
        result = work()
        seconds, cpu = time.monotonic() - start, exact_cpu_seconds(self.server.pid) - cpu
        after = self._written()
        return {"wal": after[0] - before[0], "pages": after[1] - before[1], "cpu": cpu, "seconds": seconds, "result": result}

    def _written(self):
        self.server.query("SELECT pg_stat_force_next_flush()")
        self.control.query("SELECT pg_stat_force_next_flush()")
        ((wal, pages),) = self.control.query("SELECT pg_current_wal_insert_lsn() - '0/0', wal_fpi FROM pg_stat_wal")
        return int(wal), int(pages)

    def seal(self):
        """Seals all pending events. Returns their number."""
        sealed, step = 0, self.recorder.first("seal_events")
        while moved := int.from_bytes(self.server.run([step])[0][0], "big"):
            sealed += moved
        return sealed

    def vacuum(self):
        self.control.query("VACUUM audit_pending")
        return 0

    def windows(self, kind):
        """For each window after a checkpoint: the costs of the operations, and of sealing their events."""
        rows = self._rows(kind)
        operation, found = {"refresh": self.refresh, "login": self.login}[kind], []
        self.seal()
        self.control.query("CHECKPOINT")
        done, unswept = 0, 0
        for end in [each for each in WINDOWS[kind] if each <= len(rows)]:
            window = {"kind": kind, "from": done + 1, "to": end, "work": [], "seal": []}
            while done < end:
                part = rows[done : min(done + SLICE, end)]
                asked = [each for row in part for each in operation(row)]
                window["work"].append(self.meter(lambda: len(self.server.run(asked))))
                window["seal"].append(self.meter(self.seal))
                done, unswept = done + len(part), unswept + len(part)
                if self.is_present and unswept >= VACUUMED:
                    window["seal"].append(self.meter(self.vacuum))
                    unswept = 0
            found.append(summed(window))
        return found

    def _rows(self, kind):
        """The sessions or accounts of the operations, in random order: at most four fifths of the sessions, or every account."""
        count = min(WINDOWS[kind][-1], self.sessions * 4 // 5 if kind == "refresh" else self.sessions // 5)
        # This program knows the refresh tokens of the sessions that it filled in.
        columns = {"refresh": "id, routing FROM sessions WHERE ended_at IS NULL AND created_at < now() - interval '12 hours'", "login": "id, routing, email FROM users"}[kind]
        return self.control.query(f"SELECT {columns} ORDER BY random() LIMIT {count}")

    def sizes(self):
        return {name: (kind, int(size)) for name, kind, size in self.control.query(SIZES)}

    def remove_sessions(self, seconds):
        """Repeats the server's step without rest, to the end or for so many seconds. Returns how many rows it examined and removed."""
        step, deadline, done = self.recorder.first("remove_sessions"), time.monotonic() + seconds, [0, 0]
        first = number(0 if self.is_present else -(2**31)), b"\0\0\0\x10" + bytes(16)
        if not all(step.count(each) == 1 for each in first):
            raise SystemExit("the recorded step of retention does not begin at the first key")
        key = first
        while key and time.monotonic() < deadline:
            asked = step.replace(first[1], key[1]).replace(first[0], key[0])
            ((examined, removed, routing, identifier),) = self.server.run([asked])
            done = [done[0] + int.from_bytes(examined, "big"), done[1] + int.from_bytes(removed, "big")]
            key = routing and (b"\0\0\0\4" + routing, b"\0\0\0\x10" + identifier)
        return done

    def remove_events(self, seconds):
        """Removes volumes, or in the earlier schema the events of one seal after another. Returns how many events."""
        step, deadline, removed = self.recorder.first("remove_events"), time.monotonic() + seconds, 0
        while time.monotonic() < deadline:
            row = self.server.run([step])[0]
            if row[2] is None:
                break
            removed += self.sessions // 5 if self.is_present else int.from_bytes(row[1], "big")
        return removed

    def run(self):
        result = {"fill_seconds": self.fill_seconds, "is_present": self.is_present, "postgres": self.postgres, "sizes": self.sizes()}
        result["windows"] = self.windows("login") + self.windows("refresh")
        self.control.query("CHECKPOINT")
        result["sessions_removed"] = self.meter(lambda: self.remove_sessions(30))
        self.control.query("CHECKPOINT")
        before = sum(size for _, size in self.sizes().values())
        result["events_removed"] = self.meter(lambda: self.remove_events(30))
        result["events_removed"]["freed"] = before - sum(size for _, size in self.sizes().values())
        for each in [self.control, self.server]:
            each.socket.close()
        cluster.drop(self.database)
        return result


def summed(window):
    """The mean cost of one operation of the window, and of sealing its event."""
    count = window["to"] - window["from"] + 1
    events = sum(each["result"] for each in window["seal"])
    if events != count:
        raise SystemExit(f"{count} operations wrote {events} events")
    parts = {
        part: {name: sum(each[name] for each in window[part]) / count for name in ["wal", "pages", "cpu", "seconds"]}
        for part in ["work", "seal"]}
    return {"kind": window["kind"], "from": window["from"], "to": window["to"], **parts}
