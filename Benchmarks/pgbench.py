"""pgbench over the population's rows: a statement by the key of a random account."""

import os
import re
import subprocess
import tempfile

import cluster
from population import EPOCH_MILLISECONDS, MULTIPLIER

# The id of a session from its number, as two halves; PostgreSQL joins them, since pgbench has no uuid. It costs about 1 µs.
KEY = """
\\set n random(0, {users} - 1)
\\set unsigned (:n * {multiplier}) & 4294967295
\\set routing (:unsigned # 2147483648) - 2147483648
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
  AND s.created_at >= (SELECT began_at FROM global_epoch WHERE is_only)
"""
UPDATE = f"UPDATE sessions SET last_seen_at = now() WHERE routing = :routing AND id = {ID}"


class Pgbench:
    def __init__(self, database, users, statement):
        self.database = database
        self.script = tempfile.NamedTemporaryFile("w", suffix=".sql")
        self.script.write(KEY.format(users=users, multiplier=MULTIPLIER, epoch=EPOCH_MILLISECONDS) + " ".join(statement.split()) + ";\n")
        self.script.flush()
        os.chmod(self.script.name, 0o644)

    def run(self, clients, seconds):
        before = os.times()
        text = subprocess.run(
            [cluster.program("pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", self.script.name,
             cluster.url(self.database)], check=True, text=True, stdout=subprocess.PIPE).stdout
        after = os.times()
        return {"rate": float(re.search(r"tps = ([\d.]+)", text)[1]), "seconds": seconds,
                "requests": int(re.search(r"actually processed: (\d+)", text)[1]),
                "cpu": after.children_user + after.children_system - before.children_user - before.children_system}

    def best_clients(self, choices=(4, 8, 16, 32), seconds=1):
        return max(choices, key=lambda clients: self.run(clients, seconds)["rate"])
