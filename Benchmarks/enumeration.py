#!/usr/bin/env python3
"""Whether a failed login tells by its time, or its bytes, what was wrong: samples of all classes in turns, compared pair by pair.

    Benchmarks/enumeration.py [--samples 2000]

Exit 1 where a pair differs: by its bytes, once ids and dates are masked, or in its medians by 2 % and more with a Mann-Whitney p of 0.01
and less.
"""

import argparse
import http.client
import json
import math
import random
import re
import statistics
import time

from harness.population import Population
from harness.service import PASSWORD, Service

# Each account is tried so often that nobody has to wait, and so is each name that nobody has.
TRIES = 4
LOCKED = """
INSERT INTO login_failures
SELECT address_routing(name || n || '@example.org'), name || n || '@example.org', '::/0', 100, 'infinity', 'infinity' FROM generate_series(0, {n} - 1) n, unnest('{{bulk,none}}'::text[]) name
"""
# What must look alike: the first of each is an account's, the second nobody's or another's.
PAIRS = [
    ("wrong password", "absent"), ("disabled", "absent"), ("wrong password", "disabled"), ("locked", "locked, absent"),
    ("over-long", "over-long, absent"), ("empty", "empty, absent"),
]
MASKED = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")


def address(kind, number, count):
    """Accounts are bulk0 …: the first `count` are locked, the next tried with a wrong password, the last disabled."""
    number //= TRIES
    return {
        "wrong password": f"bulk{count + number}", "disabled": f"bulk{2 * count + number}", "absent": f"none{count + number}",
        "locked": f"bulk{number}", "locked, absent": f"none{number}",
    }.get(kind, f"{'none' if 'absent' in kind else 'bulk'}{number}") + "@example.org"


def password(kind):
    return "" if "empty" in kind else "x" * 300 if "long" in kind else PASSWORD if kind == "disabled" else "wrong " + PASSWORD


def sample(connection, kind, number, count):
    body = json.dumps({"email": address(kind, number, count), "password": password(kind)})
    headers = {"Content-Type": "application/json", "X-Forwarded-For": f"10.{random.randrange(256)}.{random.randrange(256)}.1"}
    start = time.perf_counter()
    connection.request("POST", "/api/auth/login/", body, headers)
    answer = connection.getresponse()
    octets = answer.read()
    elapsed = time.perf_counter() - start
    return elapsed, MASKED.sub(b"-", b"%d %r " % (answer.status, sorted(answer.getheaders())) + octets)


def mann_whitney(first, second):
    """Two-sided p by the normal approximation, which is exact enough for hundreds of samples."""
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(first), len(second)
    z = (ranks - n * (n + m + 1) / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000)
    samples = parser.parse_args().samples
    count = -(-samples // TRIES)
    kinds = list(dict.fromkeys(kind for pair in PAIRS for kind in pair))
    service = Service(database="auth_enumeration", TRUSTED_PROXIES="127.0.0.0/8")
    try:
        service.register("ada@example.org")
        stored = service.query("SELECT password_hash FROM users")
        service.query(*Population(3 * count).statements(password_hash=stored))
        service.query(f"UPDATE users SET disabled_at = now() WHERE substring(email, '^bulk([0-9]+)')::int >= {2 * count}")
        service.query(LOCKED.format(n=count))
        connection = http.client.HTTPConnection("127.0.0.1", service.port)
        times, answers = {kind: [] for kind in kinds}, {kind: set() for kind in kinds}
        for number in range(samples):
            for kind in random.sample(kinds, len(kinds)):
                elapsed, answer = sample(connection, kind, number, count)
                times[kind].append(elapsed)
                answers[kind].add(answer)
    finally:
        service.stop()
    print(f"{samples} samples of each class in turns, one connection, Argon2id m=19456 t=2")
    differs = False
    for first, second in PAIRS:
        a, b = (statistics.median(times[kind]) for kind in (first, second))
        p = mann_whitney(times[first], times[second])
        same = answers[first] == answers[second] and len(answers[first]) == 1
        differs |= not same or (p <= 0.01 and abs(a - b) / b >= 0.02)
        print(f"{first:15} {a * 1e3:8.3f} ms  {second:18} {b * 1e3:8.3f} ms  Δ median {(a - b) / b * 100:+6.2f} %  p {p:.3f}  "
              f"bytes {'equal' if same else 'DIFFER'}")
    raise SystemExit(differs)


if __name__ == "__main__":
    main()
