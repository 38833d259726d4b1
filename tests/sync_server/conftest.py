"""A founded county and a real server over it, on a real port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from protocol import messages
from protocol.statements import blobs_of
from sync_server import demo
from sync_server.clock import system_clock
from sync_server.commands import checking, enrolling
from sync_server.devices import stored
from sync_server.devices.codes import Purpose
from sync_server.services import writing
from sync_server.settings import Settings
from sync_server.store.db import Database
from sync_server.upkeep import founding
from tests import serving
from tests.ports import free_port
from tests.sync_server.tablet import Tablet
from tests.worlds import World

BOTH = ("sqlite", "postgresql")


class Server:
    """The server over a folder of its own, on a real port.

    It runs in a thread of the tests; with ``in_process`` as ``fujie-server serve`` in a process
    of its own, which can be killed.
    """

    def __init__(self, folder: Path, in_process: bool = False, database: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = Settings(folder, port=self.port, database_url=database, argon2="cheapest")
        self.environment = {
            **os.environ,
            "FUJIE_DATA": str(folder),
            "FUJIE_PORT": str(self.port),
            "FUJIE_ARGON2": "cheapest",
            "FUJIE_DATABASE_URL": database,
        }
        self.in_process = in_process
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._web: serving.Web | None = None

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "fujie.db"

    def sql(self, statement: str, **values: object) -> Sequence[Any]:
        """Go at the tables themselves, past the server; the rows that come of it, or how many
        were touched."""
        with closing(Database(self.settings.database)) as database, database.writer.begin() as it:
            done = it.execute(text(statement), values)
            return done.all() if done.returns_rows else [done.rowcount]

    @property
    def process_id(self) -> int:
        """The process that was started with ``in_process``."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it answers."""
        if self.in_process:
            self._start_process()
            return
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        while self._web is None or not self._web.started:
            assert self._thread.is_alive(), "the server ended while it started"
            time.sleep(0.005)

    def _serve(self) -> None:
        with writing(self.settings, system_clock()) as services:
            stored.resume(services)
            with serving.web(services, self.port) as self._web:
                self._web.run()

    def _start_process(self) -> None:
        command = [sys.executable, "-m", "sync_server", "serve"]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                assert self._process.poll() is None, (self.folder / "server.log").read_text()
                time.sleep(0.02)

    def stop(self) -> None:
        """End it in order."""
        if self._web is not None and self._thread is not None:
            self._web.leave()
            self._thread.join()
            self._web = self._thread = None
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another ``fujie-server`` command over the same folder."""
        return subprocess.run(
            [sys.executable, "-m", "sync_server", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def code(self, purpose: Purpose, subject: str, agency: str = "") -> str:
        """A one-time code of the office."""
        said: list[str] = []
        assert enrolling.enrol(self.settings, purpose, subject, agency, said.append) == 0
        return said[0]

    def fsck(self) -> list[str]:
        """What fsck says of the folder: differences, then one line of summary."""
        said: list[str] = []
        found = checking.fsck(self.settings, said.append, lambda _: None)
        assert bool(found) == (len(said) > 1)
        return said


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo county, founded once; tests work on copies."""
    folder = tmp_path_factory.mktemp("county") / "data"
    founding.found(Settings(folder, argon2="cheapest"), system_clock(), demo.plan())
    return folder


@pytest.fixture(scope="session")
def enrolled_county(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the tablet and both officers enrolled."""
    folder = tmp_path_factory.mktemp("enrolled") / "data"
    shutil.copytree(county, folder)
    server = Server(folder)
    server.start()
    try:
        tablet = Tablet(server.url, World())
        admitted = tablet.enrol(server.code("device", demo.DEVICE))
        tablet.enrol_officers(server.code)
    finally:
        server.stop()
    (folder / "admitted").write_bytes(messages.encode(admitted))
    return folder


@pytest.fixture(scope="session")
def inspected_county(enrolled_county: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with one whole inspection of the tablet, all its blobs uploaded."""
    folder = tmp_path_factory.mktemp("inspected") / "data"
    shutil.copytree(enrolled_county, folder)
    server = Server(folder)
    server.start()
    try:
        tablet = tablet_of(server)
        # After the enrolment, as acts are: a certificate holds from the day it was made.
        tablet.world.now = max(tablet.world.now, system_clock().now())
        case = tablet.world.inspection()
        tablet.push(tablet.links(case))
        for record in case.records:
            if record.link.journal == tablet.world.device.journal:
                for ref in blobs_of(record.statement):
                    tablet.upload(case.blobs[ref.sha256])
    finally:
        server.stop()
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Modules that say ``STORES = BOTH`` are run over SQLite and over PostgreSQL, but for what
    needs a process of its own: that takes long, and test_stores.py kills one."""
    names = metafunc.fixturenames
    if "store" in names and "process" not in names and hasattr(metafunc.module, "STORES"):
        metafunc.parametrize("store", metafunc.module.STORES, indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """The kind of database that the test's servers keep their facts in."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def database(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of the kind that is tried."""
    file = f"sqlite:///{tmp_path / 'empty.db'}"
    url = file if store == "sqlite" else request.getfixturevalue("postgres").create()
    with closing(Database(url)) as made:
        yield made


@pytest.fixture
def copy_data(store: str, request: pytest.FixtureRequest) -> Iterator[Callable[[Path, Path], str]]:
    """Copy a folder of a server, and its database to the kind that is tried; its URL, empty for
    the folder's own."""
    made: list[str] = []

    def copy(source: Path, folder: Path) -> str:
        if store == "sqlite":
            shutil.copytree(source, folder)
            return ""
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("fujie.db*"))
        made.append(request.getfixturevalue("postgres").copied(source / "fujie.db"))
        return made[-1]

    yield copy
    for database in made:
        request.getfixturevalue("postgres").drop(database)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an SQLite file that has all tables and no row; tests work on copies."""
    folder = tmp_path_factory.mktemp("migrated")
    with closing(Database(f"sqlite:///{folder / 'fujie.db'}")) as made:
        made.migrate()
    return folder


@pytest.fixture
def tables(
    migrated: Path, tmp_path: Path, copy_data: Callable[[Path, Path], str]
) -> Iterator[Database]:
    """A database of the kind that is tried, with all tables and no row. What the migrations do is
    tried over ``database``."""
    folder = tmp_path / "tables"
    url = copy_data(migrated, folder) or f"sqlite:///{folder / 'fujie.db'}"
    with closing(Database(url)) as made:
        yield made


@pytest.fixture
def connection(tables: Database) -> Iterator[Connection]:
    """A transaction on it."""
    with tables.writer.begin() as opened:
        yield opened


@pytest.fixture
def copy_server(
    tmp_path: Path, copy_data: Callable[[Path, Path], str]
) -> Iterator[Callable[..., Server]]:
    """A server over a copy of a folder, not started; ended with the test."""
    made: list[Server] = []

    def copy(source: Path, in_process: bool = False) -> Server:
        folder = tmp_path / f"data{len(made)}"
        made.append(Server(folder, in_process, copy_data(source, folder)))
        return made[-1]

    yield copy
    for server in made:
        server.stop()


@pytest.fixture
def start_server(copy_server: Callable[..., Server]) -> Callable[..., Server]:
    """Start a server over a copy of a folder; ended with the test."""

    def start(source: Path, in_process: bool = False) -> Server:
        server = copy_server(source, in_process)
        server.start()
        return server

    return start


@pytest.fixture
def fresh_server(start_server: Callable[..., Server], county: Path) -> Server:
    """A server of a county that has no tablet yet."""
    return start_server(county)


@pytest.fixture
def server(start_server: Callable[..., Server], enrolled_county: Path) -> Server:
    """A server that knows the tablet YX-T07 and both officers."""
    return start_server(enrolled_county)


@pytest.fixture
def tablet(server: Server) -> Tablet:
    """The enrolled tablet of that server."""
    return tablet_of(server)


def tablet_of(server: Server) -> Tablet:
    """The enrolled tablet, with what it received at its enrolment."""
    made = Tablet(server.url, World())
    stored = (server.folder / "admitted").read_bytes()
    made.admitted = messages.decode(stored, messages.DeviceAdmitted)
    return made


@pytest.fixture
def process(start_server: Callable[..., Server], enrolled_county: Path) -> Server:
    """The same as ``server``, in a process that can be killed."""
    return start_server(enrolled_county, in_process=True)
