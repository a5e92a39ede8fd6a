"""The peers, installed from PyPI into an environment of their own, over the same PostgreSQL with as many users and tokens."""

import hashlib
import subprocess

from harness import cluster
from harness.cluster import LOCAL, ROOT
from harness.program import Program

FOLDER = ROOT / "Benchmarks" / "harness" / "peers"
BIN = LOCAL / "peers" / "bin"

KNOX = """
SET synchronous_commit = off;
INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined)
SELECT n, '!', false, 'user' || n, '', '', 'user' || n || '@example.org', false, true, now() FROM generate_series(1, {users}) n;
INSERT INTO knox_authtoken (digest, token_key, user_id, created)
SELECT encode(sha512(token::bytea), 'hex'), left(token, 15), n, now()
FROM generate_series(1, {users}) n, LATERAL (SELECT encode(sha256(('knox ' || n)::bytea), 'hex') OFFSET 0) t (token);
VACUUM (ANALYZE, FREEZE);
"""
FASTAPI_USERS = """
SET synchronous_commit = off;
INSERT INTO "user" (id, email, hashed_password, is_active, is_superuser, is_verified)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'user' || n || '@example.org', '!', true, false, true FROM generate_series(1, {users}) n;
INSERT INTO accesstoken (token, created_at, user_id)
SELECT left(encode(sha256(('fastapi ' || n)::bytea), 'hex'), 43), now(), lpad(to_hex(n), 32, '0')::uuid FROM generate_series(1, {users}) n;
VACUUM (ANALYZE, FREEZE);
"""


def install():
    wanted = (FOLDER / "requirements.txt").read_text()
    marker = LOCAL / "peers" / "installed.txt"
    if marker.exists() and marker.read_text() == wanted:
        return
    print("installing the peers …", flush=True)
    subprocess.run(["python3", "-m", "venv", LOCAL / "peers"], check=True)
    subprocess.run([BIN / "pip", "install", "-q", "--disable-pip-version-check", "-r", FOLDER / "requirements.txt"], check=True)
    marker.write_text(wanted)


class Peer:
    """`command` serves it; `secret` and `length` make the token of a number, as the filling does."""

    def __init__(self, name, module, filling, secret, length, command):
        self.name, self.module, self.filling, self.command = name, module, filling, command
        self.secret, self.length = secret, length

    def token(self, number):
        return hashlib.sha256(b"%s %d" % (self.secret, number + 1)).hexdigest()[: self.length]

    def start(self, users):
        database = f"peer_{self.module}_{users}"
        settings = {"DATABASE_URL": cluster.url(database), "PYTHONPATH": str(FOLDER)}
        if not cluster.is_filled(database):
            print(f"filling {database} …", flush=True)
            cluster.drop(database)
            cluster.url(database)
            subprocess.run([BIN / "python", FOLDER / f"{self.module}.py"], check=True, env=settings)
            cluster.fill(database, *self.filling.format(users=users).strip().split(";\n"))
        return Program([BIN / self.command[0], *self.command[1:]], **settings)


GRANIAN = ["granian", "--host", "127.0.0.1", "--port", "{port}", "--workers", "2", "--log-level", "warning"]
PEERS = {
    "knox on granian": Peer("knox on granian", "knox_app", KNOX, b"knox", 64,
                            [*GRANIAN, "--interface", "wsgi", "--blocking-threads", "4", "knox_app:application"]),
    "fastapi-users on uvicorn": Peer("fastapi-users on uvicorn", "fastapi_users_app", FASTAPI_USERS, b"fastapi", 43,
                                     ["uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--workers", "2", "--no-access-log",
                                      "--log-level", "warning", "fastapi_users_app:app"]),
}
