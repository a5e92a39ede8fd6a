"""The built server (release) over a database of the benchmarks' cluster."""

import functools
import json
import pathlib
import time
import urllib.request

from harness import cluster
from harness.cluster import output
from harness.process import family, cpu_seconds
from harness.program import Program

PASSWORD = "correct horse battery"


@functools.cache
def built_program():
    output("script/bootstrap", "wrk")
    print("building (release) …", flush=True)
    output("script/build")
    return output("swift", "build", "-c", "release", "--show-bin-path") + "/auth-api"


class Service(Program):
    """Over an empty database; with a `template`, over a copy of that; if it `keeps` what is there, over that. `program`: another
    build."""

    def __init__(self, database="auth_bench", template=None, keeps=False, program=None, **settings):
        program = program or built_program()
        cluster.start()
        self.database = database
        if template:
            cluster.copy(database, template)
        elif not keeps:
            cluster.drop(database)
        self.database_url = cluster.url(database)
        # The port is in a line that LOG_LEVEL=notice leaves out, so a free one is taken here.
        settings = {"DATABASE_URL": self.database_url, "LOG_FORMAT": "json", "LOG_LEVEL": "notice", **settings}
        # All the load comes from one address.
        settings = {"ATTEMPTS_PER_NETWORK": "1000000", **settings}
        # Builds that were made before it was renamed know another name.
        if b"ATTEMPTS_PER_NETWORK" not in pathlib.Path(program).read_bytes():
            settings["ATTEMPTS_PER_ADDRESS"] = settings.pop("ATTEMPTS_PER_NETWORK")
        super().__init__(["env", "PORT={port}", "OPERATIONS_PORT=0", program, "serve"], "/readyz", **settings)
        self.postmaster = self.number("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)")

    def post(self, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode() if body is not None else b""
        with urllib.request.urlopen(urllib.request.Request(self.base + path, data, headers, method="POST")) as answer:
            return json.loads(answer.read() or b"null")

    def register(self, email):
        return self.post("/api/register/", {"email": email, "password": PASSWORD, "password2": PASSWORD})

    def log_in(self, email):
        return self.post("/api/auth/login/", {"email": email, "password": PASSWORD})

    def query(self, *statements):
        return cluster.query(self.database, *statements)

    def number(self, sql):
        return int(self.query(sql))

    def updates(self, at_least=0):
        """Rows of sessions updated, and how many of them heap-only. A backend reports what it counted when it rests, at most once
        a second; so a count may be awaited."""
        for _ in range(30):
            counts = self.query("SELECT n_tup_upd || ' ' || n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'sessions'")
            updated, heap_only = map(int, counts.split())
            if updated >= at_least:
                break
            time.sleep(1)
        return updated, heap_only

    def database_cpu_seconds(self):
        return cpu_seconds(family(self.postmaster))
