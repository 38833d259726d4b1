"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket, gone at the end.

    def test_it(postgres):                      the session's cluster (tests/conftest.py)
        url = postgres.create()                 an empty database
        url = postgres.copied(folder / "fujie.db")
                                                one that holds what an SQLite file holds, migrated

Databases are C-collated UTF-8, as docs/operating.md asks of an operator's. The server's own
programs refuse to run as root: then the user ``postgres`` of Debian's package runs them. Whatever
ends the tests ends the cluster. Nothing is synced to the disk: what a lost disk does is tried over
SQLite, and PostgreSQL's promise is not ours to test.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from sync_server.store import copying
from sync_server.store.db import Database

_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
_HASTE = ("fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_connections=200")
_NUMBERS = itertools.count(1)


class Cluster:
    """A running cluster; ``folder`` holds its data and its socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._copies: dict[Path, str] = {}

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://fujie@/{name}?host={self.folder}"

    def create(self, like: str = "template0") -> str:
        """A new database, a copy of another one (by name) or empty; its URL."""
        name = f"t{next(_NUMBERS)}"
        with self.administering() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def copied(self, file: Path) -> str:
        """A new database with the rows of an SQLite file, which is read once in a session."""
        if file not in self._copies:
            self._copies[file] = make_url(self._filled(file)).database or ""
        return self.create(self._copies[file])

    def drop(self, url: str) -> None:
        """Throw a database away, whoever is still connected."""
        with self.administering() as connection:
            connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _filled(self, file: Path) -> str:
        url = self.create()
        with closing(Database(f"sqlite:///{file}")) as source, closing(Database(url)) as target:
            target.migrate()
            copying.copy(source, target)
        return url

    def cut(self, url: str) -> None:
        """End every connection to a database."""
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        with self.administering() as connection:
            connection.execute(ended, [make_url(url).database])

    @contextmanager
    def administering(self) -> Iterator[psycopg.Connection]:
        """A connection of the one who may do everything."""
        place = f"host={self.folder} user=fujie dbname=postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            yield connection


def programs() -> Path:
    """The folder of the newest PostgreSQL on this machine."""
    found = [path for place in _PLACES for path in sorted(Path("/").glob(place[1:]))]
    assert found, "expected PostgreSQL's server, found none; as root: apt-get install postgresql-15"
    return found[-1]


@contextmanager
def running() -> Iterator[Cluster]:
    """A cluster, until the block ends."""
    # Not the tests' folder: a socket's path has 107 bytes at most, and somebody else reads it.
    folder = Path(tempfile.mkdtemp(prefix="fujie-postgres-"))
    user = _user()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data = folder / "data"
    as_user = ["setpriv", "--pdeathsig", "QUIT", *_becoming(user)]
    make = [programs() / "initdb", "--no-sync", "--auth=trust", "--locale=C", "--encoding=UTF8"]
    serve = [programs() / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="]
    serve += [part for setting in _HASTE for part in ("-c", setting)]
    try:
        with (folder / "log").open("wb") as log:
            made = [*as_user, *make, "--username=fujie", "-D", data]
            subprocess.run(made, cwd="/", stdout=log, stderr=log, check=True)
            process = subprocess.Popen([*as_user, *serve], cwd="/", stdout=log, stderr=log)
        try:
            _expect_answers(folder, process)
            yield Cluster(folder)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.send_signal(3)  # a connection that is still open: the end at once
                process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL; None for ourselves."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _becoming(user: pwd.struct_passwd | None) -> list[str]:
    if user is None:
        return ["--"]
    return [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _expect_answers(folder: Path, process: subprocess.Popen[bytes]) -> None:
    while True:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            psycopg.connect(f"host={folder} user=fujie dbname=postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.02)
