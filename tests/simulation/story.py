"""A tablet or two and their office as they are, with sticks, copied disks, closed journals and
backups.

    Story(seed, scene, folder).play()      Told, or Broken with the seed that replays it

What ``play.py`` plays with fifty tablets in memory, this plays with the programs themselves: the
tablets' vaults, sync and exports, the office's server on a port. What only people do
(``people.py``) comes in any order and between any two steps of a sync: an export is lost, brought
late or brought twice, an old answer is taken in, a disk is copied and put back, a journal is
closed, a backup returns as the log's successor, or under its old name, which is an alarm until a
successor lifts it. What was drawn replays from its seed; how long a request takes does not.

In the end the weather clears, and the office does what the tablet's screen asks it to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import Session, select

from field_client.contact.following import ALARMED
from field_client.errors import OtherHistory
from field_client.store.stages import ALARM
from field_client.store.tables import JournalRow, ReceiptRow, Stage, StateRow
from field_client.store.vault import Vault
from protocol.engine import Action, Halted, Woken
from protocol.receipt import Receipt
from protocol.reference import Parameters
from sync_server import demo
from sync_server.commands import checking
from sync_server.log.facts import Linked
from sync_server.reports import fleet, integrity
from sync_server.reports.hearing import Hearing
from tests.simulation.people import People
from tests.simulation.seats import Scene
from tests.simulation.world import Broken

STEPS = 24
CALM = 14
"""Contacts after which a tablet with a good line has nothing left to say."""
RESOLVED = {"fork", "rewrite", "closed", "unknown_device"}
"""Refusals after which the office closes the journal that it knows."""


class Killed(BaseException):
    """The tablet's program ends here."""


@dataclass(frozen=True)
class Told:
    """What a story came to."""

    seed: int
    records: int
    entries: int
    did: tuple[str, ...]


class Story(People):
    """One schedule from its seed to its end."""

    def __init__(self, seed: int, scene: Scene, folder: Path) -> None:
        super().__init__(seed, scene, folder)
        self.meddling, self.resolving = 0.05, 0.5

    def contact(self) -> None:
        """Sync runs until it rests, as its threads would; between the end of an exchange and the
        moment at which the engine hears of it people may do something."""
        sync = self.sync
        sync._events.put(Woken(self.clock.monotonic_ms()))
        actions: list[Action] = []
        for _ in range(300):
            while not sync._events.empty():
                event = sync._events.get()
                assert event is not None
                actions += sync._step(event)
            if not actions:
                break
            done = sync._perform(actions.pop(self.between.randrange(len(actions))))
            if isinstance(done, Halted) and self.between.random() < self.resolving:
                self.act(self.resolve)
            elif self.between.random() < self.meddling:
                self.meanwhile()
            sync._events.put(done)
        self.clock.pass_seconds(self.chance.choice([1, 60, 400]))

    def meanwhile(self) -> None:
        """Something that people do while an exchange is under way, here or at another tablet."""
        acts = (self.record, self.export, self.bring, self.take, self.by_stick, self.close_journal)
        others = [one for one in self.seats if one is not self.seat]
        if not others or self.between.random() < 0.5:
            self.act(self.between.choice(acts))
            return
        here, self.seat = self.seat, self.between.choice(others)
        self.act(self.between.choice([self.contact, *acts]))
        self.seat = here

    def resolve(self) -> None:
        """The office does at once what ends the alarm or the refusal, and says so by stick."""
        if self.lost:
            self.succeed()
        else:
            self.close_journal()
        self.by_stick()

    def killed(self) -> None:
        """The program ends before or after some change of its disk, and is started again."""
        at, behind = self.chance.randrange(1, 14), self.chance.random() < 0.5
        with suppress(Killed), killed_at(at, behind=behind):
            self.act(self.chance.choice([self.contact, self.contact, self.take, self.record]))
        self.restart()
        self.note_durable()

    def note_durable(self) -> None:
        """What was on the disk when the program ended was saved, though nobody was told."""
        known = set(self.life.saved)
        more = [row.record_hash for row in self.links() if row.record_hash not in known]
        self.expect(len(more) <= 1, "more than one record that nobody was told of", len(more))
        self.life.saved += more

    # ── the story ────────────────────────────────────────────────────────────────────────

    def play(self, script: Sequence[str] = ()) -> Told:
        """Everything that happens, drawn or by name, then the examination. Raises Broken."""
        acts: list[Callable[[], None]] = [
            *[self.record] * 5,
            *[self.share] * (len(self.seats) - 1),
            *[self.contact] * 6,
            *[self.export] * 2,
            *[self.bring] * 2,
            *[self.take] * 2,
            *[self.by_stick] * 2,
            *[self.killed] * 2,
            self.restart,
            self.copy,
            self.put_back,
            self.close_journal,
            *[self.back_up] * 2,
            self.restore,
            self.roll_back,
            self.lift,
        ]
        for _ in self.turns():
            self.start_tablet()
        self.county.start()
        several = len(self.seats) > 1
        try:
            drawn = (self.chance.choice(acts) for _ in range(STEPS * len(self.seats)))
            for what in (getattr(self, name) for name in script) if script else drawn:
                if several and not script:
                    self.seat = self.chance.choice(self.seats)
                self.act(what)
                self.note_acknowledged()
            return self.end()
        except Broken:
            raise
        except Exception as fault:
            raise Broken(f"story {self.seed}: {fault!r}; {self.told}") from fault
        finally:
            for seat in self.seats:
                with suppress(Exception):
                    seat.tablet.tablet.close()
            self.county.stop()

    def note_acknowledged(self) -> None:
        """What the tablet shows as acknowledged, the log of that name has."""
        if self.county.services is None:
            return
        log = self.sync._exchange.history.log
        if log.origin != self.county.origin or self.lost:
            return
        with self.tablet.tablet.vault.session() as session:
            if session.get(StateRow, ALARM) is not None:
                return
            rows = session.exec(select(ReceiptRow)).all()
        entries = dict(self.services.facts.entries())
        for row in rows:
            receipt = Receipt.decode(row.receipt)
            if receipt.checkpoint_bytes.partition(b"\n")[0].decode() == self.county.origin:
                held = entries.get(receipt.index)
                self.expect(held == receipt.entry.encode(), "acknowledged and gone", receipt.index)

    def end(self) -> Told:
        """Good weather; the office does what it is asked for."""
        self.loss = 0.0
        for _ in self.turns():
            self.rest()
        for _ in self.turns():
            self.examine()
        self.examine_office()
        entries = self.services.facts.head.size
        saved = sum(len(seat.life.saved) for seat in self.seats)
        return Told(self.seed, saved, entries, tuple(self.did))

    def rest(self) -> None:
        """Contacts until one tablet has nothing left to say."""
        self.seat.line.loss = 0.0
        for left in range(CALM, 0, -1):
            self.clock.pass_seconds(400)
            self.lift()
            self.tablet.contact()
            halted = self.sync.status().halted
            other = isinstance(self.sync.status().trouble, OtherHistory)
            if (halted in RESOLVED or other) and left % 2:
                self.act(self.close_journal)
            if halted == ALARMED and left == CALM // 2:
                self.act(self.name_more)
            if self.calm():
                break
        self.tablet.contact()
        status = self.sync.status()
        self.expect(status.halted is None, "halted", status.halted, status.trouble)
        self.expect(status.trouble is None, "trouble", status.trouble)
        self.expect(status.unsent == 0, "unsent", status.unsent, self.tablet.stages())
        self.expect(status.blobs_outstanding == 0, "blobs", status.blobs_outstanding)
        whole = {stage.rank >= Stage.STORED.rank for stage in self.tablet.stages()}
        self.expect(whole <= {True}, "not whole", self.tablet.stages())

    def calm(self) -> bool:
        """Whether nothing is left to do."""
        status = self.sync.status()
        left = (status.halted, status.trouble, status.unsent, status.blobs_outstanding)
        return left == (None, None, 0, 0)

    def examine(self) -> None:
        """Everything that one tablet saved is there, once, in order, with what it names; both
        sides agree."""
        facts = self.services.facts
        with self.tablet.tablet.vault.session() as session:
            journals = session.exec(select(JournalRow)).all()
            receipts = {
                row.link_hash: Receipt.decode(row.receipt)
                for row in session.exec(select(ReceiptRow)).all()
            }
        links = self.links()
        records = [row.record_hash for row in links]
        self.expect(
            sorted(records) == sorted(self.life.saved), "what was saved is not what is held"
        )
        self.expect(records == self.life.saved, "the order of what was saved")
        there: dict[bytes, Linked] = {}
        for one in facts.links_of(records):
            self.expect(one.link_hash not in there, "a link is twice in the log")
            there[one.link_hash] = one
        for row in links:
            self.expect(row.link_hash in receipts, "stored without its receipt", row.sequence)
            held = there.get(row.link_hash)
            self.expect(held is not None, "acknowledged and not there", row.sequence)
            index = receipts[row.link_hash].index
            origin = receipts[row.link_hash].checkpoint_bytes.partition(b"\n")[0].decode()
            if origin == self.county.origin:
                assert held is not None
                self.expect(held.index == index, "another place", held.index, index)
        for journal in journals:
            places = [there[row.link_hash].index for row in links if row.journal == journal.id]
            self.expect(places == sorted(places), "order within a journal", places)
        # Before a journal was closed its tablet may not have heard what the office holds of it.
        if not self.seat.put_back_ever and not self.seat.closed_ever:
            twice = len(there) - len(records)
            self.expect(not twice, "a record is there twice", twice)
        open_one = next(one for one in journals if one.open)
        head = self.services.sequencer.journal(open_one.id)
        self.expect(head is not None and head.head.length == open_one.length, "the two heads")
        self.expect_believed(open_one)
        device = self.device()
        made = integrity.report(self.services, device, Parameters())
        # What a disk that was replaced had not sent yet is gone, and the report says so.
        whole = made.complete or self.seat.put_back_ever
        self.expect(whole, "the report", [one.en for one in made.findings])

    def examine_office(self) -> None:
        """fsck is clean."""
        said: list[str] = []
        self.county.stop()
        clean = checking.fsck(self.county.settings, said.append, lambda _: None) == 0
        self.expect(clean, "fsck", said)
        self.county.start()

    def expect_believed(self, journal: JournalRow) -> None:
        """What the office believes of the tablet, by its last word and its page, is so."""
        hearing = Hearing(self.county.settings.data)
        lines = fleet.devices(self.services, hearing, demo.AGENCY.id, Parameters())
        (line,) = [one for one in lines if one.device.name == self.seat.name]
        held = line.said
        self.expect(held is not None, "the office heard nothing of it")
        assert held is not None
        head = (held.length, held.head) == (journal.length, journal.head_hash.hex())
        self.expect(head, "the head that the office heard of", held.length, journal.length)
        waits = (held.unsent, held.oldest_unsent_at, held.blobs_outstanding, line.behind)
        self.expect(waits == (0, None, 0, 0), "what the office believes to wait", waits)
        self.expect(line.files == 0 or self.seat.put_back_ever, "files still to come", line.files)


@contextmanager
def killed_at(at: int, *, behind: bool) -> Iterator[None]:
    """The program ends at its next change of the disk but so many: before it, or behind it."""
    left, whole = [at], Vault.transaction

    @contextmanager
    def transaction(self: Vault) -> Iterator[Session]:
        left[0] -= 1
        if left[0] == 0 and not behind:
            raise Killed
        with whole(self) as session:
            yield session
        if left[0] == 0:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vault, "transaction", transaction)
        yield
