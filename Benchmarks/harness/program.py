"""A program that serves HTTP on a loopback port, started and ended here."""

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from harness.cluster import ROOT
from harness.process import cpu_seconds, family, free_port, resident_kib


class Program:
    """`command` may name `{port}`. It is ready when `path` is answered, with whatever status."""

    def __init__(self, command, path="/", port=None, **settings):
        self.port = port or free_port()
        self.command = [str(part).replace("{port}", str(self.port)) for part in command]
        self.base, self.path, self.settings = f"http://127.0.0.1:{self.port}", path, settings
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        self.start()

    def start(self):
        """Returns the seconds until it answered."""
        begun = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env={**os.environ, **self.settings}, stdout=self.log, stderr=self.log)
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > begun + 30:
                raise SystemExit(f"{self.command[0]} does not answer:\n{pathlib.Path(self.log.name).read_text()}")
            time.sleep(0.005)
        return time.monotonic() - begun

    def answers(self):
        try:
            urllib.request.urlopen(self.base + self.path, timeout=5).close()
        except urllib.error.HTTPError:
            return self.path == "/"
        except OSError:
            return False
        return True

    def stop(self, how=signal.SIGTERM):
        everybody = family(self.process.pid)
        self.process.send_signal(how)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            for pid in everybody:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def cpu_seconds(self):
        return cpu_seconds(family(self.process.pid))

    def resident_kib(self):
        return resident_kib(*family(self.process.pid))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
