"""Requests that never end, over many connections: what the server keeps of each."""

import contextlib
import select
import socket
import time

from experiments.hostile.wire import JSON, Reading, Section, ask, request, status_of
from harness.process import exact_cpu_seconds, resident_kib

CONNECTIONS, WARM_UP, TIMEOUT = 400, 50, 3
LOGIN = b"/api/auth/login/"


def settle(service):
    """Until the server has read all, which is when it rests."""
    end, before = time.monotonic() + TIMEOUT, -1
    while time.monotonic() < end and exact_cpu_seconds(service.process.pid) - before > 0.002:
        before = exact_cpu_seconds(service.process.pid)
        time.sleep(0.1)


def is_answered(connection):
    """Or closed."""
    return bool(select.select([connection], [], [], 0)[0])


class Hold:
    """A new process for each repetition: a used one has memory to give again."""

    def __init__(self, name, octets):
        self.name, self.octets = name, octets

    def measure(self, service, _):
        service.stop()
        service.start()
        for _ in range(WARM_UP):
            ask(service.port, request(b"GET", b"/livez"))
        before = resident_kib(service.process.pid)
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(self.connection(service.port, number)) for number in range(CONNECTIONS)]
            settle(service)
            grown = resident_kib(service.process.pid) - before
            return Reading(grown / CONNECTIONS, None, {status_of(each) for each in opened if is_answered(each)} or {"open"})

    def connection(self, port, number):
        """From one of many addresses, so that none has too many."""
        source = f"127.0.0.{2 + number % 200}"
        opened = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT, source_address=(source, 0))
        with contextlib.suppress(OSError):
            opened.sendall(self.octets)
        return opened


def attacks(_):
    chunked = request(b"POST", LOGIN, JSON, (b"Transfer-Encoding", b"chunked"))
    return [
        Hold("a silent connection", b""),
        Hold("a body without its last octet", request(b"POST", LOGIN, JSON, body=b" " * 16_384)[:-1]),
        Hold("a head of 30,000 octets without its end", request(b"GET", b"/", *[(b"X", b"a" * 7500)] * 4)[:-2]),
        Hold("16,000 chunks of one octet without the last", chunked + b"1\r\n \r\n" * 16_000),
    ]


SECTIONS = [Section("memory", "KiB a connection", f"{CONNECTIONS} connections; resident set of a new process", {}, attacks)]
