#!/usr/bin/env python3
"""What hostile requests cost the server, for builds or settings in turns: CPU, rows of the audit trail, memory of connections.

    Benchmarks/attacks.py CONTESTANT … [--rounds 5] [--only text framing …]

A contestant is one argument, of words: its name, then settings (`NAME=value`) and the path of another build of the server:

    Benchmarks/attacks.py this "before /tmp/before/.build/release/auth-api"

Each has a database of its own. A build X/.build/release/auth-api brings it up to date from X/sql, unless SQL_DIRECTORY is given. Beside an
attack is what as many harmless octets cost. No repetition begins a request after two seconds, and five take some 90 s a contestant.
"""

import argparse
import contextlib
import itertools
import pathlib
import statistics
import time

from experiments.hostile import accounts, audit, framing, memory, text
from harness import cluster
from harness.contestant import parsed
from harness.service import Service

SECTIONS = {each.name: each for each in [*text.SECTIONS, *framing.SECTIONS, *accounts.SECTIONS, *audit.SECTIONS, *memory.SECTIONS]}
NAME, COLUMN, ANSWERS = 48, 10, 12


class Entrant:
    def __init__(self, words, number):
        self.name, self.program, self.settings, _ = parsed(words)
        self.database, self.seconds = f"attacks_{number}", 0
        migrations = self.program and pathlib.Path(self.program).parent.parent.parent / "sql"
        if migrations and migrations.is_dir():
            self.settings = {"SQL_DIRECTORY": str(migrations), **self.settings}

    def service(self, settings):
        """With what the attacks need, over an empty database."""
        return Service(self.database, program=self.program, **{**settings, **self.settings})

    @contextlib.contextmanager
    def timed(self):
        start = time.monotonic()
        yield
        self.seconds += time.monotonic() - start


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("contestants", nargs="+")
    return parser.parse_args()


def measure(section, entrants, rounds):
    """The readings of each attack, by its name: for each contestant a list."""
    readings = {}
    with contextlib.ExitStack() as stack:
        prepared = []
        for entrant in entrants:
            with entrant.timed():
                service = stack.enter_context(entrant.service(section.settings))
                prepared.append((entrant, service, section.attacks(service)))
        for turn, (entrant, service, attacks) in itertools.product(range(rounds), prepared):
            with entrant.timed():
                for attack in attacks:
                    own = readings.setdefault(attack.name, {}).setdefault(entrant.name, [])
                    own.append(attack.measure(service, turn))
    return readings


def cells(readings):
    def median(values):
        return f"{statistics.median(values):.2f}" if None not in values else ""

    hostile, harmless, answers = zip(*readings)
    seen = ",".join(sorted(set().union(*answers)))
    return f"{median(hostile):>{COLUMN}}{median(harmless):>{COLUMN}}  {seen:{ANSWERS}}"


def heading(entrants):
    width = 2 * COLUMN + 2 + ANSWERS
    print(f"\n{'':{NAME}}" + "".join(f"{each.name:>{2 * COLUMN}}{'':{2 + ANSWERS}}" for each in entrants))
    print(f"{'':{NAME}}" + f"{'attack':>{COLUMN}}{'harmless':>{COLUMN}}  {'answers':{ANSWERS}}" * len(entrants))
    print("-" * (NAME + width * len(entrants)), flush=True)


def main():
    given = arguments()
    cluster.start()
    entrants = [Entrant(words, number) for number, words in enumerate(given.contestants)]
    print(vars(given))
    for name in given.only:
        print(f"{name}: {SECTIONS[name].parameters}", *[f"{key}={value}" for key, value in SECTIONS[name].settings.items()])
    print(f"medians of {given.rounds} repetitions in turns; answers to the attack, 0 where the connection was closed without one")
    heading(entrants)
    for name in given.only:
        print(f"{name}, {SECTIONS[name].unit}")
        for attack, readings in measure(SECTIONS[name], entrants, given.rounds).items():
            row = "".join(cells(readings[each.name]) for each in entrants)
            print(f"  {attack:{NAME - 2}}{row}".rstrip(), flush=True)
    print("seconds: " + ", ".join(f"{each.name} {each.seconds:.0f}" for each in entrants))


if __name__ == "__main__":
    main()
