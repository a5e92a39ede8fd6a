"""Runs of wrk, the load generator."""

import json
import os
import pathlib
import subprocess
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent / "lua"


def reading(text, may_refuse):
    """What wrk measured: the last line that the scripts in lua/ print. Ends the benchmark with wrk's own words if there is none, or if a
    request was refused that may not be."""
    try:
        result = json.loads(text.splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        raise SystemExit(f"wrk measured nothing. It said:\n{text.strip() or '(nothing)'}") from None
    if result["broken"] or result["refused"] and not may_refuse:
        raise SystemExit(text)
    return result


class Load:
    """wrk with one of the scripts in lua/, over some lines: tokens or bodies."""

    def __init__(self, script, lines, path, may_refuse=False, **environment):
        self.script, self.path, self.may_refuse, self.environment = FOLDER / f"{script}.lua", path, may_refuse, environment
        self.lines = tempfile.NamedTemporaryFile("w", suffix=".lines")
        self.lines.write("\n".join(lines))
        self.lines.flush()

    def start(self, base, connections, seconds, **environment):
        return subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", self.script, base + self.path],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "LUA": str(FOLDER), "LINES_FILE": self.lines.name, **self.environment, **environment})

    def run(self, base, connections, seconds, **environment):
        """`rate` (of accepted requests, a second), `p50` … `worst` (milliseconds), `requests`, `refused`, `cpu` (seconds of wrk's own).
        Unless the load may be refused, one refused request ends all."""
        before = os.times()
        text, _ = self.start(base, connections, seconds, **environment).communicate()
        after = os.times()
        result = reading(text, self.may_refuse)
        result["rate"] = (result["requests"] - result["refused"]) / result["seconds"]
        result["cpu"] = after.children_user + after.children_system - before.children_user - before.children_system
        return result
