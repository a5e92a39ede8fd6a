#!/usr/bin/env python3
"""Authenticated requests against this server's own /livez and against pgbench, in turns, as ratios of one run.

    benchmarks/speed.py [--rounds 5] [--seconds 8] [--connections 64] [--sessions 100000]
"""

import argparse
import os
import re
import statistics
import subprocess
import tempfile
import time

from service import Service, cpu_seconds, output

WRK_SCRIPT = """
local tokens = {}
for token in io.lines(os.getenv("TOKENS")) do tokens[#tokens + 1] = token end
local next = 0
request = function()
  next = next % #tokens + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. tokens[next] })
end
"""

FILLING = """
INSERT INTO users (routing, id, email, password_hash)
SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, n || '@example.org', '$argon2id$none' FROM generate_series(1, {n}) n;
INSERT INTO sessions (routing, id, user_id, session_epoch, salt, access_digest, refresh_digest,
                      access_expires_at, idle_expires_at, expires_at)
SELECT routing, id, id, 0, sha256(id::text::bytea), sha256(id::text::bytea), sha256(id::text::bytea),
       now() + interval '1 hour', now() + interval '14 days', now() + interval '30 days' FROM users WHERE password_hash = '$argon2id$none';
VACUUM ANALYZE;
"""


def tokens_of_real_sessions(service, accounts=20, sessions_each=10):
    tokens = []
    for number in range(accounts):
        email = f"bench{number}@example.org"
        service.register(email)
        tokens += [service.log_in(email)["access_token"] for _ in range(sessions_each)]
    return tokens


def wrk(service, path, arguments, tokens_file=None):
    script = ["-s", arguments.lua] if tokens_file else []
    environment = {**os.environ, "TOKENS": tokens_file or ""}
    before = cpu_seconds([service.process.pid]), cpu_seconds(service.database_processes()), os.times()
    text = subprocess.run(
        ["wrk", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds}s", "--latency", *script, service.base + path],
        env=environment, check=True, text=True, stdout=subprocess.PIPE).stdout
    after = cpu_seconds([service.process.pid]), cpu_seconds(service.database_processes()), os.times()
    if "Non-2xx" in text:
        raise SystemExit(text)
    requests = int(re.search(r"(\d+) requests in", text)[1])
    client = after[2].children_user + after[2].children_system - before[2].children_user - before[2].children_system
    spent = [after[0] - before[0], after[1] - before[1], client]
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        "p99": re.search(r"99%\s+(\S+)", text)[1],
        "cpu": [1e6 * seconds / requests for seconds in spent],
    }


def pgbench(service, clients, seconds):
    text = output(
        output("script/postgres", "bin") + "/pgbench", "-n", "-S", "-M", "prepared", "-c", str(clients), "-j", "2",
        "-T", str(seconds), service.database_url)
    return float(re.search(r"tps = ([\d.]+)", text)[1])


def main():
    parser = argparse.ArgumentParser()
    for name, value in {"rounds": 5, "seconds": 8, "connections": 64, "sessions": 100_000}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    with Service() as service, tempfile.TemporaryDirectory() as folder:
        tokens = tokens_of_real_sessions(service)
        for statement in FILLING.format(n=arguments.sessions).split(";"):
            service.query(statement)
        subprocess.run(
            [output("script/postgres", "bin") + "/pgbench", "-i", "-q", "-s", "10", service.database_url], check=True, stderr=subprocess.DEVNULL)
        arguments.lua, tokens_file = f"{folder}/tokens.lua", f"{folder}/tokens"
        open(arguments.lua, "w").write(WRK_SCRIPT)
        open(tokens_file, "w").write("\n".join(tokens))
        print(f"{os.cpu_count()} cores; {service.query('SELECT version()').split(' on ')[0]}, default durability; wrk -t1 -c{arguments.connections} "
              f"-d{arguments.seconds}s, {len(tokens)} tokens among {arguments.sessions + len(tokens)} sessions; pgbench scale 10; LOG_LEVEL=notice (no line a request); {arguments.rounds} rounds in turns")
        rows = []
        for number in range(arguments.rounds):
            row = {
                "livez": wrk(service, "/livez", arguments),
                "profile": wrk(service, "/api/profile/", arguments, tokens_file),
                "pgbench 8": pgbench(service, 8, arguments.seconds),
                "pgbench 64": pgbench(service, arguments.connections, arguments.seconds),
            }
            rows.append(row)
            print(f"round {number + 1}: livez {row['livez']['rate']:.0f}/s p99 {row['livez']['p99']}, profile {row['profile']['rate']:.0f}/s "
                  f"p99 {row['profile']['p99']}, pgbench -S {row['pgbench 8']:.0f}/s (8 clients) {row['pgbench 64']:.0f}/s ({arguments.connections})", flush=True)
        report(rows, arguments)


def report(rows, arguments):
    def median(values):
        values = list(values)
        return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"

    profile = [row["profile"]["rate"] for row in rows]
    print("profile / livez:", median(rate / row["livez"]["rate"] for rate, row in zip(profile, rows)))
    print("profile / pgbench -S -M prepared, 8 clients:", median(rate / row["pgbench 8"] for rate, row in zip(profile, rows)))
    print(f"profile / pgbench -S -M prepared, {arguments.connections} clients:", median(rate / row["pgbench 64"] for rate, row in zip(profile, rows)))
    for path in ["livez", "profile"]:
        parts = [statistics.median(row[path]["cpu"][index] for row in rows) for index in range(3)]
        print(f"CPU µs a request, {path}: server {parts[0]:.1f}, PostgreSQL {parts[1]:.1f}, wrk {parts[2]:.1f}")


main()
