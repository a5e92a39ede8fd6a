"""Requests that are legal and cut into as many pieces as can be."""

from experiments.hostile.wire import JSON, Attack, Section, request

HEAD = 8000
CHUNKS, TOO_MANY = 16_000, 20_000


def chunked(path, octets, size):
    """A body of blanks in chunks of that size."""
    head = request(b"POST", path, JSON, (b"Transfer-Encoding", b"chunked"))
    return head + (b"%x\r\n%b\r\n" % (size, b" " * size)) * (octets // size) + b"0\r\n\r\n"


def in_chunks(name, path, octets):
    return Attack(name, lambda _: chunked(path, octets, 1), lambda _: chunked(path, octets, octets))


def in_drips(name, octets, fields=1):
    """A head of so many octets, octet by octet; harmless is the same as a whole."""
    value = b"a" * (octets // fields - 10)
    head = request(b"GET", b"/livez", *[(b"X-%d" % number, value) for number in range(fields)])
    return Attack(f"a head in drips, {octets} octets, {name}", lambda _: head, lambda _: head, count=1, drips=True)


def attacks(_):
    return [
        in_chunks("chunks of one octet, login", b"/api/auth/login/", CHUNKS),
        in_chunks("chunks of one octet, verify", b"/api/auth/verify/", CHUNKS),
        in_chunks("chunks of one octet, too many, login", b"/api/auth/login/", TOO_MANY),
        *[in_drips("one field", octets) for octets in [HEAD // 4, HEAD // 2, HEAD]],
        in_drips("60 fields", HEAD, 60),
    ]


PARAMETERS = f"{CHUNKS} chunks, too many are {TOO_MANY}; harmless: one chunk, or the head as a whole"
SECTIONS = [Section("framing", "CPU ms a request", PARAMETERS, {}, attacks)]
