"""The real programs as processes that the story starts, talks to, kills and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from sync_server.settings import ORIGIN

REPOSITORY = Path(__file__).resolve().parents[2]
STARTED_WITHIN_S = 60.0


class Failed(Exception):
    """A step of the story that did not happen as told."""


class Server:
    """``fujie-server`` on a folder; commands run beside it."""

    def __init__(self, data: Path, port: int, log: Path, argon2: str = "interactive") -> None:
        self.data, self.port, self.log, self.argon2 = data, port, log, argon2
        self.address = f"http://127.0.0.1:{port}"
        self.witnesses: Path | None = None
        self.origin = ORIGIN
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: str = "serve") -> None:
        """Start it and wait until it answers. Its port must be free: another server's answers
        would be taken for its own."""
        self._expect_free()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sync_server", command],
                env=self._environment(),
                cwd=REPOSITORY,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + STARTED_WITHIN_S
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.address}/log/key", timeout=2, verify=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise Failed(f"the server did not start; see {self.log}:\n{self.log.read_text()[-2000:]}")

    def _expect_free(self) -> None:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", self.port))
            except OSError:
                raise Failed(
                    f"port {self.port} is taken by another program; end it or set FUJIE_PORT"
                ) from None

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=30)
        self._process = None

    def kill(self) -> None:
        """SIGKILL: as if the power went."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def run(
        self, *arguments: str, data: Path | None = None, check: bool = True, says: str = ""
    ) -> str:
        """One command of the program; what it said. ``says`` is what a person types into it."""
        done = subprocess.run(
            [sys.executable, "-m", "sync_server", *arguments],
            env=self._environment(data),
            cwd=REPOSITORY,
            input=says,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode != 0:
            raise Failed(f"fujie-server {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def _environment(self, data: Path | None = None) -> dict[str, str]:
        return {
            **os.environ,
            "FUJIE_DATA": str(data or self.data),
            "FUJIE_PORT": str(self.port),
            "FUJIE_WITNESSES": str(self.witnesses or ""),
            "FUJIE_ORIGIN": self.origin,
            "FUJIE_ARGON2": self.argon2,
        }


class Tablet:
    """The tablet's program with fingers (``tests/demo/tablet.py``), as a process."""

    def __init__(
        self,
        data: Path,
        shots: Path,
        camera: Path,
        log: Path,
        heard: Callable[[dict[str, Any]], None],
        argon2: str = "interactive",
    ) -> None:
        self._heard = heard
        self.log = log
        self._errors = log.open("ab")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.demo.tablet"),
                *("--data", str(data), "--shots", str(shots), "--camera", str(camera)),
                *("--argon2", argon2),
            ],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def do(self, act: str, **words: Any) -> dict[str, Any]:
        """Have something done on it; what the hands reported."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"act": act, "with": words}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if not line.startswith("{"):
                continue
            said: dict[str, Any] = json.loads(line)
            if "failed" in said:
                raise Failed(f"on the tablet, {act}:\n{said['failed']}")
            if "done" in said:
                return said
            self._heard(said)
        raise Failed(f"the tablet ended during {act}; see {self.log}")

    def kill(self) -> None:
        """SIGKILL: as if the battery fell out."""
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def end(self) -> None:
        """Close the window in order."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        waiting = threading.Timer(60, self._process.kill)
        waiting.start()
        self._process.wait()
        waiting.cancel()
        self._errors.close()
