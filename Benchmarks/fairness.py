#!/usr/bin/env python3
"""Whether one client can keep others from logging in: 25 logins of people during three attacks over 130 connections.

    Benchmarks/fairness.py                  builds the server and starts it over a database of its own
    Benchmarks/fairness.py --base URL       asks a running one: with TRUSTED_PROXIES=127.0.0.1/32, ATTEMPTS_PER_NETWORK=300
"""

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
import urllib.parse

from harness.service import Service

PASSWORD = "correct horse battery"
CONNECTIONS, OWN_ACCOUNTS, ADDRESSES, PEOPLE = 130, 90, 1000, 25
WARM_UP, PAUSE, TARGET = 3.0, 0.2, 1.0
# Attempts that one address may make: so many in one burst, and one more in so many seconds.
BURST, INTERVAL = 30, 12.0


class Client:
    """One connection to the server, on which requests come from any address."""

    def __init__(self, base):
        address = urllib.parse.urlsplit(base)
        self.host, self.port, self.streams = address.hostname, address.port, None

    async def post(self, path, body, source):
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        octets = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Forwarded-For: {source}\r\n"
        writer.write(f"{head}Content-Length: {len(octets)}\r\n\r\n".encode() + octets)
        answer = await reader.readuntil(b"\r\n\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in answer.decode().split("\r\n")[1:])}
        await reader.readexactly(int(fields.get("content-length", 0)))
        return int(answer.split()[1])

    def close(self):
        if self.streams:
            self.streams[1].close()


def own_accounts(run):
    """One address with accounts of its own and right passwords."""
    return lambda: ("198.51.100.1", f"own{random.randrange(OWN_ACCOUNTS)}-{run}@example.org", PASSWORD)


def one_network(run):
    """One /48 of IPv6 with wrong passwords, each from another /64."""
    return lambda: (f"2001:db8:1:{random.randrange(65536):x}::1", f"n{random.randrange(10**9)}@example.org", "wrong")


def many_addresses(run):
    """A thousand addresses with wrong passwords, each within its allowance."""
    addresses = itertools.cycle([f"10.{run % 250}.{n // 250}.{n % 250}" for n in range(ADDRESSES)])
    spent = {}

    def attempt():
        for address in itertools.islice(addresses, ADDRESSES):
            now = time.monotonic()
            until = max(spent.get(address, now), now)
            if until - now <= INTERVAL * (BURST - 1):
                spent[address] = until + INTERVAL
                return address, f"n{random.randrange(10**9)}@example.org", "wrong"
        return None

    return attempt


async def attack(client, attempt, statuses):
    try:
        while True:
            chosen = attempt()
            if chosen is None:
                await asyncio.sleep(0.05)
                continue
            source, email, password = chosen
            status = await client.post("/api/auth/login/", {"email": email, "password": password}, source)
            statuses[status] = statuses.get(status, 0) + 1
    finally:
        client.close()


async def log_in(base, email, source, answers):
    client, start = Client(base), time.monotonic()
    try:
        status = await client.post("/api/auth/login/", {"email": email, "password": PASSWORD}, source)
    except (OSError, asyncio.IncompleteReadError):
        status = 0
    client.close()
    answers.append((status, time.monotonic() - start))


async def register(base, emails):
    """Each from an address of its own, so that none has spent its allowance."""
    client = Client(base)
    for email, source in emails:
        body = {"email": email, "password": PASSWORD, "password2": PASSWORD}
        while (status := await client.post("/api/register/", body, source)) == 503:
            await asyncio.sleep(0.2)
        assert status == 201, status
    client.close()


async def contest(base, name, attempt, people):
    statuses = {}
    attackers = [asyncio.create_task(attack(Client(base), attempt, statuses)) for _ in range(CONNECTIONS)]
    await asyncio.sleep(WARM_UP)
    answers, logins = [], []
    for email, source in people:
        logins.append(asyncio.create_task(log_in(base, email, source, answers)))
        await asyncio.sleep(PAUSE)
    await asyncio.gather(*logins)
    for task in attackers:
        task.cancel()
    await asyncio.gather(*attackers, return_exceptions=True)
    in_time = sum(status == 200 and seconds <= TARGET for status, seconds in answers)
    others = sorted({status for status, _ in answers if status != 200})
    slowest = max(seconds for _, seconds in answers)
    print(f"  {name}: {in_time} of {len(answers)} in {TARGET:.0f} s; refused with {others or 'nothing'}, slowest {slowest:.2f} s;"
          f" the attacker's answers {dict(sorted(statuses.items()))}", flush=True)
    return in_time


async def measure(base):
    run = random.randrange(10**6)
    print(f"{CONNECTIONS} connections, {PEOPLE} logins {PAUSE} s apart after {WARM_UP} s; {OWN_ACCOUNTS} accounts, {ADDRESSES} addresses,"
          f" {BURST} attempts in one burst and one in {INTERVAL:.0f} s each", flush=True)
    people = [(f"person{n}-{run}@example.org", f"203.0.113.{n + 1}") for n in range(PEOPLE)]
    own = [(f"own{n}-{run}@example.org", f"100.64.{random.randrange(250)}.{n}") for n in range(OWN_ACCOUNTS)]
    await register(base, people + own)
    worst = PEOPLE
    for choose in (own_accounts, one_network, many_addresses):
        print(choose.__doc__, flush=True)
        worst = min(worst, await contest(base, "people where they registered", choose(run), people))
        elsewhere = [(email, f"192.0.2.{n + 1}") for n, (email, _) in enumerate(people)]
        worst = min(worst, await contest(base, "people from a new place", choose(run + 1), elsewhere))
    print(f"worst: {worst} of {PEOPLE}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--base", help="of a running server, such as http://127.0.0.1:8080")
    base = options.parse_args().base
    if base:
        return asyncio.run(measure(base))
    with Service(TRUSTED_PROXIES="127.0.0.1/32", ATTEMPTS_PER_NETWORK="300") as service:
        asyncio.run(measure(service.base))


if __name__ == "__main__":
    sys.exit(main())
