"""The report: Markdown with the charts beside it."""

import pathlib
import statistics

from experiments import chart

TITLES = {
    "reads": "Authenticated requests", "connections": "Verification by number of connections",
    "tables": "Verification by number of sessions, 8 connections", "logins": "Login and registration, 16 connections",
    "refreshes": "Refresh", "writes": "Logout, and the mixture (90 % verification, 8 % profile, 1.5 % refresh, 0.5 % login)",
}
# What is asked for: section, numerator, denominator, key, and the ratio.
RATIOS = [
    ("reads", "verify", "ceiling, verify", "rate", "≥ 0.85"),
    ("reads", "verify", "pgbench, look-up", "rate", "≥ 1.0"),
    ("reads", "profile", "ceiling, profile", "rate", "≥ 0.70"),
    ("reads", "verify", "knox on granian, profile", "rate", "≥ 35"),
    ("reads", "verify", "fastapi-users on uvicorn, profile", "rate", "≥ 35"),
    ("reads", "profile", "knox on granian, profile", "rate", "≥ 25"),
    ("reads", "profile", "fastapi-users on uvicorn, profile", "rate", "≥ 25"),
    ("reads", "verify through nginx", "verify", "rate", "≥ 0.4"),
    ("logins", "login", "libsodium, {cores} threads", "rate", "≥ 0.95"),
    ("refreshes", "refresh", "pgbench, update", "rate", "≥ 0.8"),
]


def spread(values, digits=2):
    """Median, minimum and maximum."""
    values = list(values)
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def is_reached(value, target):
    sign, limit = target.split()
    return value >= float(limit) if sign == "≥" else value <= float(limit)


def mark(value, target):
    return f"{target} {'✓' if is_reached(value, target) else '✗'}"


def ratio_rows(results):
    for section, over, under, key, target in RATIOS:
        runs = results.get(section, {}).get("runs", {})
        under = under.format(**results.get(section, {}).get("facts") or {"cores": ""})
        if over in runs and under in runs:
            ratios = [a[key] / b[key] for a, b in zip(runs[over], runs[under])]
            yield f"| {over} ÷ {under} | {spread(ratios)} | {mark(statistics.median(ratios), target)} |"


def table_rows(results):
    runs = results.get("tables", {}).get("runs", {})
    names = sorted(runs, key=lambda name: int(name.split()[0]))
    for name in names[1:]:
        ratios = [a["p50"] / b["p50"] for a, b in zip(runs[name], runs[names[0]])]
        yield f"| p50 of verification at {name} ÷ at {names[0]} | {spread(ratios)} | {mark(statistics.median(ratios), '≤ 1.3')} |"


def storm_rows(results):
    storms = results.get("storms", {}).get("storms", [])
    if not storms:
        return
    slots = results.get("logins", {}).get("facts", {}).get("cores", 2)
    ratios = [each["storm_p99"] / each["calm_p99"] for each in storms]
    yield f"| p99 of verification in a login storm ÷ without | {spread(ratios)} | {mark(statistics.median(ratios), '≤ 3')} |"
    grown = [(each["peak_kib"] - each["base_kib"]) / 1024 for each in storms]
    yield f"| memory that the storm takes, MiB | {spread(grown, 0)} | {mark(max(grown), f'≤ {slots * 19 + 32}')} |"
    refused = [each["refused_worst"] for each in storms if each["refused"]]
    if refused:
        yield f"| time until a login is refused in the storm, worst, ms | {spread(refused, 0)} | {mark(max(refused), '≤ 100')} |"


def idle_rows(results):
    idle = results.get("at_rest")
    if not idle:
        return
    yield f"| resident when idle, MiB | {idle['idle_kib'] / 1024:.1f} | {mark(idle['idle_kib'] / 1024, '≤ 40')} |"
    yield f"| one of 1,000 idle connections, KiB | {idle['connection_kib']:.1f} | {mark(idle['connection_kib'], '≤ 40')} |"
    yield f"| start to first 200, s | {spread(idle['starts'])} | {mark(statistics.median(idle['starts']), '≤ 0.5')} |"


def latency_row(results):
    verify = results.get("reads", {}).get("runs", {}).get("verify")
    if verify:
        p99 = [run["p99"] for run in verify]
        yield f"| p99 of verification, 64 connections, ms | {spread(p99)} | {mark(statistics.median(p99), '≤ 4')} |"


def section_table(runs):
    yield "| | requests/s | p50 | p90 | p99 | p99.9 ms | CPU µs a request: server | PostgreSQL | generator | resident MiB |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, each in runs.items():
        def cell(key, digits=1, scale=1):
            values = [run[key] * scale for run in each if run.get(key) is not None]
            return f"{statistics.median(values):,.{digits}f}" if values else ""

        yield (f"| {name} | {spread((run['rate'] for run in each), 0)} | {cell('p50', 2)} | {cell('p90', 2)} | {cell('p99', 2)} | {cell('p999', 2)} "
               f"| {cell('server_us')} | {cell('database_us')} | {cell('generator_us')} | {cell('resident_kib', 0, 1 / 1024)} |")


def refusals(runs):
    """Of the runs that may be refused: with 503, when too many wait for a hash."""
    for name, each in runs.items():
        if refused := sum(run.get("refused", 0) for run in each):
            yield ""
            yield f"Refused of {name}, and not counted: {refused:,} of {sum(run['requests'] for run in each):,}."


def write_charts(results, folder):
    runs = results.get("reads", {}).get("runs", {})
    if runs:
        rates = {name: [statistics.median(run["rate"] for run in each)] for name, each in runs.items()}
        (folder / "reads.svg").write_text(chart.bars("Authenticated requests a second, 64 connections, medians", rates))
        parts = {name: [statistics.median(run.get(key) or 0 for run in each) for key in ("server_us", "database_us", "generator_us")]
                 for name, each in runs.items() if "profile" not in name or "ceiling" in name or name == "profile"}
        (folder / "cpu.svg").write_text(chart.bars("CPU µs a request", parts, ("server", "PostgreSQL", "load generator")))
    runs = results.get("connections", {}).get("runs", {})
    if runs:
        series = {}
        for name, each in runs.items():
            who, count = name.rsplit(", ", 1)
            series.setdefault(who, []).append((int(count.split()[0]), statistics.median(run["rate"] for run in each)))
        (folder / "connections.svg").write_text(chart.lines("Verifications a second", series, "connections"))


def write_report(results, given):
    folder = pathlib.Path(given.report)
    folder.mkdir(parents=True, exist_ok=True)
    write_charts(results, folder)
    (folder / "README.md").write_text("\n".join(report(results, given, folder)) + "\n")
    print(f"report: {folder}/README.md")


def report(results, given, folder):
    yield "# How fast it is"
    yield ""
    yield (f"Written by `script/bench`. {given.users:,} users with one live session each; {given.rounds} rounds of {given.seconds} s, all that is "
           "compared in turns, 64 connections unless said; tokens at random over the whole table; server, PostgreSQL (TCP on the loopback) and load "
           "generator (wrk, one thread) share the machine. Ratios are taken within a round: median (minimum–maximum). Nothing is written for "
           "sightings; `Benchmarks/sightings.py` measures those. Memory of several processes counts shared pages once for each.")
    yield ""
    yield from [f"- {name}: {value}" for name, value in results["machine"].items()]
    yield ""
    yield "| What was asked for | measured | |"
    yield "|---|---|---|"
    for rows in (ratio_rows, latency_row, table_rows, storm_rows, idle_rows):
        yield from rows(results)
    for section, title in TITLES.items():
        if section in results:
            yield from ["", f"## {title}", ""]
            yield from [line for name in charts_of(section) if (folder / name).exists() for line in (f"![{title}]({name})", "")]
            yield from section_table(results[section]["runs"])
            yield from facts(results[section].get("facts"))
            yield from refusals(results[section]["runs"])
    if "storms" in results:
        yield from ["", "## Login storm: 200 clients that log in without pause, verification at a fixed load", ""]
        yield "| p99 without, ms | p99 with | verifications/s without | with | a login's answers: 200 | 503 | time to 503: p50, ms | worst | memory before, MiB | most |"
        yield "|---|---|---|---|---|---|---|---|---|---|"
        for each in results["storms"]["storms"]:
            yield (f"| {each['calm_p99']:.2f} | {each['storm_p99']:.2f} | {each['calm_rate']:.0f} | {each['storm_rate']:.0f} | {each['accepted']} "
                   f"| {each['refused']} | {each['refused_p50'] or 0:.1f} | {each['refused_worst'] or 0:.1f} | {each['base_kib'] / 1024:.0f} "
                   f"| {each['peak_kib'] / 1024:.0f} |")


def charts_of(section):
    return {"reads": ["reads.svg", "cpu.svg"], "connections": ["connections.svg"]}.get(section, [])


def facts(given):
    if given:
        yield ""
        yield from [f"- {name}: {value}" for name, value in given.items() if value is not None]
