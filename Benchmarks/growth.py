#!/usr/bin/env python3
"""What an operation, a row and the removal of rows cost as the tables grow, of one build or of several side by side.

    Benchmarks/growth.py CONTESTANT … [--sessions 100000 1000000] [--again] [--report FILE]

A contestant is one argument, of words: its name, then settings (`NAME=value` of the server, `name=value` of PostgreSQL) and the path of
another build of the server, of this schema or of that of 7c73f2d:

    Benchmarks/growth.py new "lz4 wal_compression=lz4"
    Benchmarks/growth.py "old /tmp/old/auth-api SQL_DIRECTORY=/tmp/old/sql" new

Each build answers a login and a refresh, and runs its background jobs once. A proxy records what it sends to PostgreSQL meanwhile. Then its
database is filled with SQL, and the recorded transactions run again for other rows, one after another on one connection. The
results are kept; `--again` measures again.
"""

import argparse
import json
import pathlib

from experiments.growth.report import report
from experiments.growth.trial import Trial
from harness import cluster
from harness.cluster import LOCAL
from harness.contestant import parsed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, nargs="+", default=[100_000], help="numbers of sessions (default 100,000)")
    parser.add_argument("--again", action="store_true", help="measure again, even if an earlier run has measured this")
    parser.add_argument("--report", help="file of the report (default: print it)")
    parser.add_argument("contestants", nargs="+")
    return parser.parse_args()


def main():
    given, file = arguments(), LOCAL / "growth.json"
    print(vars(given))
    cluster.start()
    kept, contestants = json.loads(file.read_text()) if file.exists() else {}, [parsed(words) for words in given.contestants]
    for sessions in map(str, given.sessions):
        for name, program, settings, _ in contestants:
            if given.again or name not in kept.setdefault(sessions, {}):
                print(f"{int(sessions):,} sessions, {name}", flush=True)
                kept[sessions][name] = Trial(name, program, settings, int(sessions)).run()
                file.write_text(json.dumps(kept))
    text = report({int(sessions): {name: kept[sessions][name] for name, *_ in contestants} for sessions in map(str, sorted(given.sessions))})
    if given.report:
        pathlib.Path(given.report).write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
