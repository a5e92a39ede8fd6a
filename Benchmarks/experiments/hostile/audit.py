"""Clients of one account who fill the audit trail as fast as they can."""

import http.client
import json
import threading
import time

from experiments.hostile.wire import Reading, Section

CLIENTS, SECONDS = 4, 1
SETTINGS = {"REFRESH_GRACE": "1s", "ATTEMPTS_PER_NETWORK": "300"}
OWNER, REVOKER = "owner@example.org", "revoker@example.org"


def rows(service):
    return service.number("SELECT count(*) FROM audit.events")


class Client:
    def __init__(self, service):
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)

    def post(self, path, token):
        self.connection.request("POST", path, headers={"Authorization": f"Bearer {token}"})
        answer = self.connection.getresponse()
        return str(answer.status), json.loads(answer.read() or b"null")


class Storm:
    """Each client has a token and does `work(client, token)`, which returns the status and the token of next time."""

    def __init__(self, name, tokens, work):
        self.name, self.tokens, self.work = name, tokens, work

    def measure(self, service, _):
        answers, before, start = set(), rows(service), time.monotonic()
        threads = [threading.Thread(target=self.run, args=(Client(service), number, start + SECONDS, answers)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - start
        return Reading((rows(service) - before) / seconds, None, answers)

    def run(self, client, number, end, answers):
        while time.monotonic() < end:
            status, self.tokens[number] = self.work(client, self.tokens[number])
            answers.add(status)


def refresh(client, token):
    status, tokens = client.post("/api/auth/refresh/", token)
    return status, tokens["refresh_token"] if status == "200" else token


def replay(client, token):
    return client.post("/api/auth/refresh/", token)[0], token


def revoke_others(client, token):
    return client.post("/api/sessions/revoke-others/", token)[0], token


def attacks(service):
    for email in [OWNER, REVOKER]:
        service.register(email)
    replayed, *refreshed = [service.log_in(OWNER) for _ in range(1 + CLIENTS)]
    revoking = service.log_in(REVOKER)
    service.post("/api/auth/refresh/", token=replayed["refresh_token"])
    time.sleep(1.5)  # until its grace is over
    return [
        Storm("replays of the previous refresh token", [replayed["refresh_token"]] * CLIENTS, replay),
        Storm("refreshes one after another", [each["refresh_token"] for each in refreshed], refresh),
        Storm("revocations of all other sessions", [revoking["access_token"]] * CLIENTS, revoke_others),
    ]


SECTIONS = [Section("audit", "rows a second", f"{CLIENTS} connections of one account, {SECONDS} s", SETTINGS, attacks)]
