#!/usr/bin/env python3
"""Mixed load for some minutes; memory, descriptors, threads and backends at intervals, which must stay flat.

    Benchmarks/soak.py [--minutes 10] [--clients 8]
"""

import argparse
import collections
import http.client
import json
import random
import subprocess
import threading
import time
import urllib.parse

from harness.process import descriptors, resident_kib, threads
from harness.service import PASSWORD, Service


class Client(threading.Thread):
    """One person after another: registers, logs in, looks, refreshes, mistypes, logs out."""

    def __init__(self, number, base, deadline, counts):
        super().__init__(daemon=True)
        self.number, self.deadline, self.counts = number, deadline, counts
        self.address = urllib.parse.urlparse(base).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=10)

    def ask(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.counts[f"{method} {path} {answer.status}"] += 1
        return answer.status, json.loads(text) if text and answer.status < 300 else None

    def run(self):
        visit = 0
        while time.monotonic() < self.deadline:
            visit += 1
            self.visit(f"soak{self.number}-{visit // 20}@example.org")

    def visit(self, email):
        credentials = {"email": email, "password": PASSWORD}
        self.ask("POST", "/api/register/", {**credentials, "password2": PASSWORD})
        status, tokens = self.ask("POST", "/api/auth/login/", credentials)
        if status != 200:
            return
        for _ in range(5):
            for _ in range(20):
                self.ask("GET", "/api/profile/", token=tokens["access_token"])
            old = tokens["refresh_token"]
            status, renewed = self.ask("POST", "/api/auth/refresh/", {"refresh_token": old})
            tokens = renewed or tokens
        self.ask("POST", "/api/auth/refresh/", {"refresh_token": old})
        self.ask("POST", "/api/auth/login/", {**credentials, "password": "wrong"})
        self.ask("POST", "/api/register/", {"email": "nobody"})
        # Programs that keep no connection.
        for _ in range(50):
            self.connection.close()
            self.ask("GET", "/livez")
        # Every third connection is dropped without a word, as clients do.
        if random.random() < 0.3:
            self.connection.close()
            self.connection = http.client.HTTPConnection(self.address, timeout=10)
        self.ask("POST", random.choice(["/api/logout/", "/api/logoutall/"]), token=tokens["access_token"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    with Service("auth_soak") as service:
        service.register("steady@example.org")
        token = service.log_in("steady@example.org")["access_token"]
        seconds = arguments.minutes * 60
        counts = collections.Counter()
        start = time.monotonic()
        clients = [Client(number, service.base, start + seconds, counts) for number in range(arguments.clients)]
        steady = subprocess.Popen(
            ["wrk", "-t1", "-c16", f"-d{int(seconds)}s", "-H", f"Authorization: Bearer {token}", service.base + "/api/profile/"],
            text=True, stdout=subprocess.PIPE)
        for client in clients:
            client.start()
        print(f"{arguments.clients} clients and wrk -c16 for {arguments.minutes:g} minutes")
        print("seconds  RSS KiB  descriptors  threads  backends  requests")
        samples = []
        while time.monotonic() - start < seconds:
            time.sleep(min(15, seconds / 20))
            pid = service.process.pid
            backends = service.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'auth-api'")
            samples.append((resident_kib(pid), descriptors(pid), threads(pid), int(backends)))
            print("{:7.0f}  {:7d}  {:11d}  {:7d}  {:8d}  {:8d}".format(time.monotonic() - start, *samples[-1], sum(counts.values())), flush=True)
        for client in clients:
            client.join()
        print(steady.communicate()[0])
        for name, count in sorted(counts.items()):
            print(f"{count:8d}  {name}")
        third = len(samples) // 3
        for index, name in enumerate(["RSS KiB", "descriptors", "threads", "backends"]):
            early, late = [sample[index] for sample in samples[third : 2 * third]], [sample[index] for sample in samples[2 * third :]]
            print(f"{name}: middle third {min(early)}–{max(early)}, last third {min(late)}–{max(late)}")


if __name__ == "__main__":
    main()
