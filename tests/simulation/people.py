"""What people do in a story: to some tablets and their office, as they are.

    People(seed, scene, folder)      a copy of the scene's tablets and office, and who uses them
    .seat                            the tablet of whoever acts now
    .record() .share() .restart()    an officer
    .copy() .put_back()              whoever has the tablet's disk
    .export() .bring() .take()       the stick, there and back
    .close_journal() .back_up() .restore() .roll_back() .succeed()      the office

``story.py`` lets them do so in any order.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlmodel import col, select

from field_client.contact.exporting import Scope
from field_client.contact.sync import Sync
from field_client.store.journal import Saved
from field_client.store.tables import JournalRow, LinkRow
from protocol.errors import FujieError
from protocol.registry.registry import Device
from sync_server.devices import answering, closing, exports, importing
from sync_server.reports.told import told
from sync_server.services import Services
from sync_server.upkeep import succeeding
from sync_server.upkeep.backup import backup
from tests.field_client import county as c
from tests.field_client.conftest import TurnedClock
from tests.films import kept
from tests.ports import free_port
from tests.simulation.seats import Life, Line, Scene, Seat, folder_of
from tests.simulation.world import Broken


class People:
    """Tablets, their officers and their office."""

    films = 3
    """How many there are on the recorder."""

    def __init__(self, seed: int, scene: Scene, folder: Path) -> None:
        self.seed, self.scene, self.folder = seed, scene, folder
        self.chance = random.Random(f"story {seed}")
        self.loss = self.chance.choice([0, 0.05, 0.2])
        self.clock = TurnedClock()
        office = c.copied(scene.folder / "office", folder / "office")
        self.county = c.County(office, c.ServerClock(self.clock), free_port())
        self.origins = 1
        self.seats = [
            Seat(name, c.copied(scene.folder / folder_of(name), folder / f"{name} 1"))
            for name in scene.tablets
        ]
        self.seat = self.seats[0]
        self.backups: list[tuple[Path, str]] = []
        self.lost = False
        self.between = random.Random(f"between {seed}")
        self.did: list[str] = []

    # ── the machines ─────────────────────────────────────────────────────────────────────

    def start_tablet(self) -> None:
        """The program over its disk, unlocked."""
        seat = self.seat
        seat.boots += 1
        drawn = f"line {self.seed} {seat.boots}" + self.whose
        seat.line = Line(random.Random(drawn), self.loss)
        self.county.meddler = seat.line
        seat.tablet = c.FieldTablet.start(
            seat.disk,
            self.clock,
            self.county,
            self.scene.film,
            self.scene.typesetter,
        )
        seat.tablet.tablet.journal.on_saved(lambda saved: self.saved(seat, saved))

    def saved(self, seat: Seat, saved: Saved) -> None:
        """A statement is durable."""
        seat.life.saved.append(saved.record)

    def turns(self) -> Iterator[Seat]:
        """Everybody's turn, one behind the other."""
        for seat in self.seats:
            self.seat = seat
            yield seat

    @property
    def tablet(self) -> c.FieldTablet:
        return self.seat.tablet

    @property
    def life(self) -> Life:
        return self.seat.life

    @property
    def whose(self) -> str:
        """Whose turn it is, where there are several tablets."""
        return f" {self.seat.name}" if len(self.seats) > 1 else ""

    @property
    def sync(self) -> Sync:
        return self.tablet.tablet.sync

    @property
    def services(self) -> Services:
        assert self.county.services is not None
        return self.county.services

    def device(self) -> Device:
        found = self.services.sequencer.registry.device_named(self.seat.name)
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
        self.did.append(what.__name__ + self.whose)
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

    def share(self) -> None:
        """A recorder's film is taken in, which another tablet may take in too: one blob, and two
        devices that name it."""
        if self.life.inspection is None:
            return
        inspection = self.tablet.tablet.office.resume(self.life.inspection, self.tablet.officers)
        kept(self.tablet, inspection, b"film %d" % self.chance.randrange(self.films) * 2000)

    # ── the stick ────────────────────────────────────────────────────────────────────────

    def export(self) -> None:
        """The tablet writes a file; it may never be brought."""
        seat = self.seat
        stick = self.folder / f"stick {len(self.did)} {len(seat.sticks)}"
        stick.mkdir()
        scope = self.chance.choice([Scope.UNSENT, Scope.UNSENT, Scope.ALL])
        self.clock.pass_seconds(60)
        seat.sticks.append(self.tablet.tablet.exporter.write(stick, scope))

    def bring(self) -> None:
        """The office takes one of the files in, the newest or any, and answers it."""
        sticks = self.seat.sticks
        if not sticks:
            return
        newest = self.chance.random() < 0.6
        self.answered(sticks[-1] if newest else self.chance.choice(sticks))

    def answered(self, path: Path) -> None:
        """What ``import-export`` does."""
        with exports.opened(self.services, path) as opened:
            brought = importing.bring_in(self.services, opened)
            found = told(self.services, opened.device)
            made = answering.answer_to(self.services, opened, brought, found)
        assert made is not None
        seat = self.seat
        answer = self.folder / f"{seat.name} {len(seat.answers)}.answer"
        answer.write_bytes(made)
        seat.answers.append(answer)

    def take(self) -> None:
        """The tablet takes an answer in, the newest or any, also one that is another tablet's."""
        ours, everybodys = self.seat.answers, [one for seat in self.seats for one in seat.answers]
        if not ours:
            return
        newest = self.chance.random() < 0.6
        path = ours[-1] if newest else self.chance.choice(everybodys)
        self.tablet.tablet.taking.take_in(path)

    def by_stick(self) -> None:
        """There and back."""
        self.export()
        self.answered(self.seat.sticks[-1])
        self.tablet.tablet.taking.take_in(self.seat.answers[-1])

    # ── disks that are copied ────────────────────────────────────────────────────────────

    def copy(self) -> None:
        """Somebody copies the tablet's disk."""
        seat = self.seat
        seat.tablet.tablet.close()
        to = c.copied(seat.disk, self.folder / f"{seat.name} copy {len(seat.copies)}")
        seat.copies.append((to, list(seat.life.saved), seat.life.inspection))
        self.start_tablet()

    def put_back(self) -> None:
        """A copy takes the disk's place; what was saved since is gone, as far as here."""
        seat = self.seat
        if not seat.copies:
            return
        seat.tablet.tablet.close()
        kept, saved, inspection = self.chance.choice(seat.copies)
        seat.disks += 1
        seat.disk = c.copied(kept, self.folder / f"{seat.name} {seat.disks}")
        seat.life = Life(list(saved), inspection)
        seat.put_back_ever = True
        self.start_tablet()

    # ── what the office does ─────────────────────────────────────────────────────────────

    def close_journal(self) -> None:
        """A registrar closes the journal that the office knows, forked or not."""
        closing.close_journal(self.services, self.device(), "从副本恢复")
        self.seat.closed_ever = True

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
        """Open the successor of what is there, and start it. It names what a tablet saw, or some
        of them, or none where the office did not ask."""
        self.origins += 1
        origin = f"log{self.origins}.yunxi.example/fujie"
        logs = [seat.tablet.tablet.sync._exchange.history.log for seat in self.seats]
        ours = [one.checkpoint_bytes for one in logs if one.origin == self.county.origin]
        seen = [note for note in ours if note]
        asked = self.between.randint(0, len(seen)) if len(self.seats) > 1 else len(seen)
        named = self.between.sample(seen, asked)
        self._succeed(origin, named)
        self.lost = False

    def name_more(self) -> None:
        """Whoever runs the log names the history that this tablet saw, too."""
        seen = self.sync._exchange.history.log.checkpoint_bytes
        if seen is not None and not self.lost and self.origins > 1:
            self._succeed(self.county.origin, [seen])

    def _succeed(self, origin: str, named: list[bytes]) -> None:
        if self.county.services is not None:
            self.county.stop()
        plan = succeeding.Plan(origin, "磁盘损坏", self.folder / "safe", named, 200)
        try:
            succeeding.succeed(self.county.settings, self.county.clock, plan, lambda _: None)
            self.county.origin = origin
        finally:
            self.county.start()

    def lift(self) -> None:
        """Whoever runs a log that was rolled back opens its successor."""
        if self.lost:
            self.succeed()
