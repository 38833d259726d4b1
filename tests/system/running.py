"""A county whose server is a process of its own, and tablets that live by the machine's clock.

    county = Running.founded(folder)         ``fujie-server`` on a free port
    county.start() · .kill() · .run("backup", "…")
    tablet = county.tablet("YX-T08", …)      enrolled, both officers signed in

The tablets are the product's own, in the test's process; only the server can be killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from field_client.device_clock import SystemClock
from field_client.documents import Typesetter
from sync_server.__main__ import main
from sync_server.commands import checking, enrolling
from sync_server.devices.codes import Purpose
from tests.demo.programs import Server
from tests.field_client import county as c
from tests.field_client.conftest import TurnedClock
from tests.field_client.county import County, FieldTablet
from tests.field_client.meddler import Meddler
from tests.ports import free_port


class RealClock(TurnedClock):
    """The machine's clock, where others are turned: what they pass is hardly waited for, just so
    that the server, which is another process, gets its turn."""

    def wall_ms(self) -> int:
        return self.wall

    @property  # type: ignore[override]
    def wall(self) -> int:
        return time.time_ns() // 1_000_000

    @wall.setter
    def wall(self, _: int) -> None:
        """It goes by itself."""

    def monotonic_ms(self) -> int:
        return SystemClock().monotonic_ms()

    def pass_seconds(self, seconds: int) -> None:
        time.sleep(seconds / 8000)


@dataclass
class Running(County):
    """The office, with a server that can be killed."""

    server: Server = field(default=None)  # type: ignore[assignment]

    @classmethod
    def founded(cls, folder: Path) -> Running:
        """The demo's county in an empty folder; its root key lies beside it."""
        clock = RealClock()
        c.found(folder / "office", clock)
        port = free_port()
        server = Server(folder / "office", port, folder / "server.log")
        return cls(folder / "office", c.ServerClock(clock), port, server=server)

    def start(self) -> None:
        self.server.origin = self.origin
        self.server.start()

    def stop(self) -> None:
        self.server.stop()

    def kill(self) -> None:
        """SIGKILL."""
        self.server.kill()

    def run(self, *arguments: str) -> str:
        """Another command over the same folder; what it said. It must succeed."""
        told = {
            "FUJIE_DATA": str(self.folder),
            "FUJIE_PORT": str(self.port),
            "FUJIE_ORIGIN": self.origin,
        }
        said = io.StringIO()
        with mock.patch.dict(os.environ, told), contextlib.redirect_stdout(said):
            assert main(arguments) == 0, said.getvalue()
        return said.getvalue()

    def report(self, name: str) -> dict[str, Any]:
        """The integrity report on a tablet."""
        said: list[str] = []
        checking.report(self.settings, name, "zh", True, said.append)
        return dict(json.loads(said[-1]))

    def code(self, purpose: Purpose, subject: str) -> str:
        said: list[str] = []
        assert enrolling.enrol(self.settings, purpose, subject, "", said.append) == 0
        return said[0]

    def tablet(
        self,
        name: str,
        shop: Path,
        typesetter: Typesetter,
        before_officers: Callable[[], object] = lambda: None,
    ) -> FieldTablet:
        """Enrol a tablet and sign both officers in on it."""
        folder, clock = self.folder.parent / name, self.clock.tablet
        c.enrol(self, folder, clock, name, before_officers)
        self.meddler = Meddler()
        return FieldTablet.start(folder, clock, self, shop, typesetter)
