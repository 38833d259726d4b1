"""What people do in a story: to one tablet and its office, as they are.

    People(seed, scene, folder)      a copy of the scene's tablet and office, and who uses them
    .record() .restart()             an officer
    .copy() .put_back()              whoever has the tablet's disk
    .export() .bring() .take()       the stick, there and back
    .close_journal() .back_up() .restore() .roll_back() .succeed()      the office

``story.py`` lets them do so in any order.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlmodel import col, select

from field_client.contact.exporting import Scope
from field_client.contact.sync import Sync
from field_client.documents import Typesetter
from field_client.store.journal import Saved
from field_client.store.tables import JournalRow, LinkRow
from protocol.errors import FujieError
from protocol.registry.registry import Device
from sync_server import demo
from sync_server.devices import answering, closing, exports, importing
from sync_server.reports.told import told
from sync_server.services import Services
from sync_server.upkeep import succeeding
from sync_server.upkeep.backup import backup
from tests import killing
from tests.field_client import county as c
from tests.field_client.conftest import MORNING, TurnedClock
from tests.field_client.meddler import Meddler
from tests.ports import free_port
from tests.simulation.world import Broken


class Line(Meddler):
    """A line that loses requests and answers by chance."""

    def __init__(self, chance: random.Random, loss: float) -> None:
        super().__init__()
        self.chance, self.loss = chance, loss

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.chance.random() < self.loss:
            raise httpx.ConnectError("lost on its way", request=request)
        response = super().handle_request(request)
        if self.chance.random() < self.loss:
            response.read()
            raise httpx.ReadError("the answer is lost", request=request)
        return response


@dataclass(frozen=True)
class Scene:
    """A founded county and an enrolled tablet, made once; stories work on copies."""

    folder: Path
    film: Path
    typesetter: Typesetter

    @classmethod
    def made(cls, folder: Path, typesetter: Typesetter) -> Scene:
        """Found and enrol, ten minutes before the stories begin."""
        clock = TurnedClock(wall=MORNING - 600_000)
        c.found(folder / "office", clock)
        office = c.County(folder / "office", c.ServerClock(clock), free_port())
        office.start()
        c.enrol(office, folder / "tablet", clock)
        office.stop()
        return cls(folder, killing.film_in(folder), typesetter)


@dataclass
class Life:
    """What the officers of one disk know that they saved, in order, and an open inspection."""

    saved: list[bytes] = field(default_factory=list)
    inspection: bytes | None = None


class People:
    """One tablet, its officers and its office."""

    def __init__(self, seed: int, scene: Scene, folder: Path) -> None:
        self.seed, self.scene, self.folder = seed, scene, folder
        self.chance = random.Random(f"story {seed}")
        self.loss = self.chance.choice([0, 0.05, 0.2])
        self.clock = TurnedClock()
        office = c.copied(scene.folder / "office", folder / "office")
        self.county = c.County(office, c.ServerClock(self.clock), free_port())
        self.origins = 1
        self.disk = c.copied(scene.folder / "tablet", folder / "tablet 1")
        self.disks = 1
        self.life = Life()
        self.copies: list[tuple[Path, list[bytes], bytes | None]] = []
        self.sticks: list[Path] = []
        self.answers: list[Path] = []
        self.backups: list[tuple[Path, str]] = []
        self.boots = 0
        self.put_back_ever = False
        self.closed_ever = False
        self.lost = False
        self.did: list[str] = []

    # ── the machines ─────────────────────────────────────────────────────────────────────

    def start_tablet(self) -> None:
        """The program over its disk, unlocked."""
        self.boots += 1
        self.line = Line(random.Random(f"line {self.seed} {self.boots}"), self.loss)
        self.county.meddler = self.line
        self.tablet = c.FieldTablet.start(
            self.disk,
            self.clock,
            self.county,
            self.scene.film,
            self.scene.typesetter,
        )
        self.tablet.tablet.journal.on_saved(self.saved)

    def saved(self, saved: Saved) -> None:
        """A statement is durable."""
        self.life.saved.append(saved.record)

    @property
    def sync(self) -> Sync:
        return self.tablet.tablet.sync

    @property
    def services(self) -> Services:
        assert self.county.services is not None
        return self.county.services

    def device(self) -> Device:
        found = self.services.sequencer.registry.device_named(demo.DEVICE)
        assert found is not None
        return found

    def restart(self) -> None:
        """An end in order, and a start."""
        self.tablet.tablet.close()
        self.start_tablet()

    @property
    def told(self) -> str:
        return " · ".join(self.did)

    def expect(self, holds: bool, what: str, *facts: object) -> None:
        if not holds:
            raise Broken(f"story {self.seed}: {what} {facts}; {self.told}")

    def act(self, what: Callable[[], None]) -> None:
        """Do one thing. What the programs refuse in plain words is no fault."""
        self.did.append(what.__name__)
        try:
            what()
        except FujieError as refused:
            self.did[-1] += f" ({type(refused).__name__})"

    def links(self) -> list[LinkRow]:
        """The tablet's links in the order of its journals."""
        order = (col(JournalRow.opened_at), col(LinkRow.sequence))
        joined = col(JournalRow.id) == LinkRow.journal
        with self.tablet.tablet.vault.session() as session:
            return list(session.exec(select(LinkRow).join(JournalRow, joined).order_by(*order)))

    # ── what officers do ─────────────────────────────────────────────────────────────────

    def record(self) -> None:
        """An officer saves something; sometimes with a photo."""
        drawn = self.chance.random()
        if self.life.inspection is None or drawn < 0.3:
            self.life.inspection = self.tablet.opened_and_notified().case
            return
        inspection = self.tablet.tablet.office.resume(self.life.inspection, self.tablet.officers)
        if drawn < 0.5:
            self.tablet.photo(inspection)
        else:
            self.tablet.hear(inspection)

    # ── the stick ────────────────────────────────────────────────────────────────────────

    def export(self) -> None:
        """The tablet writes a file; it may never be brought."""
        stick = self.folder / f"stick {len(self.did)} {len(self.sticks)}"
        stick.mkdir()
        scope = self.chance.choice([Scope.UNSENT, Scope.UNSENT, Scope.ALL])
        self.clock.pass_seconds(60)
        self.sticks.append(self.tablet.tablet.exporter.write(stick, scope))

    def bring(self) -> None:
        """The office takes one of the files in, the newest or any, and answers it."""
        if not self.sticks:
            return
        newest = self.chance.random() < 0.6
        self.answered(self.sticks[-1] if newest else self.chance.choice(self.sticks))

    def answered(self, path: Path) -> None:
        """What ``import-export`` does."""
        with exports.opened(self.services, path) as opened:
            brought = importing.bring_in(self.services, opened)
            found = told(self.services, opened.device)
            made = answering.answer_to(self.services, opened, brought, found)
        assert made is not None
        answer = self.folder / f"{len(self.answers)}.answer"
        answer.write_bytes(made)
        self.answers.append(answer)

    def take(self) -> None:
        """The tablet takes an answer in, the newest or any."""
        if not self.answers:
            return
        newest = self.chance.random() < 0.6
        path = self.answers[-1] if newest else self.chance.choice(self.answers)
        self.tablet.tablet.taking.take_in(path)

    def by_stick(self) -> None:
        """There and back."""
        self.export()
        self.answered(self.sticks[-1])
        self.tablet.tablet.taking.take_in(self.answers[-1])

    # ── disks that are copied ────────────────────────────────────────────────────────────

    def copy(self) -> None:
        """Somebody copies the tablet's disk."""
        self.tablet.tablet.close()
        to = c.copied(self.disk, self.folder / f"copy {len(self.copies)}")
        self.copies.append((to, list(self.life.saved), self.life.inspection))
        self.start_tablet()

    def put_back(self) -> None:
        """A copy takes the disk's place; what was saved since is gone, as far as here."""
        if not self.copies:
            return
        self.tablet.tablet.close()
        kept, saved, inspection = self.chance.choice(self.copies)
        self.disks += 1
        self.disk = c.copied(kept, self.folder / f"tablet {self.disks}")
        self.life = Life(list(saved), inspection)
        self.put_back_ever = True
        self.start_tablet()

    # ── what the office does ─────────────────────────────────────────────────────────────

    def close_journal(self) -> None:
        """A registrar closes the journal that the office knows, forked or not."""
        closing.close_journal(self.services, self.device(), "从副本恢复")
        self.closed_ever = True

    def back_up(self) -> None:
        """A copy of the running server."""
        to = self.folder / f"backup {len(self.backups)}"
        backup(self.county.settings, to)
        self.backups.append((to, self.county.origin))

    def _lose_the_disk(self) -> bool:
        fit = [path for path, origin in self.backups if origin == self.county.origin]
        if not fit:
            return False
        self.county.stop()
        safe = self.folder / "safe"
        if not safe.exists():
            shutil.copytree(self.county.folder / "root", safe)
        shutil.rmtree(self.county.folder)
        shutil.copytree(self.chance.choice(fit), self.county.folder)
        return True

    def restore(self) -> None:
        """The office's disk is lost; a backup goes on as the log's successor."""
        if not self.lost and self._lose_the_disk():
            self.succeed()

    def roll_back(self) -> None:
        """The same, and somebody starts it under the old name."""
        if not self.lost and self._lose_the_disk():
            self.lost = True
            self.county.start()

    def succeed(self) -> None:
        """Open the successor of what is there, and start it. It names what the tablet saw."""
        if self.county.services is not None:
            self.county.stop()
        self.origins += 1
        origin = f"log{self.origins}.yunxi.example/fujie"
        history = self.tablet.tablet.sync._exchange.history.log
        seen = [history.checkpoint_bytes] if history.checkpoint_bytes else []
        named = seen if history.origin == self.county.origin else []
        plan = succeeding.Plan(origin, "磁盘损坏", self.folder / "safe", named, 200)
        succeeding.succeed(self.county.settings, self.county.clock, plan, lambda _: None)
        self.county.origin = origin
        self.lost = False
        self.county.start()

    def lift(self) -> None:
        """Whoever runs a log that was rolled back opens its successor."""
        if self.lost:
            self.succeed()
