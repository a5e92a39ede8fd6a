"""What the figures were taken on."""

import os
import shutil
import subprocess

from harness import cluster
from harness.cluster import output


def machine():
    def line(*command):
        if not shutil.which(command[0]):
            return "not installed"
        return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.splitlines()[0]

    cpu = next((row.split(":")[1].strip() for row in open("/proc/cpuinfo") if row.startswith("model name")), "unknown")
    return {
        "CPU": f"{os.cpu_count()} × {cpu}",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') >> 30} GiB",
        "kernel": f"Linux {os.uname().release}",
        "Swift": line("swift", "--version"),
        "PostgreSQL": cluster.query("postgres", "SHOW server_version") + ", " + ", ".join(f"{k} {v}" for k, v in cluster.SETTINGS.items())
                      + ", else as initdb leaves it: fsync and synchronous_commit on",
        "wrk": line("wrk", "-v"),
        "nginx": line("nginx", "-v"),
        "commit": output("git", "rev-parse", "--short", "HEAD") + (" and changes" if output("git", "status", "--porcelain", "-uno") else ""),
    }
