#!/usr/bin/env python3
"""Sealing of the audit trail in a flood of events: the backlog during the flood, and how long it lasts afterwards.

    Benchmarks/sealing.py [--rate 20000] [--seconds 30] [--writers 4] [--sealers 4]

Each of two trials runs twice. In one nothing else runs in the database. In the other, a transaction that has written an event stays open
from the start to the end. Writers insert events in statements of 20, as refreshes that share a statement do. Sealers call the function that
the server calls, with as many events in a step as the server, but with a pause of 20 ms instead of five seconds. In the end
`auth-api audit verify` computes all chains again.
"""

import argparse
import statistics
import subprocess
import tempfile
import threading
import time

from harness import cluster
from harness.service import Service, built_program

ROWS = 20
WRITE = f"""
INSERT INTO audit_pending (routing, id, type, outcome, user_id, session_id, ip, user_agent, request_id)
SELECT floor(random() * 4096), gen_random_uuid(), 'session_renewed', 'success', gen_random_uuid(), gen_random_uuid(), '192.0.2.7',
       'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', gen_random_uuid()::text
FROM generate_series(1, {ROWS});
"""
SEAL = "SELECT audit.seal(5000);\n\\sleep 20 ms\n"
PENDING = "SELECT count(*) FROM audit_pending"
IDLE = "INSERT INTO audit_pending (routing, id, type, outcome, request_id) VALUES (1, gen_random_uuid(), 'x', 'success', 'idle')"


class Pgbench:
    """pgbench in the background with a script of its own."""

    def __init__(self, database, script, clients, *options):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".sql")
        self.file.write(script)
        self.file.flush()
        subprocess.run(["chmod", "a+r", self.file.name], check=True)
        self.process = subprocess.Popen(
            [cluster.program("pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-f", self.file.name, *options,
             cluster.url(database)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def trial(service, arguments, is_idle):
    holder = None
    if is_idle:
        holder = subprocess.Popen(["psql", "-XAtq", "-cBEGIN ISOLATION LEVEL REPEATABLE READ", f"-c{IDLE}", "-cSELECT pg_sleep(3600)",
                                   service.database_url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5)
    before = service.number("SELECT count(*) FROM audit_events") + service.number(PENDING)
    sealers = Pgbench(service.database, SEAL, arguments.sealers, "-T", "3600")
    writers = Pgbench(service.database, WRITE, arguments.writers, "-T", str(arguments.seconds), "-R", str(arguments.rate // ROWS))
    backlog, done = [], threading.Event()
    threading.Thread(target=lambda: (writers.process.wait(), done.set()), daemon=True).start()
    while not done.wait(1):
        backlog.append(service.number(PENDING))
    start = time.monotonic()
    while service.number(PENDING) > 0:
        time.sleep(0.1)
    rest = time.monotonic() - start
    sealers.process.terminate()
    sealers.process.wait()
    written = service.number("SELECT count(*) FROM audit_events") - before
    if holder:
        # The transaction is still open, so nobody else sees the event that it wrote.
        assert holder.poll() is None
        holder.terminate()
        service.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3600)%'")
    print(f"{'a transaction open' if is_idle else 'nothing else':18}  {written / arguments.seconds:7.0f} events/s written and sealed; backlog "
          f"{statistics.median(backlog):.0f} (at most {max(backlog)}), gone {rest:.1f} s after the last event", flush=True)


def main():
    parser = argparse.ArgumentParser()
    for name, value in {"rate": 20_000, "seconds": 30, "writers": 4, "sealers": 4}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    with Service("auth_sealing") as service:
        print(f"{arguments.rate} events/s for {arguments.seconds} s in statements of {ROWS}, {arguments.writers} writers, {arguments.sealers} sealers")
        for is_idle in [False, True, False, True]:
            trial(service, arguments, is_idle)
        verified = subprocess.run(["env", f"DATABASE_URL={service.database_url}", "LOG_LEVEL=error", built_program(), "audit", "verify"],
                                  text=True, capture_output=True)
        print(verified.stdout.strip(), verified.stderr.strip(), f"(status {verified.returncode})")
        sizes = service.query("SELECT pg_table_size('audit_events_1'), pg_indexes_size('audit_events_1'), count(*) FROM audit_events").split("|")
        print(f"bytes of a sealed event: {int(sizes[0]) / int(sizes[2]):.0f}, of its indexes: {int(sizes[1]) / int(sizes[2]):.0f}")


if __name__ == "__main__":
    main()
