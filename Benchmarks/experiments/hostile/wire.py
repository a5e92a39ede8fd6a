"""Requests as octets, each over a connection of its own, and what CPU the server takes for them."""

import re
import socket
import time
from collections import namedtuple

from harness.process import exact_cpu_seconds

# `attacks(service)` are those of a section, on a server with its settings.
Section = namedtuple("Section", "name unit parameters settings attacks")
# Of one repetition: what the attack cost, what harmless octets cost (or None), and the statuses of the answers to the attack.
Reading = namedtuple("Reading", "hostile harmless answers")
TIMEOUT, REST, DRIP_PAUSE = 5, 0.01, 0.00002
JSON = (b"Content-Type", b"application/json")


def request(method, target, *fields, body=None):
    names = {name.lower() for name, _ in fields}
    fields = [field for field in [(b"Host", b"localhost"), (b"Connection", b"close")] if field[0].lower() not in names] + list(fields)
    if body is not None:
        fields.append((b"Content-Length", b"%d" % len(body)))
    return b"%b %b HTTP/1.1\r\n" % (method, target) + b"".join(b"%b: %b\r\n" % field for field in fields) + b"\r\n" + (body or b"")


def post(path, body, *fields):
    return request(b"POST", path, JSON, *fields, body=body)


def bearer(token):
    return (b"Authorization", b"Bearer " + token.encode())


def ask(port, octets, drips=False):
    """The status of the answer. `drips`: octet by octet."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            send(connection, octets, drips)
        except OSError:
            pass  # the server has refused what it read so far: its answer is there
        return status_of(connection)


def send(connection, octets, drips):
    if not drips:
        return connection.sendall(octets)
    for octet in octets:
        connection.sendall(bytes([octet]))
        time.sleep(DRIP_PAUSE)


def status_of(connection):
    answer = b""
    try:
        while not is_whole(answer) and (more := connection.recv(65536)):
            answer += more
    except OSError:
        pass
    return answer[9:12].decode() or "0"


def is_whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end) and len(body) >= int(length[1] if length else 0)


class Attack:
    """`hostile` and `harmless` make the octets of a request for a turn; a repetition sends `count` of them, for so many seconds at most."""

    def __init__(self, name, hostile, harmless=None, count=3, seconds=0.5, drips=False):
        self.name, self.hostile, self.harmless = name, hostile, harmless
        self.count, self.seconds, self.drips = count, seconds, drips

    def measure(self, service, turn):
        """In milliseconds of CPU a request."""
        hostile, answers = self.cost(service, turn, self.hostile, self.drips)
        harmless = self.harmless and self.cost(service, turn, self.harmless)[0]
        return Reading(hostile, harmless, answers)

    def cost(self, service, turn, make, drips=False):
        time.sleep(REST)
        before, end, answers = exact_cpu_seconds(service.process.pid), time.monotonic() + self.seconds, []
        while len(answers) < self.count and time.monotonic() < end:
            answers.append(ask(service.port, make(turn), drips))
        time.sleep(REST)
        return 1000 * (exact_cpu_seconds(service.process.pid) - before) / len(answers), set(answers)
