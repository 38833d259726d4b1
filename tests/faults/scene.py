"""A tablet with an unsent day, and its server: each runs as a process of its own.

scene = Scene.made(folder)           the county, the tablet, its day; made once, then copied
round = scene.copied(folder)
serve(round, say)                    ``fujie-server serve``
sync(round, say, gate)               the tablet: contacts until all is stored
left(round, told)                    AssertionError if something is not as it must be
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine
from sqlmodel import select

from field_client.documents import Typesetter
from field_client.store.tables import LinkRow, Stage
from protocol.casecheck import holds, verify_zip
from protocol.casetrust import read_trust
from protocol.errors import FujieError
from sync_server import logs
from sync_server.commands import checking, exporting, serving
from sync_server.log import leaves
from sync_server.settings import Settings
from tests import killing
from tests.field_client import county as c
from tests.field_client.talk import film_of
from tests.ports import free_port
from tests.system.running import RealClock

Say = Callable[..., None]
PATIENCE_S = 90


@dataclass
class Told:
    """What the processes of a round said: records that were saved, links whose receipt was kept,
    blobs that the office called stored; errors in plain words, and faults that are none."""

    saved: list[str] = field(default_factory=list)
    receipted: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ready: bool = False
    ended: bool = False

    def hear(self, said: dict[str, object]) -> None:
        """One line of a process."""
        if "record" in said:
            self.saved.append(str(said["record"]))
        self.receipted.update(said.get("receipted", ()))  # type: ignore[call-overload]
        self.stored.update(said.get("stored", ()))  # type: ignore[call-overload]
        if "error" in said:
            self.errors.append(str(said["error"]))
        if "fault" in said:
            self.faults.append(str(said["fault"]))
        self.ready = self.ready or "ready" in said
        self.ended = self.ended or "end" in said


@dataclass(frozen=True)
class Scene:
    """A folder with ``office``, ``tablet`` and ``shop.mp4``; the port where the tablet was
    enrolled, and the case of its day."""

    folder: Path
    port: int
    case: bytes = b""

    @classmethod
    def made(cls, folder: Path) -> Scene:
        """Found, enrol, and work through a day without a server."""
        clock, port = RealClock(), free_port()
        office = folder / "office"
        c.found(office, clock)
        county = c.County(office, c.ServerClock(clock), port)
        county.start()
        c.enrol(county, folder / "tablet", clock)
        county.stop()
        killing.film_in(folder)
        one = cls(folder, port)._start()
        inspection = one.opened_and_notified()
        one.photo(inspection)
        film_of(one, inspection)
        one.hear(inspection)
        one.tablet.close()
        return cls(folder, port, inspection.case)

    def copied(self, to: Path) -> Scene:
        """The same in another folder."""
        return Scene(c.copied(self.folder, to), self.port, self.case)

    def _start(self) -> c.FieldTablet:
        clock = RealClock()
        county = c.County(self.folder / "office", c.ServerClock(clock), self.port)
        film = self.folder / "shop.mp4"
        return c.FieldTablet.start(self.folder / "tablet", clock, county, film, Typesetter())

    @property
    def settings(self) -> Settings:
        """The server's."""
        return Settings(self.folder / "office", port=self.port)


# ── the processes ────────────────────────────────────────────────────────────────────────


def serve(scene: Scene, say: Say) -> None:
    """``fujie-server serve``, until it is ended. Its loop is the plain one, which writes sockets by
    ``sendto``: a disk that fails at ``write`` then is a disk."""
    sys.modules["uvloop"] = None  # type: ignore[assignment]
    logs.configure()
    try:
        serving.serve(scene.settings, lambda words: None)
    except FujieError as error:
        say(error=str(error))


def sync(scene: Scene, say: Say, gate: Callable[[], None]) -> None:
    """The tablet's program without screens: two more records, and contacts until all is stored.
    It tells what it acknowledged, and what went wrong in the words that an officer would read."""
    try:
        one = scene._start()
        one.tablet.journal.on_saved(lambda saved: say(record=saved.record.hex()))
        inspection = one.tablet.office.resume(scene.case, one.officers)
        say(ready=True)
        gate()
        _hear(one, inspection, say)
        one.tablet.sync.contact()
        _tell_stages(one, say)
        _hear(one, inspection, say)
        until = time.monotonic() + PATIENCE_S
        while not _drained(one) and time.monotonic() < until:
            one.tablet.sync.contact()
            trouble = one.tablet.sync.status().trouble
            if trouble is not None:
                say(error=str(trouble))
                time.sleep(0.1)
            _tell_stages(one, say)
        assert _drained(one), f"not drained: {one.stages()}, {one.tablet.sync.status()}"
        one.tablet.close()
        say(end=True)
    except FujieError as error:
        say(error=str(error))


def _hear(one: c.FieldTablet, inspection: c.Inspection, say: Say) -> None:
    try:
        one.hear(inspection)
    except FujieError as error:
        say(error=str(error))


def _drained(one: c.FieldTablet) -> bool:
    status = one.tablet.sync.status()
    return status.trouble is None and set(status.counts) == {Stage.STORED}


def _tell_stages(one: c.FieldTablet, say: Say) -> None:
    with one.tablet.vault.session() as session:
        rows = session.exec(select(LinkRow.link_hash, LinkRow.stage)).all()
    kept = [link.hex() for link, stage in rows if Stage(stage).rank >= Stage.RECEIPTED.rank]
    stored = [link.hex() for link, stage in rows if Stage(stage).rank >= Stage.STORED.rank]
    say(receipted=kept, stored=stored)


# ── what is left ─────────────────────────────────────────────────────────────────────────


def held(scene: Scene) -> list[str]:
    """The links in the server's log, read from its database beside it."""
    engine = create_engine(
        f"sqlite:///file:{scene.folder / 'office' / 'fujie.db'}?mode=ro&uri=true"
    )
    try:
        with engine.connect() as connection:
            return [entry[1:33].hex() for _, entry in leaves.entries(connection, 0)]
    finally:
        engine.dispose()


def left(scene: Scene, told: Told, say: Say) -> None:
    """Everything at the end, both at rest. Raises AssertionError."""
    one = scene._start()
    try:
        assert set(one.stages()) == {Stage.STORED}, f"the tablet: {one.stages()}"
        killing.expect_chain(one, told.saved)
        with one.tablet.vault.session() as session:
            links = [row.link_hash.hex() for row in session.exec(select(LinkRow)).all()]
    finally:
        one.tablet.close()
    there = held(scene)
    assert len(there) == len(set(there)), "a link is in the log twice"
    missing = (set(links) | told.receipted) - set(there)
    assert not missing, f"acknowledged, and not in the log: {missing}"
    said: list[str] = []
    assert checking.fsck(scene.settings, said.append, lambda _: None) == 0, said
    case, trust = scene.folder / "case.zip", scene.folder / "trust.json"
    exporting.export(scene.settings, scene.case.hex(), case, lambda _: None)
    exporting.trust(scene.settings, trust, lambda _: None)
    with case.open("rb") as file:
        checks = verify_zip(file, read_trust(trust.read_bytes()))
    assert holds(checks), f"fujie-verify: {checks}"
    say(end=True)
