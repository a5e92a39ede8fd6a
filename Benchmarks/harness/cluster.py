"""A PostgreSQL of the benchmarks' own, under .local/benchmarks/: default durability, and memory for all of the data."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOCAL = ROOT / ".local" / "benchmarks"
SETTINGS = {"shared_buffers": "8GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
SOCKETS = "/tmp"


def output(*command):
    environment = {**os.environ, "LOCAL_DIR": str(LOCAL), "POSTGRES_SOCKETS": SOCKETS}
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE, env=environment).stdout.strip()


def start():
    output("script/postgres", "start")
    if query("postgres", "SHOW shared_buffers", "SHOW unix_socket_directories").split() != [SETTINGS["shared_buffers"], SOCKETS]:
        configure(*[f"ALTER SYSTEM SET {name} = '{value}'" for name, value in SETTINGS.items()])


def configure(*statements):
    """Settings that take a restart."""
    query("postgres", *statements)
    output("script/postgres", "stop")
    output("script/postgres", "start")


def url(database):
    """Of a database, which is made where there is none."""
    return output("script/postgres", "url", database)


def socket_url(database):
    """The same by its Unix socket."""
    return re.sub(r"@127\.0\.0\.1:(\d+)/(\w+)", rf"@/\2?host={SOCKETS}&port=\1", url(database))


def query(database, *statements):
    return output("psql", "-wXAtq", "-vON_ERROR_STOP=1", *[f"-c{each}" for each in statements], url(database))


def drop(database):
    query("postgres", "SET client_min_messages = error", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def copy(database, template):
    """The files of the template, so that every run begins with the same."""
    drop(database)
    query("postgres", f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY file_copy")
    query("postgres", "CHECKPOINT")


def warm(database):
    """Into PostgreSQL's memory with what an authenticated request reads."""
    query(database, "CREATE EXTENSION IF NOT EXISTS pg_prewarm",
          "SELECT pg_prewarm(name) FROM unnest('{public.sessions,sessions_pkey,public.users,users_pkey}'::regclass[]) AS name")


def is_filled(database):
    return query("postgres", f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{database}'") == "filled"


def fill(database, *statements):
    """Says of the database that it is whole once all of the statements are done."""
    query(database, *statements)
    query("postgres", f"COMMENT ON DATABASE {database} IS 'filled'")


def program(name):
    return f"{output('script/postgres', 'bin')}/{name}"
