"""The sections of the benchmark: each sets up what is compared and lets it take turns."""

import os

from experiments import idle
from experiments.storm import storm
from harness import cluster, nginx
from harness.cluster import LOCAL, output
from harness.contestant import Clients, Contestant
from harness.load import Load
from harness.peers import PEERS
from harness.pgbench import LOOK_UP, UPDATE, Pgbench
from harness.population import Population
from harness.service import PASSWORD, Service
from harness.stage import credentials, template


def reads(stage):
    service, programs = stage.service, [stage.ceiling()]
    verify, profile = stage.load("/api/auth/verify"), stage.load("/api/profile/")
    pgbench = Pgbench("bench", stage.given.users, LOOK_UP)
    clients = pgbench.best_clients()
    contestants = {
        "verify": Contestant(service, service, verify),
        "ceiling, verify": Contestant(programs[0], service, verify),
        "pgbench, look-up": Clients(pgbench, service, clients),
        "profile": Contestant(service, service, profile),
        "ceiling, profile": Contestant(programs[0], service, profile),
    }
    if nginx.CONFIGURATION.exists():
        programs.append(nginx.Nginx(service))
        contestants["verify through nginx"] = Contestant(programs[-1], service, verify)
    for name, peer in PEERS.items():
        programs.append(peer.start(stage.given.users))
        tokens = map(peer.token, stage.users[:100_000])
        contestants[f"{name}, profile"] = Contestant(programs[-1], service, Load("bearer", tokens, "/api/profile/"))
    runs = stage.measure(contestants)
    facts = {"clients of pgbench": clients, "connections from nginx to us": connections_from(contestants.get("verify through nginx"))}
    for program in programs:
        program.stop()
    return {"runs": runs, "facts": facts}


def connections_from(through_nginx):
    if through_nginx is None:
        return None
    port = through_nginx.service.port
    before = nginx.connections(port)
    run = through_nginx.measure(0, 64, 1)
    after = nginx.connections(port)
    return f"{after['established']} kept, {max(0, after['closed'] - before['closed'])} closed in {run['requests']} requests"


def connections(stage):
    load, runs = stage.load("/api/auth/verify"), {}
    with stage.ceiling() as ceiling:
        contestants = {
            "verify": Contestant(stage.service, stage.service, load),
            "ceiling, verify": Contestant(ceiling, stage.service, load),
        }
        for count in stage.given.connections:
            print(f"  {count} connections")
            for name, each in stage.measure(contestants, count, min(3, stage.given.rounds - 1) or 1).items():
                runs[f"{name}, {count} connections"] = each
    return {"runs": runs}


def tables(stage):
    contestants = {}
    for count in stage.given.tables:
        service, step = Service(f"bench_{count}", template(count)), max(1, count // 200_000)
        tokens = map(Population(count).access_token, [user * 7919 % count for user in range(0, count, step)])
        cluster.warm(service.database)
        contestants[f"{count} sessions"] = Contestant(service, service, Load("bearer", tokens, "/api/auth/verify"))
    runs = stage.measure(contestants, 8)
    for contestant in contestants.values():
        contestant.service.stop()
        cluster.drop(contestant.service.database)
    return {"runs": runs, "facts": {"before the first turn": "pg_prewarm of sessions, users and their primary keys"}}


class Hashing:
    """A plain loop over libsodium on all cores."""

    def measure(self, turn, connections, seconds):
        return {"rate": float(output(LOCAL / "hashing", str(os.cpu_count()), str(seconds), "19456", "2"))}


def logins(stage):
    def registrations(turn):
        emails = [f"new{turn}.{os.urandom(4).hex()}.{number}@example.org" for number in range(500 * stage.given.seconds)]
        return Load("bodies", [credentials(email, password2=PASSWORD) for email in emails], "/api/register/", may_refuse=True)

    contestants = {
        "login": Contestant(stage.service, stage.service, stage.login_load(), 16),
        f"libsodium, {os.cpu_count()} threads": Hashing(),
        "registration": Contestant(stage.service, stage.service, registrations, 16),
    }
    return {"runs": stage.measure(contestants), "facts": {"hash": "m=19456 KiB, t=2", "cores": os.cpu_count()}}


def refreshes(stage):
    def refresh(turn):
        return Load("refresh", map(stage.population.refresh_token, stage.share(0.6, turn, 0.04)), "/api/auth/refresh/")

    contestants = {
        "refresh": Contestant(stage.service, stage.service, refresh),
        "pgbench, update": Clients(Pgbench("bench", stage.given.users, UPDATE), stage.service, 64),
    }
    return {"runs": stage.measure(contestants)}


def writes(stage):
    population = stage.population

    def logout(turn):
        tokens = map(population.access_token, stage.share(0.4, turn, 0.03))
        return Load("bearer", tokens, "/api/logout/", METHOD="POST", ONCE="1")

    def mixed(turn):
        lines = [f"access {population.access_token(user)}" for user in stage.readers()]
        lines += [f"refresh {population.refresh_token(user)}" for user in stage.share(0.9, turn, 0.01)]
        lines += [f"login {credentials(f'bulk{user}@example.org')}" for user in stage.users[:1000]]
        return Load("mixed", lines, "/", may_refuse=True)

    contestants = {"logout": Contestant(stage.service, stage.service, logout), "mixed": Contestant(stage.service, stage.service, mixed)}
    return {"runs": stage.measure(contestants)}


def storms(stage):
    verify, body = stage.load("/api/auth/verify"), credentials(f"bulk{stage.users[0]}@example.org")
    results = []
    for _ in range(stage.given.rounds):
        idle.start_seconds(stage.service)  # so that no arena of an earlier hash is in the memory before
        results.append(storm(stage.service, verify, stage.login_load(), body, 200, stage.given.seconds + 1))
        print(f"  {results[-1]}", flush=True)
    return {"storms": results}


def at_rest(stage):
    starts = [idle.start_seconds(stage.service) for _ in range(5)]
    result = {"starts": starts, "idle_kib": idle.idle_kib(stage.service), "connection_kib": idle.connection_kib(stage.service, 1000)}
    print(f"  {result}")
    return result


SECTIONS = {section.__name__: section for section in [reads, connections, tables, logins, refreshes, writes, storms, at_rest]}
