#!/usr/bin/env python3
"""What clients that ask slowly, or read slowly, cost others: slowhttptest in its four modes beside clients who ask as one should.

    Benchmarks/slow.py [--connections 2000] [--seconds 20] [--modes HBRX] [--program FILE]

The normal clients: 8 kept connections whose token is looked up, 10 ms of rest before each request (wrk), and one that opens a
connection for each request. Memory is the server's resident set.
"""

import argparse
import http.client
import subprocess
import threading
import time

from harness.cluster import output
from harness.load import Load
from harness.process import resident_kib
from harness.service import Service

MODES = {
    "H": ("heads that never end", ["-H", "-i", "2"]),
    "B": ("bodies that come in drops", ["-B", "-i", "2", "-s", "8192"]),
    "R": ("many ranges", ["-R", "-a", "10", "-b", "3000"]),
    "X": ("answers read in drops", ["-X", "-k", "10", "-w", "10", "-y", "20", "-n", "2", "-z", "32"]),
}
KEPT = 8


class Newcomer(threading.Thread):
    """Opens a connection for each request, and times both together."""

    def __init__(self, service, token):
        super().__init__(daemon=True)
        self.service, self.token, self.times, self.failures, self.peak, self.ends = service, token, [], 0, 0, False

    def run(self):
        while not self.ends:
            start = time.monotonic()
            try:
                self.ask()
                self.times.append(1000 * (time.monotonic() - start))
            except OSError:
                self.failures += 1
            self.peak = max(self.peak, resident_kib(self.service.process.pid))
            time.sleep(0.02)

    def ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=10)
        connection.request("GET", "/api/auth/verify/", headers={"Authorization": f"Bearer {self.token}", "Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise OSError(answer.status)

    def p99(self):
        return sorted(self.times)[len(self.times) * 99 // 100]


def measure(service, load, token, seconds):
    newcomer = Newcomer(service, token)
    newcomer.start()
    kept = load.run(service.base, KEPT, seconds, DELAY="10")
    newcomer.ends = True
    newcomer.join()
    return {"kept": kept["p99"], "new": newcomer.p99(), "failures": newcomer.failures, "peak": newcomer.peak}


def attack(service, mode, connections, seconds):
    path = "/api/auth/login/" if mode == "B" else "/livez"
    return subprocess.Popen(
        ["slowhttptest", "-c", str(connections), "-r", str(connections // 4), "-l", str(seconds), "-p", "5", *MODES[mode][1],
         "-u", service.base + path], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def report(label, run, idle):
    ratios = ", ".join(f"{name} {run[name]:.2f} ms ({run[name] / idle[name]:.2f} of idle)" for name in ["kept", "new"])
    print(f"{label}: p99 {ratios}; {run['failures']} failed; at most {run['peak'] / 1024:.0f} MiB", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--modes", default="HBRX")
    parser.add_argument("--program", help="another build of the server")
    arguments = parser.parse_args()
    output("script/bootstrap", "slowhttptest", "wrk")
    with Service("auth_slow", program=arguments.program) as service:
        service.register("slow@example.org")
        token = service.log_in("slow@example.org")["access_token"]
        load = Load("bearer", [token] * 10, "/api/auth/verify/")
        measure(service, load, token, 3)
        idle = measure(service, load, token, arguments.seconds)
        report("idle", idle, idle)
        for mode in arguments.modes:
            attacker = attack(service, mode, arguments.connections, arguments.seconds + 6)
            # Their connections are opened within four seconds.
            time.sleep(4)
            run = measure(service, load, token, arguments.seconds)
            report(f"-{mode}, {MODES[mode][0]}", run, idle)
            attacker.wait(arguments.seconds + 60)
            time.sleep(12)
            print(f"    after it: {resident_kib(service.process.pid) / 1024:.0f} MiB", flush=True)
        report("idle again", measure(service, load, token, arguments.seconds), idle)


if __name__ == "__main__":
    main()
