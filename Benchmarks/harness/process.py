"""Processes of this machine, as /proc tells of them."""

import os
import pathlib
import socket
import time

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stat(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None


def parents():
    """The parent of each process."""
    fields = {int(name): stat(name) for name in os.listdir("/proc") if name.isdigit()}
    return {pid: int(each[1]) for pid, each in fields.items() if each}


def family(pid):
    """A process and all that descend from it."""
    everybody, found = parents(), [pid]
    for each in found:
        found += [child for child, parent in everybody.items() if parent == each]
    return found


def cpu_seconds(pids):
    fields = [stat(pid) for pid in pids]
    # The processes' own time and that of children that have ended: the sum never falls when a backend goes.
    return sum(sum(map(int, each[11:15])) / TICKS for each in fields if each)


def exact_cpu_seconds(pid):
    """Of one process alone, in nanoseconds' detail: the id of its CPU clock, which clock_getcpuclockid(3) would tell."""
    return time.clock_gettime((~pid << 3) | 2)


def resident_kib(*pids):
    """Shared pages count once for each process."""
    return sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE // 1024 for pid in pids)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))
