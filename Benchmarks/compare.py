#!/usr/bin/env python3
"""Builds, settings and ways to the database of the server against each other, in turns over the same rows. What is read comes first,
since a refresh ends the tokens that reading uses.

    Benchmarks/compare.py [--users 200000] [--rounds 5] [--seconds 3] [--connections 64] [--work verify refresh] CONTESTANT …

A contestant is one argument, of words: its name, then settings (`NAME=value`), the path of another build of the server, and `socket`
for a Unix socket to PostgreSQL in the place of TCP:

    Benchmarks/compare.py tcp "unix socket"
    Benchmarks/compare.py this "other /tmp/auth-api" "four DATABASE_CONNECTIONS=4"
"""

import argparse
import contextlib
import random
import statistics

from harness import cluster
from harness.contestant import Contestant, parsed, turns
from harness.load import Load
from harness.population import Population
from harness.service import Service
from harness.stage import credentials, template


class Entrant:
    def __init__(self, words, database):
        self.name, program, settings, rest = parsed(words)
        if "socket" in rest:
            settings["DATABASE_URL"] = cluster.socket_url(database)
        self.service = Service(database, keeps=True, program=program, **settings)


def arguments():
    parser = argparse.ArgumentParser()
    for name, value in {"users": 200_000, "rounds": 5, "seconds": 3, "connections": 64}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--work", nargs="+", choices=["verify", "profile", "login", "refresh"], default=["verify", "refresh"])
    parser.add_argument("contestants", nargs="+")
    return parser.parse_args()


def loads(population, users, entrant, entrants):
    """By the kind of work, of a turn. Every turn of every contestant refreshes sessions of its own."""
    portion = len(users) // 50

    def refresh(turn):
        start = (turn * entrants + entrant) * portion % len(users)
        return Load("refresh", map(population.refresh_token, users[start : start + portion]), "/api/auth/refresh/")

    def read(path):
        return Load("bearer", map(population.access_token, users), path)

    def login():
        return Load("bodies", [credentials(f"bulk{user}@example.org") for user in users[:10_000]], "/api/auth/login/", may_refuse=True)

    return {"verify": lambda: read("/api/auth/verify/"), "profile": lambda: read("/api/profile/"), "login": login, "refresh": lambda: refresh}


def spread(values, digits=0):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def report(work, runs):
    first, basis = next(iter(runs.items()))
    for name, own in runs.items():
        def each(key):
            return [run[key] for run in own]

        ratios = [run["rate"] / other["rate"] for run, other in zip(own, basis)]
        print(f"{work}, {name}: {spread(each('rate'))}/s, of {first} {spread(ratios, 2)}, p99 {spread(each('p99'), 2)} ms, "
              f"CPU µs server {spread(each('server_us'), 1)}, PostgreSQL {spread(each('database_us'), 1)}")


def main():
    given = arguments()
    cluster.start()
    population, users = Population(given.users), random.Random(1).sample(range(given.users), given.users)
    cluster.copy("compare", template(given.users))
    print(vars(given))
    with contextlib.ExitStack() as stack:
        entrants = [Entrant(words, "compare") for words in given.contestants]
        for each in entrants:
            stack.enter_context(each.service)
        for work in sorted(given.work, key="refresh".__eq__):
            contestants = {
                each.name: Contestant(each.service, each.service, loads(population, users, index, len(entrants))[work]())
                for index, each in enumerate(entrants)}
            for each in contestants.values():
                each.measure(0, given.connections, 1)
            report(work, turns(contestants, given.rounds, given.connections, given.seconds))


if __name__ == "__main__":
    main()
