#!/usr/bin/env python3
"""How fast the release server is, beside what else this machine could do with the same work, in turns. See script/bench."""

import argparse
import json
import resource
import sys
import time

from experiments.report import write_report
from experiments.sections import SECTIONS
from harness import cluster
from harness.cluster import LOCAL, ROOT
from harness.machine import machine
from harness.peers import install
from harness.stage import Stage


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 sessions, two rounds of a second")
    parser.add_argument("--users", type=int, help="users, each with one live session (default 1,000,000)")
    parser.add_argument("--rounds", type=int, help="turns of each (default 5)")
    parser.add_argument("--seconds", type=int, help="length of one turn (default 3)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 64, 256, 1000])
    parser.add_argument("--tables", type=int, nargs="+", help="numbers of sessions to compare (default 10,000 and --users)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--again", action="store_true", help="measure anew, also what an earlier run with these parameters has measured")
    parser.add_argument("--report", help="folder of the report (default docs/benchmarks, with --quick .local/benchmarks/quick)")
    given = parser.parse_args()
    for name, (quick, full) in {"users": (100_000, 1_000_000), "rounds": (2, 5), "seconds": (1, 3)}.items():
        if getattr(given, name) is None:
            setattr(given, name, quick if given.quick else full)
    given.tables = given.tables or [10_000, given.users]
    given.report = given.report or str(LOCAL / "quick" if given.quick else ROOT / "docs" / "benchmarks")
    return given


class Results:
    """What was measured, kept so that a run that was interrupted goes on where it was."""

    def __init__(self, given):
        self.file = LOCAL / f"results-{given.users}-{given.rounds}-{given.seconds}.json"
        self.sections = json.loads(self.file.read_text()) if self.file.exists() else {}

    def save(self, section, result):
        self.sections |= {section: result, "machine": machine()}
        self.file.write_text(json.dumps(self.sections))


def main():
    given, start = arguments(), time.monotonic()
    cluster.start()
    install()
    results = Results(given)
    missing = [name for name in given.only if given.again or name not in results.sections]
    if missing:
        stage = Stage(given)
        with stage.service:
            for name in missing:
                print(f"{name}:")
                results.save(name, SECTIONS[name](stage))
    write_report(results.sections, given)
    print(f"took {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    # wrk with a thousand connections needs as many descriptors.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    sys.stdout.reconfigure(line_buffering=True)
    main()
