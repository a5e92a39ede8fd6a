"""pgbench over the population's rows: a statement by the key of a random account."""

import os
import re
import subprocess
import tempfile

from harness import cluster
from harness.population import EPOCH_MILLISECONDS, MULTIPLIER

# The id of a session from its number, as two halves; PostgreSQL joins them, since pgbench has no uuid. It costs about 1 µs.
KEY = """
\\set n random(0, {users} - 1)
\\set unsigned (:n * {multiplier}) & 4294967295
\\set routing :unsigned >> 20
\\set high (({epoch} + :n) << 16) | 31675
\\set low :unsigned - 9223372036854775807 - 1
"""
ID = "encode(int8send(:high) || int8send(:low), 'hex')::uuid"
# What the server asks for an authenticated request.
LOOK_UP = f"""
SELECT u.id, u.email, u.created_at, s.name, s.created_at, s.last_seen_at, s.expires_at, s.idle_expires_at,
       host(s.ip), s.user_agent, s.generation, s.rotated_at,
       CASE WHEN s.access_expires_at > now() THEN s.access_digest END, s.access_expires_at,
       CASE WHEN s.previous_access_expires_at > now() THEN s.previous_access_digest END, s.previous_access_expires_at,
       s.last_seen_at < now() - interval '1 minute', s.generation > 1 AND s.successor_used_at IS NULL
FROM sessions s
JOIN users u ON u.routing = s.routing AND u.id = s.user_id
WHERE s.routing = :routing AND s.id = {ID}
  AND s.ended_at IS NULL AND s.idle_expires_at > now() AND s.expires_at > now()
  AND u.session_epoch = s.session_epoch AND u.disabled_at IS NULL
  AND s.created_at >= (SELECT began_at FROM session_cutoff WHERE is_only)
"""
UPDATE = f"UPDATE sessions SET last_seen_at = now() WHERE routing = :routing AND id = {ID}"


def reading(text, status):
    """What pgbench measured. Ends the benchmark with pgbench's own words if it measured nothing, or not all of it."""
    rate, requests = re.search(r"tps = ([\d.]+)", text), re.search(r"actually processed: (\d+)", text)
    if status != 0 or not rate or not requests:
        raise SystemExit(f"pgbench measured no rate. It ended with status {status} and said:\n{text.strip() or '(nothing)'}")
    return {"rate": float(rate[1]), "requests": int(requests[1])}


class Pgbench:
    def __init__(self, database, users, statement):
        self.database = database
        self.script = tempfile.NamedTemporaryFile("w", suffix=".sql")
        self.script.write(KEY.format(users=users, multiplier=MULTIPLIER, epoch=EPOCH_MILLISECONDS) + " ".join(statement.split()) + ";\n")
        self.script.flush()
        os.chmod(self.script.name, 0o644)

    def run(self, clients, seconds):
        before = os.times()
        done = subprocess.run(
            [cluster.program("pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", self.script.name,
             cluster.url(self.database)], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        after = os.times()
        return {**reading(done.stdout, done.returncode), "seconds": seconds,
                "cpu": after.children_user + after.children_system - before.children_user - before.children_system}

    def best_clients(self, choices=(4, 8, 16, 32), seconds=1):
        return max(choices, key=lambda clients: self.run(clients, seconds)["rate"])
