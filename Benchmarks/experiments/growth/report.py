"""Writes the measurements as tables in Markdown, and computes the costs of more rows than were measured."""

from harness.machine import machine

FURTHER = [10**8, 10**9]
RATE = 1000  # operations a second

HEAD = """# How cost grows with the tables

Written by `Benchmarks/growth.py`. An account has five sessions and each session has one event. A fifth of the sessions and of the events is
old enough for retention. The user agent is as long as a browser's.

- **The server's own statements.** A login and a refresh of each build pass through a proxy that records what the build sends to PostgreSQL.
  The recorded transactions then run for other rows, chosen at random, one after another on one connection, with
  `synchronous_commit = off`. A refresh is `find_refreshable` and `rotate_free_sessions`. A login is the transaction with the lock of the
  account, `forget_failures` and `create_session`. No password is hashed. `login_failures` is empty at the start.
- **Removal** repeats the step of retention that was recorded, without the pause between steps.
- **Rows** are made by SQL, in the order of time. An index whose keys come in random order is built with a fill factor of 70, as random
  insertions leave it. An index whose keys ascend is built with 90. The index of sealed events is built with 50, because the end of each
  chain is a leaf in the middle of the index, and such a leaf splits in half. After `audit.seal` itself had moved 2,000,000 events, the
  index was 56 % full, and still falling.
- **Windows.** Each window begins at the end of the one before it. The first one begins after a CHECKPOINT. WAL is the difference of
  `pg_current_wal_insert_lsn()`. Pages are full-page images by `pg_stat_wal`. CPU is that of the one backend. Other programs used the
  machine too, not always at the same time, so WAL and pages can be compared exactly, CPU and rates only roughly. Autovacuum is off.
- **Sealing** runs after every 5,000 operations, and `VACUUM audit_pending` after every 10,000. The columns "with sealing" contain both. The
  old build seals without writing its rows again.
"""

OUTLOOK = """Computed from the bytes a row and the windows at {sessions:,} sessions. Nobody has measured so many rows. The assumptions:

- A row and its entries in the indexes keep their size.
- Between two checkpoints almost no page changes twice, so all operations cost as much as those of the first window.
- Sealing costs as much as in the last window. For each chain it changes one page of the index, and a part of a page of `audit.chains`. So
  between two checkpoints all chains together cost at most some 35 MB of full-page images, for any number of rows.
- There are {rate:,} operations a second, and one connection removes sessions without rest.
- All pages are in memory. If they are not, reads from the disk add to these costs.
"""


def megabytes(size):
    return f"{size / 2**20:,.0f} MiB" if size < 10 * 2**30 else f"{size / 2**30:,.0f} GiB"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def report(found):
    shown = {name: value for name, value in machine().items() if name not in ["wrk", "nginx"]}
    builds = {name: build(result) for results in found.values() for name, result in results.items()}
    sections = [HEAD, "\n".join(f"- {name}: {value}" for name, value in (shown | builds).items()) + "\n"]
    for sessions, results in found.items():
        sections += section(sessions, results)
    sections += outlook(*max(found.items(), key=lambda item: item[0]))
    return "\n".join(sections)


def build(result):
    schema = "a build of this schema" if result["is_present"] else "a build of 7c73f2d's schema"
    return ", ".join([schema, *[f"{name}={value}" for name, value in result["postgres"].items()]])


def section(sessions, results):
    yield f"## {sessions:,} sessions\n"
    yield table(["after a checkpoint", "", "WAL kB", "with sealing", "pages", "with sealing", "CPU µs", "sealing, µs an event"], windows(results))
    if len(results) > 1:
        yield table(["", *list(results)[1:]], ratios(results))
    yield table(["bytes a row, filled", *results], sizes(results, sessions))
    yield table(["removal", *results], removal(results))


def windows(results):
    for rows in zip(*[result["windows"] for result in results.values()]):
        for name, row in zip(results, rows):
            work, seal = row["work"], row["seal"]
            yield [f"{row['kind']} {row['from']:,}–{row['to']:,}", name, f"{work['wal'] / 1000:.1f}", f"{(work['wal'] + seal['wal']) / 1000:.1f}",
                   f"{work['pages']:.2f}", f"{work['pages'] + seal['pages']:.2f}", f"{1e6 * work['cpu']:.0f}", f"{1e6 * row['seal']['cpu']:.0f}"]


def ratios(results):
    """The WAL of each further build, divided by the WAL of the first."""
    basis, *others = [result["windows"] for result in results.values()]
    for label, amount in {"": lambda row: row["work"]["wal"], ", with sealing": lambda row: row["work"]["wal"] + row["seal"]["wal"]}.items():
        for index, row in enumerate(basis):
            yield [f"WAL of a {row['kind']} {row['from']:,}–{row['to']:,}{label}, ÷ {next(iter(results))}",
                   *[f"{amount(other[index]) / amount(row):.2f}" for other in others]]


def sizes(results, sessions):
    names = sorted({name for result in results.values() for name in result["sizes"]}, key=order)
    for name in names:
        rows = sessions // 5 if name.startswith("user") else sessions
        yield [name, *[f"{result['sizes'][name][1] / rows:.0f}" if name in result["sizes"] else "" for result in results.values()]]


def order(name):
    table = next(table for table in ["sessions", "audit_events", "user_emails", "users"] if name.startswith(table))
    return table, name != table, name


def removal(results):
    parts = [result["sessions_removed"] for result in results.values()]
    yield ["sessions/s, without rest", *[f"{part['result'][1] / part['seconds']:,.0f}" for part in parts]]
    yield ["CPU µs a removed session", *[f"{1e6 * part['cpu'] / max(part['result'][1], 1):.0f}" for part in parts]]
    yield ["WAL bytes a removed session", *[f"{part['wal'] / max(part['result'][1], 1):,.0f}" for part in parts]]
    parts = [result["events_removed"] for result in results.values()]
    yield ["events removed: seconds", *[f"{part['result']:,}: {part['seconds']:.2f}" for part in parts]]
    yield ["WAL bytes a removed event", *[f"{part['wal'] / max(part['result'], 1):,.0f}" for part in parts]]
    yield ["space returned", *[megabytes(part["freed"]) for part in parts]]
    yield ["events sealed a second of one core's CPU", *[
        f"{1 / last['seal']['cpu']:,.0f}" for last in [result["windows"][-1] for result in results.values()]]]
    yield ["seconds to fill", *[f"{result['fill_seconds']:.0f}" for result in results.values()]]


def outlook(sessions, results):
    yield "## More rows (computed)\n"
    yield OUTLOOK.format(sessions=sessions, rate=RATE)
    rows = []
    for count in FURTHER:
        for name, result in results.items():
            data, indexes = volume(result, sessions, count)
            last = {row["kind"]: row["seal"]["wal"] for row in result["windows"]}
            first = {row["kind"]: (row["work"]["wal"] + last[row["kind"]]) * RATE / 1e6 for row in result["windows"] if row["from"] == 1}
            removed = result["sessions_removed"]
            rows.append([f"{count:,}", name, megabytes(data), megabytes(indexes), *[f"{first[kind]:.0f}" for kind in ["refresh", "login"]],
                         f"{count / 5 * removed['seconds'] / max(removed['result'][1], 1) / 60:.0f}"])
    yield table(["sessions, events", "", "tables", "indexes", f"WAL MB/s of {RATE} refreshes/s", f"of {RATE} logins/s",
                 "minutes to remove a fifth of the sessions"], rows)


def volume(result, sessions, count):
    parts = result["sizes"].values()
    return [sum(size for kind, size in parts if kind == wanted) * count / sessions for wanted in "ri"]
