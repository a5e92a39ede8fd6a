#!/usr/bin/env python3
"""Measures the server over Citus and the server over one PostgreSQL in turns, with the same rows and tokens. All nodes share the cores of
this machine. So the rates show what a request costs, and not what a cluster can do.

    Benchmarks/citus.py URL [--users 100000] [--rounds 5] [--seconds 3] [--connections 64] [--program /path/to/auth-api]

URL is a superuser's URL of the coordinator, in a database that has the nodes. The first run fills it, and later runs use the same rows.
"""

import argparse
import subprocess

from compare import report
from harness import cluster

from harness.contestant import Contestant, turns
from harness.load import Load
from harness.population import Population
from harness.process import cpu_seconds, family
from harness.program import Program
from harness.service import Service, built_program
from harness.stage import credentials, template

WORK = ["verify", "profile", "login", "refresh"]


def psql(url, sql):
    return subprocess.run(["psql", "-XAtqc", sql, "-v", "ON_ERROR_STOP=1", url], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


class CitusService(Program):
    """The server over a coordinator and its workers."""

    def __init__(self, url, program):
        self.url = url
        super().__init__(
            ["env", "PORT={port}", "OPERATIONS_PORT=0", program, "serve"], "/readyz", DATABASE_URL=url, LOG_FORMAT="json", LOG_LEVEL="notice",
            ATTEMPTS_PER_NETWORK="1000000")
        nodes = psql(url, "SELECT DISTINCT nodename || ':' || nodeport FROM pg_dist_node").split()
        database = url.rsplit("/", 1)[1]
        pid = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"
        self.postmasters = [int(psql(f"postgresql://postgres@{node}/{database}", pid)) for node in nodes]

    def workers(self):
        return psql(self.url, "SELECT count(DISTINCT groupid) FROM pg_dist_placement JOIN pg_dist_node USING (groupid) WHERE shouldhaveshards")

    def database_cpu_seconds(self):
        return sum(cpu_seconds(family(each)) for each in self.postmasters)

    def fill(self, source):
        """Copies the rows of one PostgreSQL."""
        for table in ["users", "user_emails", "sessions"]:
            columns = psql(source, f"SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0")
            reader = subprocess.Popen(["psql", "-Xqc", f"COPY {table} ({columns}) TO STDOUT", source], stdout=subprocess.PIPE)
            subprocess.run(["psql", "-Xqc", f"COPY {table} ({columns}) FROM STDIN", self.url], stdin=reader.stdout, check=True)
            reader.wait()
        psql(self.url, "VACUUM (ANALYZE)")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    for name, value in {"users": 100_000, "rounds": 5, "seconds": 3, "connections": 64}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--program")
    return parser.parse_args()


def load(work, population, users):
    """In each turn, a contestant refreshes other sessions than in the turn before."""
    if work == "refresh":
        portion = len(users) // 30

        def of_turn(turn):
            start = turn * portion % len(users)
            return Load("refresh", map(population.refresh_token, users[start : start + portion]), "/api/auth/refresh/")

        return of_turn
    if work == "login":
        return Load("bodies", [credentials(f"bulk{user}@example.org") for user in users[:5_000]], "/api/auth/login/", may_refuse=True)
    return Load("bearer", map(population.access_token, users), {"verify": "/api/auth/verify/", "profile": "/api/profile/"}[work])


def main():
    given = arguments()
    cluster.start()
    program = given.program or built_program()
    population, users = Population(given.users), list(range(given.users))
    cluster.copy("citus_plain", template(given.users))
    with Service("citus_plain", keeps=True, program=program) as plain, CitusService(given.url, program) as citus:
        if psql(given.url, "SELECT count(*) FROM users") == "0":
            citus.fill(plain.database_url)
        print({**vars(given), "workers": citus.workers(), "shards": psql(given.url, "SELECT count(*) FROM pg_dist_shard WHERE logicalrelid = 'users'::regclass")})
        for work in WORK:
            contestants = {
                name: Contestant(service, service, load(work, population, users))
                for name, service in {"one PostgreSQL": plain, "Citus": citus}.items()}
            for each in contestants.values():
                each.measure(0, given.connections, 1)
            report(work, turns(contestants, given.rounds, given.connections, given.seconds))


if __name__ == "__main__":
    main()
