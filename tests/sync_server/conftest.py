"""A founded county and a real server over it, on a real port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from protocol import messages
from sync_server import demo, founding
from sync_server.clock import system_clock
from sync_server.settings import Settings
from tests.sync_server.tablet import Tablet
from tests.worlds import World


class Server:
    """``fujie-server serve`` in a process of its own, over a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "FUJIE_DATA": str(folder),
            "FUJIE_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        """The settings that the process runs with."""
        return Settings(self.folder, port=self.port)

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "fujie.db"

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "sync_server", "serve"]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        while True:
            try:
                httpx.get(f"{self.url}/log/key", trust_env=False)
                return
            except httpx.TransportError:
                assert self._process.poll() is None, (self.folder / "server.log").read_text()
                time.sleep(0.02)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another ``fujie-server`` command over the same folder."""
        return subprocess.run(
            [sys.executable, "-m", "sync_server", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def code(self, purpose: str, subject: str) -> str:
        """A one-time code, as the office's command prints it."""
        done = self.run(f"enrol-{purpose}", subject)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo county, founded once; tests work on copies."""
    folder = tmp_path_factory.mktemp("county") / "data"
    founding.found(Settings(folder), system_clock(), demo.plan())
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


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[[Path], Server]]:
    """Start a server over a copy of a folder; ended with the test."""
    started: list[Server] = []

    def start(source: Path) -> Server:
        folder = tmp_path / f"data{len(started)}"
        shutil.copytree(source, folder)
        server = Server(folder)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def fresh_server(start_server: Callable[[Path], Server], county: Path) -> Server:
    """A server of a county that has no tablet yet."""
    return start_server(county)


@pytest.fixture
def server(start_server: Callable[[Path], Server], enrolled_county: Path) -> Server:
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
