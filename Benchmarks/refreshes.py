#!/usr/bin/env python3
"""Chained refreshes over HTTP: each is one heap-only update, and no index of the sessions grows.

    Benchmarks/refreshes.py [--sessions 20000] [--refreshes 100000] [--connections 16] [--long]

Fewer sessions lie closer: of 200, on 12 pages, 16 are refreshed at a time and thousands a second, and now and then one finds the room
of its page taken by versions that are too young to go. With `--long` a transaction stays open from the start to the end, so that no old
version of a row may be pruned.
"""

import argparse
import random
import subprocess

from harness.load import Load
from harness.population import Population
from harness.service import Service

SIZES = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE oid = 'sessions'::regclass OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'sessions'::regclass) ORDER BY 1
"""
ROWS = ["users", "sessions", "audit.events"]


def sizes(service):
    return {name: int(size) for name, size in (line.split("|") for line in service.query(SIZES).splitlines())}


def rows(service):
    return {table: service.number(f"SELECT count(*) FROM {table}") for table in ROWS}


def hold_snapshot(service):
    return subprocess.Popen(["psql", "-XAtq", "-cBEGIN ISOLATION LEVEL REPEATABLE READ", "-cSELECT count(*) FROM users",
                             "-cSELECT pg_sleep(3600)", service.database_url], stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser()
    for name, value in {"sessions": 20_000, "refreshes": 100_000, "connections": 16}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--long", action="store_true")
    arguments = parser.parse_args()
    with Service("auth_refreshes") as service:
        population = Population(arguments.sessions)
        service.query(*population.statements())
        print(f"{arguments.refreshes} refreshes of {arguments.sessions} sessions in turn, {arguments.connections} connections, fill factor 70"
              + (", a snapshot held all the while" if arguments.long else ""))
        # In an order of their own: neighbours in the heap are no neighbours in time.
        users = random.Random(1).sample(range(arguments.sessions), arguments.sessions)
        load = Load("refresh", map(population.refresh_token, users), "/api/auth/refresh/", LIMIT=str(arguments.refreshes))
        holder = hold_snapshot(service) if arguments.long else None
        updates_before, sizes_before, rows_before = service.updates(), sizes(service), rows(service)
        run = load.run(service.base, arguments.connections, 600)
        renewed = service.number("SELECT sum(generation - 1) FROM sessions")
        all_after, hot_after = service.updates(updates_before[0] + renewed)
        sizes_after, rows_after = sizes(service), rows(service)
        if holder:
            holder.terminate()
    print(f"answered: {run['requests']} in {run['seconds']:.1f} s, {run['rate']:.0f}/s, p50 {run['p50']:.2f} ms, p99 {run['p99']:.2f} ms")
    print(f"generations begun, by the rows of sessions: {renewed}")
    print(f"n_tup_upd {all_after - updates_before[0]}, n_tup_hot_upd {hot_after - updates_before[1]}")
    for name in sizes_before:
        print(f"{name}: {sizes_before[name]} bytes before, {sizes_after[name]} after")
    for table in ROWS:
        print(f"{table}: {rows_before[table]} rows before, {rows_after[table]} after")


if __name__ == "__main__":
    main()
