#!/usr/bin/env python3
"""What being seen costs: rows and statements written for authenticated requests, and what a crash and a stop leave unwritten.

    Benchmarks/sightings.py [--sessions 1000] [--seconds 150] [--connections 16]
"""

import argparse
import http.client
import signal
import time

from harness import cluster
from harness.load import Load
from harness.population import Population
from harness.service import Service

FLUSHES = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query LIKE '%is_first_use%UPDATE sessions%'"
UNWRITTEN = """
SELECT substring(email, '[0-9]+')::integer FROM users JOIN sessions USING (routing) WHERE user_id = users.id
AND last_seen_at < now() - interval '5 minutes' ORDER BY 1
"""
AGE = "UPDATE sessions SET last_seen_at = now() - interval '1 hour'"


class CountedStatements:
    """pg_stat_statements in the cluster, which it takes a restart to load, and another to be rid of."""

    def __enter__(self):
        cluster.start()
        cluster.configure("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")

    def __exit__(self, *_):
        cluster.configure("ALTER SYSTEM RESET shared_preload_libraries")


def count_writes(service, load, arguments):
    updates_before, flushes_before = service.updates()[0], service.number(FLUSHES)
    requests = 0
    print("seconds  requests  rows updated  statements")
    start = time.monotonic()
    while time.monotonic() - start < arguments.seconds:
        requests += load.run(service.base, arguments.connections, 15)["requests"]
        time.sleep(2.5)  # the last flush, and a backend's report of its counts
        rows, statements = service.updates()[0] - updates_before, service.number(FLUSHES) - flushes_before
        print(f"{time.monotonic() - start:7.0f}  {requests:8d}  {rows:12d}  {statements:10d}", flush=True)
    print(f"per 100,000 authenticated requests: {rows * 1e5 / requests:.1f} rows updated, {statements * 1e5 / requests:.2f} statements")
    print("all updates of sessions so far: n_tup_upd {}, n_tup_hot_upd {}".format(*service.updates()))


def see_each(service, tokens, seconds):
    """When each session was seen, in seconds since the first."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    start, seen = time.monotonic(), []
    for number, token in enumerate(tokens):
        time.sleep(max(0, start + number * seconds / len(tokens) - time.monotonic()))
        connection.request("GET", "/api/auth/verify", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        seen.append(time.monotonic() - start)
    return seen


def end(service, tokens, how, seconds=5):
    """Ends the server right after the last of the sessions was seen."""
    service.query(AGE)
    seen = see_each(service, tokens, seconds)
    service.stop(how)
    service.start()
    lost = list(map(int, service.query(UNWRITTEN).split()))
    earliest = f", the earliest of them seen {seen[-1] - seen[lost[0]]:.2f} s before the end" if lost else ""
    print(f"{how.name}: {len(tokens)} sessions seen over {seen[-1]:.1f} s, {len(tokens) - len(lost)} written, {len(lost)} lost{earliest}")


def main():
    parser = argparse.ArgumentParser()
    for name, value in {"sessions": 1000, "seconds": 150, "connections": 16}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    with CountedStatements(), Service("auth_sightings") as service:
        service.query("CREATE EXTENSION pg_stat_statements")
        population = Population(arguments.sessions)
        service.query(*population.statements())
        tokens = [population.access_token(user) for user in range(arguments.sessions)]
        print(f"{arguments.sessions} sessions in turn, wrk -t1 -c{arguments.connections}, verification")
        count_writes(service, Load("bearer", tokens, "/api/auth/verify"), arguments)
        for how in [signal.SIGKILL, signal.SIGTERM]:
            for _ in range(3):
                end(service, tokens, how)


if __name__ == "__main__":
    main()
