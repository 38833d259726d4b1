"""Kill the tablet at random moments of a scripted day, and look at what it still has.

    python -m tests.killing --rounds 200 --seed 7

Each round begins with the same enrolled tablet. A process works through inspections, from the
opening to the end, typing forms before they are signed, and tells what was acknowledged: each
statement, and each draft that was kept. It gets SIGKILL at a moment drawn from the whole day.
Then the tablet is started again over what lies on the disk, and must have all that was told, an
unbroken chain, no halves of anything, and go on.

``make fuzz`` does this 200 times, ``make test`` a few times with a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import col
from sqlmodel import select as query

from field_client.camera.media import record_clip
from field_client.camera.media_source import MediaSource
from field_client.device_clock import SystemClock
from field_client.documents import Typesetter
from field_client.store.blobs import BlobReader, BlobWriter
from field_client.store.drafts import Drafts
from field_client.store.tables import DraftRow, JournalRow, LinkRow, StatementRow
from protocol import chain
from protocol.vocabulary import DocumentKind, Outcome
from tests.field_client import county as c
from tests.field_client.conftest import MORNING, VAULT_KEY, TurnedClock
from tests.ports import free_port

RECORD = DocumentKind.SITE_INSPECTION_RECORD
FINDINGS = "货架上7种散装商品未标明价格，店长在场。"
HOURS_MS = 3_600_000


@dataclass
class Told:
    """What a killed process had acknowledged."""

    records: list[str] = field(default_factory=list)
    drafts: dict[tuple[str, str], str] = field(default_factory=dict)
    signed: set[tuple[str, str]] = field(default_factory=set)
    ended: bool = False

    def hear(self, line: str) -> None:
        """One line of the process."""
        said = json.loads(line)
        if "record" in said:
            self.records.append(said["record"])
        elif "draft" in said:
            self.drafts[said["case"], said["draft"]] = said["text"]
        elif "signing" in said:
            self.signed.add((said["case"], said["signing"]))
        else:
            self.ended = True


class Rounds:
    """Rounds over one enrolled tablet."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.film = film_in(folder)
        self.county = _found(folder)
        self.day_s = 0.0

    def play(self, number: int) -> str:
        """One round; says how far the day had come. The first one is not killed, and measures."""
        tablet = c.copied(self.folder / "tablet", self.folder / f"round-{number}")
        after = self.chance.uniform(0, self.day_s) if self.day_s else None
        told, spent = self._killed(tablet, after)
        self.day_s = self.day_s or spent
        examine(tablet, self.county, self.film, told)
        _remove(tablet)
        return f"killed after {spent:.2f} s: {len(told.records)} records, {len(told.drafts)} drafts"

    def _killed(self, tablet: Path, after: float | None) -> tuple[Told, float]:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            _work(tablet, self.county, self.film, lambda **said: _write(writing, said))
        os.close(writing)
        told, lines, began = Told(), b"", time.monotonic()
        while not told.ended:
            left = None if after is None else max(0.0, began + after - time.monotonic())
            if not select.select([reading], [], [], left)[0]:
                break
            data = os.read(reading, 65536)
            assert data, "the day ended with an error"
            *whole, rest = (lines + data).split(b"\n")
            lines = rest
            for line in whole:
                told.hear(line.decode())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        spent = time.monotonic() - began
        while data := os.read(reading, 65536):  # what it said while it was being killed counts
            lines += data
        os.close(reading)
        for line in lines.split(b"\n")[:-1]:
            told.hear(line.decode())
        return told, spent


# ── the day ──────────────────────────────────────────────────────────────────────────────


def _work(folder: Path, county: c.County, film: Path, say: Callable[..., None]) -> None:
    """Two inspections; never returns."""
    status = 1
    try:
        with Typesetter() as typesetter:
            one = c.FieldTablet.start(folder, TurnedClock(), county, film, typesetter)
            one.tablet.journal.on_saved(lambda saved: say(record=saved.record.hex()))
            for _ in range(2):
                _inspect(one, say)
            say(end=True)
        status = 0
    finally:
        os._exit(status)


def _inspect(one: c.FieldTablet, say: Callable[..., None]) -> None:
    inspection = one.opened_and_notified()
    case = inspection.case.hex()
    one.photo(inspection)
    drafts = Drafts(one.tablet.vault, inspection.case, one.clock)
    for length in range(1, len(FINDINGS), 3):
        drafts.keep(RECORD, {"findings": FINDINGS[:length]})
        say(draft=str(RECORD), case=case, text=FINDINGS[:length])
    one.clip(inspection)
    say(signing=str(RECORD), case=case)
    one.write_record(inspection)
    one.hear(inspection)
    decision = one.decide(inspection)
    one.desk(inspection).serve(
        decision.record,
        c.ServiceMethod.PERSONAL,
        "周明禾",
        c.Place(text=c.SHOP),
        c.hand("周明禾", c.Role.PARTY),
    )
    inspection.close(Outcome.PENALISED_ON_SPOT)


# ── what is left ─────────────────────────────────────────────────────────────────────────


def examine(folder: Path, county: c.County, film: Path, told: Told) -> None:
    """Start again over what lies there. Raises AssertionError, which names what is missing."""
    clock = TurnedClock(wall=MORNING + 8 * HOURS_MS, monotonic=60_000 + 8 * HOURS_MS)
    with Typesetter() as typesetter:
        one = c.FieldTablet.start(folder, clock, county, film, typesetter)
        try:
            expect_chain(one, told.records)
            _expect_drafts(one, told)
            _expect_no_halves(one)
            one.opened_and_notified()
        finally:
            one.tablet.close()


def expect_chain(one: c.FieldTablet, told: list[str]) -> None:
    """All records that were told, on an unbroken chain that ends at the journal's head."""
    with one.tablet.vault.session() as session:
        held = {bytes(row).hex() for row in session.exec(query(StatementRow.record_hash)).all()}
        links = session.exec(query(LinkRow).order_by(col(LinkRow.sequence))).all()
        journal = session.exec(query(JournalRow).where(col(JournalRow.open))).one()
    missing = [record for record in told if record not in held]
    assert not missing, f"acknowledged and lost: {missing}"
    previous = bytes(32)
    for at, row in enumerate(links):
        link = chain.decode_link(row.link)
        assert (link.sequence, link.previous) == (at, previous), f"the chain breaks at {at}"
        assert link.record.hex() in held, f"link {at} names a record that is not there"
        previous = link.hash()
    assert (journal.length, journal.head_hash) == (len(links), previous), "the head is another"


def _expect_drafts(one: c.FieldTablet, told: Told) -> None:
    """What was typed last, or a letter more; a form that was being signed may be a record."""
    with one.tablet.vault.session() as session:
        held = {row.id: row.answers for row in session.exec(query(DraftRow)).all()}
    for (case, kind), text in told.drafts.items():
        answers = json.loads(held.get(f"{case}/{kind}", "{}"))
        typed = str(answers.get("findings", ""))
        kept = typed.startswith(text) or (case, kind) in told.signed
        assert kept, f"typed {text!r}, there is {typed!r}"


def _expect_no_halves(one: c.FieldTablet) -> None:
    """No file without its row; a recording that was cut waits for an officer's word."""
    captures, files = c.left_behind(one)
    assert captures == files, f"{files} files and {captures} captures that no record names"


# ── help ─────────────────────────────────────────────────────────────────────────────────


def _found(folder: Path) -> c.County:
    clock = TurnedClock(wall=MORNING - 600_000)
    c.found(folder / "office", clock)
    office = c.County(folder / "office", c.ServerClock(clock), free_port())
    office.start()
    c.enrol(office, folder / "tablet", clock)
    office.stop()
    return office


def film_in(folder: Path) -> Path:
    """Two seconds in place of a camera."""
    sink = BlobWriter(folder / "shop.blob", VAULT_KEY, reserve=0)
    source = MediaSource("testsrc=size=320x180:rate=10", "lavfi")
    record_clip(source, sink, SystemClock(), seconds=2)
    path = folder / "shop.mp4"
    path.write_bytes(BlobReader(sink.path, VAULT_KEY).all())
    return path


def _write(pipe: int, said: dict[str, object]) -> None:
    os.write(pipe, json.dumps(said).encode() + b"\n")


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


def main(arguments: list[str]) -> int:
    """Play rounds; 1 and the round's seed if something was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.killing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    asked = parser.parse_args(arguments)
    print(f"{asked.rounds} kills, seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="fujie-kill-") as name:
        rounds = Rounds(Path(name), asked.seed)
        for number in range(asked.rounds + 1):
            try:
                said = rounds.play(number)
            except AssertionError as lost:
                print(f"round {number}, seed {asked.seed}: {lost}", flush=True)
                return 1
            if number % 20 == 0 or asked.rounds < 20:
                print(f"  {number}: {said}", flush=True)
    print(f"{asked.rounds} kills: nothing acknowledged was lost, every restart was clean")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
