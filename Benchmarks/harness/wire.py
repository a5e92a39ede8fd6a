"""PostgreSQL's protocol (version 3): records what a server sends, and sends it again for other rows."""

import base64
import contextlib
import hashlib
import hmac
import secrets
import socket
import struct
import threading
import urllib.parse

PROTOCOL = 196608
WINDOW = 32  # transactions that are on their way together


def exactly(connection, size):
    data = bytearray()
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


def statement_name(bind):
    return bind[5:].split(b"\0", 2)[1].decode()


class Recorder:
    """A proxy between a server and PostgreSQL. The parameters of the server's statements are binary. All ids have one size, all digests and
    all numbers too, so another value can replace one in the recorded octets."""

    def __init__(self, url):
        self.url = urllib.parse.urlsplit(url)
        self.startup, self.prepared, self.transactions = None, {}, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.proxied_url = url.replace(f":{self.url.port}/", f":{port}/")
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, server = self.listener.accept()[0], socket.create_connection((self.url.hostname, self.url.port))
                threading.Thread(target=self._pass, args=(server, client), daemon=True).start()
                threading.Thread(target=self._listen, args=(client, server), daemon=True).start()

    def _pass(self, source, target):
        with contextlib.suppress(OSError), source, target:
            while data := source.recv(65536):
                target.sendall(data)

    def _listen(self, client, server):
        # It is not enough to close the socket: while another thread reads from it, the connection would not end.
        with contextlib.suppress(OSError, EOFError), contextlib.ExitStack() as end:
            end.callback(server.shutdown, socket.SHUT_RDWR)
            code = None
            while code != PROTOCOL:
                head = exactly(client, 8)
                size, code = struct.unpack("!II", head)
                packet = head + exactly(client, size - 8)
                server.sendall(packet)
            self.startup, transaction = packet, []
            while True:
                head = exactly(client, 5)
                packet = head + exactly(client, struct.unpack("!I", head[1:])[0] - 4)
                server.sendall(packet)
                transaction = self._heard(packet, transaction)

    def _heard(self, packet, transaction):
        kind = packet[:1]
        if kind == b"P":
            self.prepared[packet[5:].split(b"\0", 1)[0].decode()] = packet
        elif kind == b"B" or kind in (b"D", b"E") and transaction:
            return [*transaction, packet]
        elif kind == b"S" and transaction:
            self.transactions.append([*transaction, packet])
            return []
        return transaction

    def first(self, name):
        """The first transaction with this statement, or None."""
        for transaction in self.transactions:
            if name in [statement_name(each) for each in transaction if each[:1] == b"B"]:
                return b"".join(transaction)
        return None

    def stop(self):
        self.listener.close()


class Connection:
    """Starts like the server's connections, and knows the statements that the server has prepared on any of them."""

    def __init__(self, recorder):
        url = recorder.url
        self.socket = socket.create_connection((url.hostname, url.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(recorder.startup)
        self._authenticate(url.password.encode())
        self._answers(1)
        self.run([b"".join(recorder.prepared.values()) + message(b"S", b"")])

    def _authenticate(self, password):
        """SCRAM-SHA-256 (RFC 5802, RFC 7677)."""
        self._authentication(10)
        first = "n=,r=" + secrets.token_urlsafe(18)
        initial = b"n,," + first.encode()
        self.socket.sendall(message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!I", len(initial)) + initial))
        challenge = self._authentication(11).decode()
        fields = dict(field.split("=", 1) for field in challenge.split(","))
        final = f"c=biws,r={fields['r']}"
        salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode(fields["s"]), int(fields["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), ",".join([first, challenge, final]).encode(), "sha256")
        proof = base64.b64encode(bytes(one ^ other for one, other in zip(key, signature))).decode()
        self.socket.sendall(message(b"p", f"{final},p={proof}".encode()))

    def _authentication(self, expected):
        kind, body = self._read()
        if kind != b"R" or struct.unpack("!I", body[:4])[0] != expected:
            raise SystemExit(f"PostgreSQL asks for another authentication than SCRAM: {kind + body}")
        return body[4:]

    def _read(self):
        head = self.file.read(5)
        return head[:1], self.file.read(struct.unpack("!I", head[1:])[0] - 4)

    def _answers(self, count):
        """Reads the rows of so many transactions."""
        rows = []
        while count:
            kind, body = self._read()
            if kind == b"E":
                raise SystemExit(f"PostgreSQL refuses: {body.replace(bytes(1), b' ').decode()}")
            if kind == b"D":
                rows.append(columns(body))
            if kind == b"K":
                self.pid = struct.unpack("!I", body[:4])[0]
            count -= kind == b"Z"
        return rows

    def run(self, transactions):
        """Runs them in order, and sends some before the earlier answers come. Returns all rows."""
        rows, batch = [], []
        for each in transactions:
            batch.append(each)
            if len(batch) == WINDOW:
                rows += self._send(batch)
                batch = []
        return rows + self._send(batch)

    def _send(self, batch):
        self.socket.sendall(b"".join(batch))
        return self._answers(len(batch))

    def query(self, sql):
        return [[column and column.decode() for column in row] for row in self.run([message(b"Q", sql.encode() + b"\0")])]


def columns(body):
    count, values, start = struct.unpack("!H", body[:2])[0], [], 2
    for _ in range(count):
        size = struct.unpack("!i", body[start : start + 4])[0]
        start += 4
        values.append(None if size < 0 else body[start : start + size])
        start += max(size, 0)
    return values
