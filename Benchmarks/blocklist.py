#!/usr/bin/env python3
"""How fast is a list of stolen passwords searched, and does it slow down logins?

    Benchmarks/blocklist.py [--entries 10000000] [--seconds 4] [--rounds 5] [--connections 8] [--program PATH]

It makes a list of the SHA-1 digests of 1, 2, 3 and so on with script/make-blocklist. One thread looks up digests at random, first while
nothing of the file is in memory. Then two servers, with and without the list, answer logins in turns."""

import argparse
import concurrent.futures
import http.client
import json
import os
import statistics
import subprocess
import time

from harness.cluster import LOCAL, ROOT
from harness.service import PASSWORD, Service

SOURCES = ["DigestList.swift", "DigestListHeader.swift", "PasswordBlocklistProblem.swift"]
COLD = 1000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in {"entries": 10_000_000, "seconds": 4, "rounds": 5, "connections": 8}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--program", help="another build of the server")
    return parser.parse_args()


def make_list(entries):
    LOCAL.mkdir(parents=True, exist_ok=True)
    path, start = LOCAL / "stolen.list", time.monotonic()
    with subprocess.Popen(["seq", str(entries)], stdout=subprocess.PIPE) as numbers:
        subprocess.run([ROOT / "script/make-blocklist", "--words", path], stdin=numbers.stdout, check=True)
    print(f"made from words in {time.monotonic() - start:.0f} s, {path.stat().st_size >> 20} MiB", flush=True)
    return path


def look_ups(path, seconds):
    program = LOCAL / "lookups"
    sources = [ROOT / "Sources" / "AuthCrypto" / name for name in SOURCES] + [ROOT / "Benchmarks" / "harness" / "lookups" / "main.swift"]
    subprocess.run(["swiftc", "-O", "-swift-version", "6", "-o", program, *sources], check=True)
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    text = subprocess.run([program, path, str(seconds), str(COLD)], check=True, text=True, stdout=subprocess.PIPE).stdout
    rates = json.loads(text)
    print(f"look-ups on one thread: {rates['absent'] / 1e6:.2f} million/s of absent digests, {rates['present'] / 1e6:.2f} million/s of "
          f"present ones; the first {COLD} with nothing of the file in memory {1e6 / rates['cold']:.0f} µs each", flush=True)


def logins(port, email, until):
    connection, count = http.client.HTTPConnection("127.0.0.1", port), 0
    body = json.dumps({"email": email, "password": PASSWORD})
    while time.monotonic() < until:
        connection.request("POST", "/api/auth/login/", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"a login was answered with {answer.status}")
        count += 1
    connection.close()
    return count


def login_rate(service, given):
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(given.connections) as threads:
        counts = [threads.submit(logins, service.port, f"p{number}@example.org", start + given.seconds) for number in range(given.connections)]
        total = sum(count.result() for count in counts)
    return total / (time.monotonic() - start)


def compare(path, given):
    with Service("blocklist", program=given.program) as without, \
            Service("blocklist", keeps=True, program=given.program, PASSWORD_BLOCKLIST_FILE=str(path)) as with_list:
        for number in range(given.connections):
            with_list.register(f"p{number}@example.org")
        services = {"without": without, "with": with_list}
        for service in services.values():
            login_rate(service, given)
        rates = {name: [] for name in services}
        for turn in range(given.rounds):
            for name in sorted(services, reverse=turn % 2 == 1):
                rates[name].append(login_rate(services[name], given))
    medians = {name: statistics.median(each) for name, each in rates.items()}
    for name, each in rates.items():
        print(f"logins, {name:7} the list: {medians[name]:.1f}/s ({min(each):.1f}–{max(each):.1f})")
    print(f"ratio of the medians: {medians['with'] / medians['without']:.3f}")


def main():
    given = arguments()
    print(vars(given), flush=True)
    path = make_list(given.entries)
    look_ups(path, given.seconds)
    compare(path, given)


if __name__ == "__main__":
    main()
