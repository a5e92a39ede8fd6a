#!/usr/bin/env python3
"""Latency of verification before, while and after the server removes dead sessions, in windows of one run.

    Benchmarks/retention.py [--accounts 200000] [--dead 5] [--seconds 4] [--windows 5] [--whole]

The removal takes most of an hour, since it is meant to; only with `--whole` is its end waited for. Each window is measured at full speed and at a fixed load (16 connections
that wait 10 ms before each request).
"""

import argparse
import random
import statistics
import time

from harness.load import Load
from harness.population import Population
from harness.service import Service

REMOVED = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'sessions'"
REPORTED = "SELECT sum((details ->> 'count')::bigint) FROM audit.events WHERE type = 'sessions_removed'"
CONNECTIONS = 16


class Windows:
    def __init__(self, service, load, seconds):
        self.service, self.load, self.seconds = service, load, seconds
        self.start = time.monotonic()

    def one(self, label, pause):
        before = self.service.number(REMOVED)
        run = self.load.run(self.service.base, CONNECTIONS, self.seconds, DELAY=pause)
        run["removed"] = self.service.number(REMOVED) - before
        print(f"{time.monotonic() - self.start:6.0f} s  {label:6}  {'fixed' if pause else 'full':5}  {run['rate']:7.0f}/s  p50 {run['p50']:6.2f}  "
              f"p99 {run['p99']:6.2f} ms  removed {run['removed']:6d}", flush=True)
        return run

    def both(self, label):
        return {"full": self.one(label, ""), "fixed": self.one(label, "10")}


def main():
    parser = argparse.ArgumentParser()
    for name, value in {"accounts": 200_000, "dead": 5, "seconds": 4, "windows": 5}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--whole", action="store_true")
    arguments = parser.parse_args()
    with Service("auth_retention", SESSION_RETENTION="3650d") as service:
        population = Population(arguments.accounts, arguments.dead)
        service.query(*population.statements(seen="1 day"))
        dead = service.number("SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL")
        print(f"{dead} dead sessions among {arguments.accounts} live ones; wrk -t1 -c{CONNECTIONS} -d{arguments.seconds}s, tokens at random; "
              "nothing written for sightings")
        users = random.Random(1).sample(range(arguments.accounts), min(arguments.accounts, 100_000))
        windows = Windows(service, Load("bearer", map(population.access_token, users), "/api/auth/verify"), arguments.seconds)
        windows.one("warm", "")
        before = [windows.both("before") for _ in range(arguments.windows)]
        restart(service, SESSION_RETENTION="90d")
        windows.one("warm", "")
        began, during = wait_until(lambda: service.number(REMOVED) > 0), []
        while len(during) < arguments.windows and service.number(REMOVED) < dead:
            during.append(windows.both("during"))
        if arguments.whole:
            finish(service, dead, began)
        restart(service, SESSION_RETENTION="3650d")
        windows.one("warm", "")
        after = [windows.both("after") for _ in range(arguments.windows)]
    report(before, during, after)


def finish(service, dead, began):
    ended = wait_until(lambda: service.number(REMOVED) == dead)
    print(f"{dead} removed in {ended - began:.0f} s; dead rows left: "
          f"{service.number('SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL')}")
    wait_until(lambda: service.number("SELECT count(*) FROM audit.events WHERE type = 'sessions_removed'") > 0)
    print(f"the audit trail tells of {service.number(REPORTED)}")


def restart(service, **settings):
    """A sweep begins a minute after the start."""
    service.stop()
    service.settings.update(settings)
    service.start()


def wait_until(condition, seconds=3600):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("waited in vain")
        time.sleep(0.5)
    return time.monotonic()


def report(before, during, after):
    for load in ["full", "fixed"]:
        for label, runs in {"before": before, "during": during, "after": after}.items():
            chosen = [each[load] for each in runs]
            parts = [f"{name} {statistics.median(each[name] for each in chosen):.2f} ({min(each[name] for each in chosen):.2f}–"
                     f"{max(each[name] for each in chosen):.2f})" for name in ["p50", "p99"]]
            print(f"{load:5} {label:6}: {len(chosen)} windows, {statistics.median(each['rate'] for each in chosen):.0f}/s, ms: {', '.join(parts)}")


if __name__ == "__main__":
    main()
