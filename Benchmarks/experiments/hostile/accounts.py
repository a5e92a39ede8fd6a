"""Registrations whose passwords are dear to judge, and old refresh tokens with a false secret."""

import base64
import json
import os
import zlib

from experiments.hostile.wire import Attack, Section, post, request

WEAK, FLOOD, REFRESHES = "a" * 100, 100, 1000


def registration(password, address):
    email = f"{os.urandom(8).hex()}@example.org"
    body = json.dumps({"email": email, "password": password, "password2": password}).encode()
    return post(b"/api/register/", body, (b"X-Forwarded-For", address.encode()))


def some_address():
    return "10.{}.{}.{}".format(*os.urandom(3))


def registrations(_):
    return [
        Attack("a long weak password, each from another address",
               lambda _: registration(WEAK, some_address()), lambda _: registration(WEAK[:8], some_address()), count=10),
        Attack(f"{FLOOD} of them from one address",
               lambda turn: registration(WEAK, f"192.0.2.{turn % 256}"), count=FLOOD, seconds=2),
    ]


def forged(refresh_token):
    """The token with another secret and a right checksum."""
    prefix, payload = refresh_token[:4], base64.urlsafe_b64decode(refresh_token[4:] + "=")
    body = payload[:20] + os.urandom(32) + payload[52:68]
    checksum = zlib.crc32(prefix.encode() + body).to_bytes(4, "big")
    return prefix + base64.urlsafe_b64encode(body + checksum).rstrip(b"=").decode()


def refresh(token):
    return request(b"POST", b"/api/auth/refresh/", (b"Authorization", b"Bearer " + token.encode()), body=b"")


def refreshes(service):
    service.register("tokens@example.org")
    tokens = service.log_in("tokens@example.org")
    service.query(f"UPDATE sessions SET generation = {REFRESHES} WHERE id = '{tokens['session_id']}'")
    return [Attack("an old refresh token with a false secret",
                   lambda _: refresh(forged(tokens["refresh_token"])), lambda _: refresh("art_x"), count=50)]


SECTIONS = [
    Section("registrations", "CPU ms a request", f"{len(WEAK)} × a; harmless: 8 × a", {
        "TRUSTED_PROXIES": "127.0.0.1/32", "PASSWORD_MIN_STRENGTH": "3", "ATTEMPTS_PER_NETWORK": "300"}, registrations),
    Section("tokens", "CPU ms a request", f"a session that was refreshed {REFRESHES} times; harmless: a malformed token", {}, refreshes),
]
