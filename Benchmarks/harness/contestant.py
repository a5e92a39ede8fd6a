"""Something that is measured, and turns of several."""

import shlex


def parsed(words):
    """Of a contestant's argument: its name, the path of another build or None, its settings, and the words left."""
    name, *rest = shlex.split(words)
    settings = dict(word.split("=", 1) for word in rest if "=" in word)
    programs = [word for word in rest if "/" in word and "=" not in word]
    return name, programs[0] if programs else None, settings, [word for word in rest if "=" not in word and word not in programs]


class Contestant:
    """A program that answers requests, asked by `load(turn)` of its turn."""

    def __init__(self, program, service, load, connections=None, **environment):
        self.program, self.service, self.load = program, service, load
        self.connections, self.environment = connections, environment

    def measure(self, turn, connections, seconds):
        load = self.load(turn) if callable(self.load) else self.load
        before = self.program.cpu_seconds(), self.service.database_cpu_seconds()
        run = load.run(self.program.base, self.connections or connections, seconds, **self.environment)
        after = self.program.cpu_seconds(), self.service.database_cpu_seconds()
        run["server_us"], run["database_us"] = (1e6 * (late - early) / run["requests"] for early, late in zip(before, after))
        run["generator_us"] = 1e6 * run["cpu"] / run["requests"]
        run["resident_kib"] = self.program.resident_kib()
        return run


class Clients:
    """pgbench in the place of a server and its load generator."""

    def __init__(self, pgbench, service, clients):
        self.pgbench, self.service, self.clients = pgbench, service, clients

    def measure(self, turn, connections, seconds):
        before = self.service.database_cpu_seconds()
        run = self.pgbench.run(self.clients, seconds)
        run["database_us"] = 1e6 * (self.service.database_cpu_seconds() - before) / run["requests"]
        run["generator_us"] = 1e6 * run["cpu"] / run["requests"]
        return run


def turns(contestants, rounds, connections, seconds):
    """Each once a round, one after another: what the machine does meanwhile happens to all. Returns the runs of each by name."""
    runs = {name: [] for name in contestants}
    for turn in range(1, rounds + 1):  # 0 was to warm up
        for name, contestant in contestants.items():
            run = contestant.measure(turn, connections, seconds)
            runs[name].append(run)
            print(f"  round {turn}  {name:32} {run['rate']:9.1f}/s  p50 {run.get('p50', 0):8.2f}  p99 {run.get('p99', 0):8.2f} ms", flush=True)
    return runs

