"""The built server (release) over a fresh database of script/postgres, and how its processes are watched."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


class Service:
    def __init__(self, database="auth_bench"):
        output("script/bootstrap", "wrk")
        output("script/postgres", "start")
        administrator = output("script/postgres", "url", "postgres")
        output("psql", "-Xqc", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)", administrator)
        self.database_url = output("script/postgres", "url", database)
        print("building (release) …", flush=True)
        output("swift", "build", "-c", "release", "--product", "auth-api")
        program = output("swift", "build", "-c", "release", "--show-bin-path") + "/auth-api"
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        settings = {"DATABASE_URL": self.database_url, "PORT": "0", "LOG_FORMAT": "json", "LOG_LEVEL": "notice"}
        # The port is in a line that LOG_LEVEL=notice leaves out, so a free one is taken here.
        settings["PORT"] = str(free_port())
        self.process = subprocess.Popen([program, "serve"], cwd=ROOT, env={**os.environ, **settings}, stderr=self.log)
        self.base = f"http://127.0.0.1:{settings['PORT']}"
        for _ in range(300):
            try:
                urllib.request.urlopen(self.base + "/readyz").read()
                break
            except OSError:
                time.sleep(0.1)
        self.postmaster = int(output("psql", "-XAtqc", "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)", self.database_url))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

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

    def query(self, sql):
        return output("psql", "-XAtqc", sql, self.database_url)

    def backends(self):
        return [pid for pid in processes() if parent(pid) == self.postmaster]

    def database_processes(self):
        return [self.postmaster, *self.backends()]


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def stat(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None


def parent(pid):
    fields = stat(pid)
    return int(fields[1]) if fields else None


def cpu_seconds(pids):
    fields = [stat(pid) for pid in pids]
    # The processes' own time and that of children that have ended: the sum never falls when a backend goes.
    return sum(sum(map(int, each[11:15])) / TICKS for each in fields if each)


def resident_kib(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE // 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))
