"""What all sections stand on: the server over the large population, its tokens, the ceiling."""

import json
import random
import subprocess
import zlib

from harness import cluster
from harness.cluster import LOCAL, ROOT, output
from harness.contestant import turns
from harness.load import Load
from harness.population import Population
from harness.program import Program
from harness.service import PASSWORD, Service

SEEN_AHEAD = "1 year"  # nothing is written for having been seen: sightings.py measures that


class Stage:
    def __init__(self, given):
        self.given = given
        self.population = Population(given.users)
        self.users = random.Random(1).sample(range(given.users), given.users)
        for name in ["ceiling", "hashing"]:
            compile_c(name)
        self.service = Service("bench", template(given.users))

    # Of the shuffled users some share serves each purpose, so that no turn meets a token that an earlier one used up.
    def share(self, start, turn, size):
        first = int((start + turn * size) * self.given.users)
        return self.users[first : first + int(size * self.given.users)]

    def readers(self):
        return self.users[: min(200_000, int(0.4 * self.given.users))]

    def load(self, path):
        return Load("bearer", map(self.population.access_token, self.readers()), path)

    def login_load(self):
        return Load("bodies", [credentials(f"bulk{user}@example.org") for user in self.users[:10_000]], "/api/auth/login/", may_refuse=True)

    def ceiling(self):
        return Program([LOCAL / "ceiling", "{port}", self.service.database_url])

    def measure(self, contestants, connections=64, rounds=None):
        for contestant in contestants.values():
            contestant.measure(0, connections, 1)
        return turns(contestants, rounds or self.given.rounds, connections, self.given.seconds)


def template(users):
    """A filled database that every run copies; another one for another schema."""
    statements = Population(users).statements(SEEN_AHEAD, "{password_hash}")
    schema = [path.read_text() for path in sorted((ROOT / "sql").glob("*.sql"))]
    name = f"population_{users}_{zlib.crc32(repr(statements + schema).encode()):08x}"
    if not cluster.is_filled(name):
        with Service(name) as service:
            print(f"filling {name} …", flush=True)
            service.register("first@example.org")
            password_hash = service.query("SELECT password_hash FROM users")
            service.query("DELETE FROM users")
            cluster.fill(name, *[each.replace("{password_hash}", password_hash) for each in statements])
    return name


def credentials(email, **more):
    return json.dumps({"email": email, "password": PASSWORD, **more})


def compile_c(name):
    libraries = {"ceiling": ["-lpq", "-lcrypto"], "hashing": ["-lsodium", "-lpthread"]}[name]
    include = output("pg_config", "--includedir")
    subprocess.run(["cc", "-O2", "-o", LOCAL / name, ROOT / "Benchmarks" / "harness" / "ceiling" / f"{name}.c", f"-I{include}", *libraries], check=True)
