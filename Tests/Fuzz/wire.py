"""Raw octets at the running server: messages that are right, bent, cut, glued, slow, half closed and reset.

    BASE_URL=... SERVER_PID=... python3 wire.py SECONDS [SEED]      (script/fuzz-wire starts the server)

What must hold: each answer is HTTP/1.1 with a status that we have, none is a 5xx but 503 with Retry-After; after a refusal that
ends the connection nothing more comes; a well-formed request of another client is answered as ever; the process lives, and its
memory and descriptors stay bounded. Prints its seed and its counts, and each broken promise with the octets that broke it.
"""

import asyncio
import collections
import json
import os
import random
import re
import sys
import time
import urllib.parse
import urllib.request

CLIENTS = 64
PATHS = [
    "/livez", "/readyz", "/api/register/", "/api/auth/login/", "/api/auth/refresh/", "/api/auth/verify/", "/api/profile/",
    "/api/sessions/", "/api/auth/introspect/", "/api/auth/revoke/", "/", "*", "/%00", "//", "/api/profile",
    "http://a/livez", "/livez?access_token=x", "/\x80",
]
ROUTES = [
    ("GET", "/livez"), ("GET", "/readyz"), ("POST", "/api/register/"), ("POST", "/api/auth/login/"), ("POST", "/api/auth/refresh/"),
    ("GET", "/api/auth/verify/"), ("GET", "/api/profile/"), ("GET", "/api/sessions/"), ("POST", "/api/auth/introspect/"),
    ("POST", "/api/auth/revoke/"), ("POST", "/api/sessions/revoke-others/"), ("DELETE", "/api/sessions/x/"), ("HEAD", "/api/profile/"),
]
METHODS = ["GET", "POST", "HEAD", "OPTIONS", "DELETE", "PATCH", "CONNECT", "TRACE", "get", "PRI", "G\x00T", ""]
PLAIN = [
    "Connection: close", "Expect: 100-continue", "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded",
    "Authorization: bearer x", "Authorization: Basic Og==", "X-Forwarded-For: 1.2.3.4", "X-Request-Id: a-1", "Accept: */*",
    "Origin: null", "Cookie: a=b", "Upgrade: websocket", "Upgrade: h2c", "Connection: keep-alive, upgrade",
]
BENT = [
    "Host: ", "Host: a, b", "Host: b", "Content-Length: {n}", "Content-Length: +{n}", "Content-Length: {n}, {n}", "Content-Length: -1",
    "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: x",
    "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "X-Request-Id: {long}",
    " folded: x", "X-A: a\r\n b", "X-Nul: \x00", ": empty", "novalue", "X-Long: {long}",
]
BODIES = [
    "{}", "", "[" * 9, '{"email":"a@example.org","password":"12345678"}', '{"email":"\\ud800"}', '{"a":1,"a":2}', "\ufeff{}", "\x00", "token=x",
    "token=%ff&token=y", '{"refresh_token":"art_x"}', "{" * 5000, "x" * 20000,
]
STATUSES = {200, 201, 204, 400, 401, 403, 404, 405, 408, 409, 411, 413, 414, 415, 417, 422, 429, 431, 501, 503}


class Fuzzer:
    def __init__(self, port, pid, tokens, seed):
        self.port, self.pid, self.seed = port, pid, seed
        # Nothing that the one sends may end the other's session.
        self.token, self.bystanders_token = tokens
        self.sent = self.octets = self.slowest = 0
        self.statuses = collections.Counter()
        self.shapes = set()
        self.broken = []

    def head_and_body(self, chance):
        is_bent = chance.random() < 0.3
        method, path = chance.choice(ROUTES)
        if chance.random() < 0.3: method, path = chance.choice(METHODS), chance.choice(PATHS)
        version = chance.choice(["HTTP/1.1"] * 12 + ["HTTP/1.0", "HTTP/2.0", "HTTP/1.1 ", "http/1.1", ""] * is_bent)
        body = chance.choice(BODIES).encode("utf-8", "surrogatepass")
        chosen = ["Host: a"] + chance.sample(PLAIN, chance.randrange(4)) + chance.sample(BENT, is_bent * chance.randrange(3))
        framing = chance.choice(["Content-Length: {n}", "Content-Length: {n}", "Transfer-Encoding: chunked", None])
        if chance.random() < 0.5: chosen += ["Content-Type: application/json", "Authorization: Bearer {token}"]
        if framing: chosen.append(framing)
        if framing == "Transfer-Encoding: chunked": body = self.chunks(body, chance, is_bent)
        if framing is None and not is_bent: body = b""
        long = "y" * chance.choice([1, 200, 9000, 40000])
        text = "\r\n".join([f"{method} {path} {version}"] + chosen)
        text = text.replace("{n}", str(len(body))).replace("{token}", self.token).replace("{long}", long)
        end = chance.choice([b"\r\n\r\n"] * 12 + [b"\n\n", b"\r\n", b"\r\r\n\n"] * is_bent)
        self.shapes.add((method, path, version, tuple(chosen), end))
        return text.encode("latin-1", "replace") + end + body

    @staticmethod
    def chunks(body, chance, is_bent):
        size = max(1, chance.choice([1, 7, len(body) or 1]))
        extension = chance.choice([b"", b"", b";a=b"] + [b" ", b"x"] * is_bent)
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        encoded = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
        return encoded + chance.choice(
            [b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\nA: b\r\n\r\n"] + [b"0\r\n", b"-1\r\n", b"ffffffffffffffff1\r\n"] * is_bent)

    def octet_stream(self, chance):
        stream = b"".join(self.head_and_body(chance) for _ in range(chance.choice([1, 1, 1, 2, 5])))
        if chance.random() < 0.3:
            stream = bytearray(stream)
            for _ in range(chance.choice([1, 1, 3, 20])):
                at = chance.randrange(len(stream) or 1)
                bend = chance.randrange(4)
                if bend == 0 and stream: stream[at] = chance.randrange(256)
                elif bend == 1: del stream[at : at + chance.choice([1, 2, 50])]
                elif bend == 2: stream[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice([1, 4, 64])))
                elif stream: stream[at:at] = stream[at : at + 40]
        return bytes(stream)

    async def one(self, chance):
        stream = self.octet_stream(chance)
        self.sent += 1
        self.octets += len(stream)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            await asyncio.sleep(0.1)
            return
        try:
            pieces = chance.choice([1, 1, 1, 2, 5])
            size = len(stream) // pieces + 1
            for at in range(0, len(stream), size):
                writer.write(stream[at : at + size])
                await writer.drain()
                if pieces > 1: await asyncio.sleep(chance.random() / 50)
            end = chance.randrange(8)
            if end == 0:
                writer.transport.abort()
                return
            if end < 5: writer.write_eof()
            answer = b""
            while piece := await asyncio.wait_for(reader.read(65536), 0.3 if end > 4 else 15):
                answer += piece
            self.judge(stream, answer)
        except asyncio.TimeoutError:
            # Kept alive, or waiting for more: both are right.
            self.statuses["open"] += 1
        except OSError:
            self.statuses["reset"] += 1
        finally:
            writer.transport.abort()

    def judge(self, stream, answer):
        rest = answer
        while rest:
            head, found, rest = rest.partition(b"\r\n\r\n")
            match = re.match(rb"HTTP/1\.[01] (\d{3}) ", head)
            if not found or not match: return self.report("no HTTP", stream, answer)
            status = int(match[1])
            self.statuses[status] += 1
            # Before the answer, to a client that waits for it.
            if status == 100: continue
            if status not in STATUSES: self.report("a status that we do not have", stream, answer)
            if status == 503 and b"Retry-After" not in head: self.report("503 without Retry-After", stream, answer)
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            # What follows an answer to HEAD is the next answer.
            if length and not rest.startswith(b"HTTP/1."): rest = rest[int(length[1]) :]
            if rest and re.search(rb"(?i)\r\nconnection: close", head): self.report("more after the end", stream, answer)

    def report(self, what, stream, answer):
        self.broken.append(what)
        if len(self.broken) <= 10: print(f"BROKEN: {what}\n  {stream[:2000]!r}\n  {answer[:2000]!r}", flush=True)

    async def client(self, number, deadline):
        chance = random.Random(f"{self.seed}/{number}")
        while time.monotonic() < deadline: await self.one(chance)

    async def bystander(self, deadline):
        """Another client, whose right requests are answered as ever."""
        request = f"GET /api/profile/ HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {self.bystanders_token}\r\nConnection: close\r\n\r\n".encode()
        while time.monotonic() < deadline:
            start = time.monotonic()
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(request)
            try:
                answer = await asyncio.wait_for(reader.read(), 15)
            except asyncio.TimeoutError:
                answer = b"no answer in 15 s"
            self.slowest = max(self.slowest, time.monotonic() - start)
            if not answer.startswith(b"HTTP/1.1 200 "): self.report("the bystander", request, answer)
            writer.close()
            await asyncio.sleep(0.05)

    def usage(self):
        with open(f"/proc/{self.pid}/status") as status:
            memory = int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) // 1024
        return memory, len(os.listdir(f"/proc/{self.pid}/fd"))

    async def run(self, seconds):
        deadline = time.monotonic() + seconds
        await asyncio.gather(*(self.client(number, deadline) for number in range(CLIENTS)), self.bystander(deadline))


def account(base, email):
    """A new account's access token."""

    def post(path, body):
        request = urllib.request.Request(base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer: return json.load(answer)

    person = {"email": email, "password": "correct horse battery"}
    post("/api/register/", person | {"password2": person["password"]})
    return post("/api/auth/login/", person)["access_token"]


def main():
    base, pid = os.environ["BASE_URL"], int(os.environ["SERVER_PID"])
    seconds, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    tokens = account(base, "wire@example.net"), account(base, "bystander@example.net")
    fuzzer = Fuzzer(urllib.parse.urlsplit(base).port, pid, tokens, seed)
    before = fuzzer.usage()
    asyncio.run(fuzzer.run(seconds))
    time.sleep(1)
    after = fuzzer.usage()
    print(f"{seconds} s, seed {seed}, {CLIENTS} clients: {fuzzer.sent} streams, {fuzzer.octets} octets, {len(fuzzer.shapes)} shapes of a head")
    print("answers: " + ", ".join(f"{status}: {count}" for status, count in sorted(fuzzer.statuses.items(), key=str)))
    print(f"the bystander's slowest answer: {fuzzer.slowest:.3f} s")
    print(f"server: {before[0]} MiB and {before[1]} descriptors before, {after[0]} and {after[1]} after")
    # Sanitizers keep what is freed for a while.
    if after[0] > before[0] + 400 or after[1] > before[1] + 100: fuzzer.broken.append("memory or descriptors")
    print(f"broken: {len(fuzzer.broken)} {collections.Counter(fuzzer.broken)}")
    sys.exit(1 if fuzzer.broken else 0)


main()
