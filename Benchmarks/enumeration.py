#!/usr/bin/env python3
"""Whether an answer tells by its time, or its bytes, who has an account: samples of all classes in turns, compared pair by pair. First
failed logins, then requests that send a mail: with the mail server up, down, and 5 s slow.

    Benchmarks/enumeration.py [--samples 2000] [--mail-samples 500] [--program .build/debug/auth-api]

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

from harness.mailserver import MailServer
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
# The same for requests that send a mail. Each sample has an address and a session of its own, because an address gets only a few mails.
MAIL_PAIRS = [
    ("forgot, account", "forgot, nobody"), ("forgot, disabled", "forgot, nobody"), ("register, taken", "register, free"),
    ("change, taken", "change, free"), ("verify/send", "verify/send, bounced"),
]
STATES = ["up", "down", "5 s slow"]
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


def exchange(connection, path, body, token=None):
    headers = {"Content-Type": "application/json", "X-Forwarded-For": f"10.{random.randrange(256)}.{random.randrange(256)}.1"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    start = time.perf_counter()
    connection.request("POST", path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    octets = answer.read()
    elapsed = time.perf_counter() - start
    return elapsed, MASKED.sub(b"-", b"%d %r " % (answer.status, sorted(answer.getheaders())) + octets)


def sample(connection, kind, number, count):
    return exchange(connection, "/api/auth/login/", {"email": address(kind, number, count), "password": password(kind)})


def mail_sample(connection, kind, number, count, population):
    """The accounts are in groups of `count`, one group for each purpose; `number` is the place in the group."""
    def bulk(group):
        return f"bulk{group * count + number}@example.org"
    path, _, variant = kind.partition(", ")
    if path == "forgot":
        email = {"account": bulk(0), "disabled": bulk(1), "nobody": f"none{number}@example.org"}[variant]
        return exchange(connection, "/api/password/forgot/", {"email": email})
    if path == "register":
        return exchange(connection, "/api/register/", {"email": bulk(2) if variant == "taken" else f"fresh{number}@example.org"})
    if path == "change":
        email, group = (bulk(3), 4) if variant == "taken" else (f"other{number}@example.org", 5)
        return exchange(connection, "/api/email/change/", {"email": email}, population.access_token(group * count + number))
    return exchange(connection, "/api/email/verify/send/", None, population.access_token((7 if variant else 6) * count + number))


def mann_whitney(first, second):
    """Two-sided p by the normal approximation, which is exact enough for hundreds of samples."""
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(first), len(second)
    z = (ranks - n * (n + m + 1) / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def compare(pairs, times, answers):
    """Prints each pair, and returns whether one differs."""
    differs = False
    for first, second in pairs:
        a, b = (statistics.median(times[kind]) for kind in (first, second))
        p = mann_whitney(times[first], times[second])
        same = answers[first] == answers[second] and len(answers[first]) == 1
        status = min(answers[first])[:3].decode()
        differs |= not same or (p <= 0.01 and abs(a - b) / b >= 0.02)
        print(f"{first:17} {a * 1e3:8.3f} ms  {second:21} {b * 1e3:8.3f} ms  Δ median {(a - b) / b * 100:+6.2f} %  p {p:.3f}  "
              f"{status}, bytes {'equal' if same else 'DIFFER'}", flush=True)
    return differs


def in_turns(pairs, samples, take):
    kinds = list(dict.fromkeys(kind for pair in pairs for kind in pair))
    times, answers = {kind: [] for kind in kinds}, {kind: set() for kind in kinds}
    for number in range(samples):
        for kind in random.sample(kinds, len(kinds)):
            elapsed, answer = take(kind, number)
            times[kind].append(elapsed)
            answers[kind].add(answer)
    return times, answers


def logins(samples, program):
    count = -(-samples // TRIES)
    service = Service(database="auth_enumeration", program=program, TRUSTED_PROXIES="127.0.0.0/8")
    try:
        service.register("ada@example.org")
        stored = service.query("SELECT password_hash FROM users")
        service.query(*Population(3 * count).statements(password_hash=stored))
        service.query(f"UPDATE users SET disabled_at = now() WHERE substring(email, '^bulk([0-9]+)')::int >= {2 * count}")
        service.query(LOCKED.format(n=count))
        connection = http.client.HTTPConnection("127.0.0.1", service.port)
        result = in_turns(PAIRS, samples, lambda kind, number: sample(connection, kind, number, count))
    finally:
        service.stop()
    print(f"{samples} samples of each class in turns, one connection, Argon2id m=19456 t=2")
    return compare(PAIRS, *result)


def mails(samples, program):
    count = len(STATES) * samples
    population, server, differs = Population(8 * count), MailServer(), False
    service = Service(
        database="auth_enumeration", program=program, TRUSTED_PROXIES="127.0.0.0/8", REGISTRATION="verified", RECENT_AUTHENTICATION="24h",
        MAIL_URL=f"smtp://127.0.0.1:{server.port}")
    try:
        service.query(*population.statements())
        in_group = "substring(email, '^bulk([0-9]+)')::int / {count} = {group}".format
        service.query(
            f"UPDATE users SET disabled_at = now() WHERE {in_group(count=count, group=1)}",
            "INSERT INTO mail_suppressions SELECT address_routing(email), email, 'bounced' FROM users "
            f"WHERE {in_group(count=count, group=7)}",
            "VACUUM (ANALYZE)")
        connection = http.client.HTTPConnection("127.0.0.1", service.port)
        for place, state in enumerate(STATES):
            server.down() if state == "down" else server.up(delay=5 if "slow" in state else 0)
            result = in_turns(
                MAIL_PAIRS, samples,
                lambda kind, number: mail_sample(connection, kind, place * samples + number, count, population))
            queued = service.number("SELECT count(*) FROM mails WHERE finished_at IS NULL")
            print(f"mail server {state}: {samples} samples of each class in turns, one connection; {server.taken} mails taken until now, "
                  f"{queued} queued")
            differs |= compare(MAIL_PAIRS, *result)
    finally:
        service.stop()
        server.down()
    return differs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000, help="of each class of failed logins; 0 for none")
    parser.add_argument("--mail-samples", type=int, default=500, help="of each class of requests for mails, with each state; 0 for none")
    parser.add_argument("--program", help="another build")
    arguments = parser.parse_args()
    differs = [part(samples, arguments.program)
               for part, samples in ((logins, arguments.samples), (mails, arguments.mail_samples)) if samples]
    raise SystemExit(any(differs))


if __name__ == "__main__":
    main()
