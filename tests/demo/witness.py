"""``fujie-server witness`` as a process of its own: another office, which trusts nobody here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from sync_server.clock import system_clock
from sync_server.settings import ORIGIN
from sync_server.witness.store import watching
from tests.demo.programs import REPOSITORY, STARTED_WITHIN_S, Failed
from tests.ports import free_port

NAME = "witness.qingshi.example/fujie"


class Witness:
    """The witness. Its key is made at once, so that the county knows it from the founding on."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self.log = folder, log
        folder.mkdir(parents=True)
        self._logs = folder / "logs.json"
        self._logs.write_text("[]")
        with watching(folder, NAME, self._logs, system_clock()) as made:
            self.key = made.key.text()
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def settings(self, path: Path) -> Path:
        """What the county's ``FUJIE_WITNESSES`` names: this witness, and that it is needed."""
        peers = [{"url": self.address, "key": self.key}]
        path.write_text(json.dumps({"witnesses": peers, "quorum": 1}))
        return path

    def start(self, server: str, origin: str = ORIGIN) -> None:
        """Watch the log of the server at this address, and wait until it answers. Told of a
        successor, it watches that one."""
        key = httpx.get(f"{server}/log/key", timeout=5).text.split()[0]
        self._logs.write_text(json.dumps([{"origin": origin, "keys": [key]}]))
        environment = {**os.environ, "FUJIE_DATA": str(self.folder), "FUJIE_PORT": str(self._port)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sync_server", "witness", str(self._logs), "--name", NAME],
                env=environment,
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + STARTED_WITHIN_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                httpx.get(f"{self.address}/key", timeout=2)
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise Failed(f"the witness did not start; see {self.log}")

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=30)
        self._process = None
