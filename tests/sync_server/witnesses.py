"""Witnesses as tests run them: real ones, on real ports, in a thread of the tests."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import uvicorn

from sync_server.clock import system_clock
from sync_server.witness.app import make_witness_app
from sync_server.witness.store import Witness, watching
from tests.ports import free_port


class RunningWitness:
    """A witness of one log; it can be stopped and started again on the same port."""

    def __init__(self, folder: Path, name: str, origin: str, keys: Sequence[str]) -> None:
        self.folder, self.name = folder, name
        folder.mkdir(parents=True, exist_ok=True)
        self.logs = folder / "logs.json"
        self.watch(origin, keys)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with watching(folder, name, self.logs, system_clock()) as made:
            self.key = made.key
        self.witness: Witness | None = None
        self._web: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._stack = ExitStack()

    def watch(self, origin: str, keys: Sequence[str]) -> None:
        """Write the list of logs; it counts from the next start on."""
        self.logs.write_text(json.dumps([{"origin": origin, "keys": list(keys)}]))

    def start(self) -> None:
        """Start, and wait until it answers."""
        opened = watching(self.folder, self.name, self.logs, system_clock())
        self.witness = self._stack.enter_context(opened)
        app = make_witness_app(self.witness)
        self._web = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="warning"))
        self._thread = threading.Thread(target=self._web.run, daemon=True)
        self._thread.start()
        while not self._web.started:
            assert self._thread.is_alive(), "the witness ended while it started"
            time.sleep(0.005)

    def stop(self) -> None:
        """End it in order."""
        if self._web is not None and self._thread is not None:
            self._web.should_exit = True
            self._thread.join()
            self._web = self._thread = None
        self._stack.close()


def settings_file(path: Path, witnesses: Sequence[RunningWitness], quorum: int) -> Path:
    """What ``FUJIE_WITNESSES`` names."""
    peers = [{"url": one.url, "key": one.key.text()} for one in witnesses]
    path.write_text(json.dumps({"witnesses": peers, "quorum": quorum}))
    return path
