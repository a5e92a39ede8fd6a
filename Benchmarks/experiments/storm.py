"""Many clients that log in without pause, and what verification at a fixed load feels of them."""

import http.client
import threading
import time

from harness.process import resident_kib


class Probe(threading.Thread):
    """One more client that logs in, and times each answer."""

    def __init__(self, service, body):
        super().__init__(daemon=True)
        self.service, self.body, self.answers, self.ends, self.peak = service, body, [], False, 0

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=10)
        while not self.ends:
            start = time.monotonic()
            connection.request("POST", "/api/auth/login/", self.body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            self.answers.append((answer.status, 1000 * (time.monotonic() - start)))
            self.peak = max(self.peak, resident_kib(self.service.process.pid))
            time.sleep(0.01)


def storm(service, verify, login, body, clients, seconds):
    """Verification alone, then beside the storm; times in milliseconds, memory in KiB."""
    verify.run(service.base, 16, 1)
    base = resident_kib(service.process.pid)
    calm = verify.run(service.base, 16, seconds, DELAY="10")
    logins = login.start(service.base, clients, seconds + 2)
    probe = Probe(service, body)
    time.sleep(0.5)
    probe.start()
    during = verify.run(service.base, 16, seconds, DELAY="10")
    probe.ends = True
    probe.join()
    logins.communicate()
    refused = sorted(time for status, time in probe.answers if status == 503)
    accepted = sorted(time for status, time in probe.answers if status == 200)
    return {
        "calm_p99": calm["p99"], "storm_p99": during["p99"], "calm_rate": calm["rate"], "storm_rate": during["rate"],
        "base_kib": base, "peak_kib": probe.peak, "refused": len(refused), "accepted": len(accepted),
        "refused_p50": refused[len(refused) // 2] if refused else None, "refused_worst": refused[-1] if refused else None,
    }
