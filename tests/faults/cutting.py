"""The line between tablet and server is cut at a byte: of a push, of an upload, either way.

    cut = Cutting(tablet, line)
    cut.attempt("push", "up", 700)     a new record; its contact is cut after 700 bytes up

Each attempt begins with something new to send, is cut once, and is looked at before and after it
goes on: nothing shows as receipted that the log has not, no blob as stored that is not whole at the
office; afterwards one contact brings all of it there. ``everywhere.py`` tries every byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlmodel import select

from field_client.inspection import Inspection
from field_client.store.tables import BlobRow, LinkRow, Stage
from sync_server.log import leaves
from tests.field_client import county as c
from tests.field_client.talk import film_of
from tests.proxy import Proxy, Way

What = Literal["push", "upload"]
SMALL = 600
"""Bytes of the blob that is cut: its size matters less than the ends of what surrounds it."""

FEW = 60
"""Records of an inspection before another is opened: its state is folded anew for each."""


@dataclass
class Cutting:
    """One tablet, its county, and the line between them."""

    one: c.FieldTablet
    line: Proxy
    inspection: Inspection | None = None
    made: int = 0

    def attempt(self, what: What, way: Way, at: int, reset: bool = False) -> bool:
        """One cut; whether the line was cut there at all. Raises AssertionError."""
        self._renew()
        self.one.clock.pass_seconds(20)
        self._prepare(what)
        before = self.line.cuts
        self.line.cut(**{way: at}, reset=reset)
        self.one.tablet.sync.contact()
        hit = self.line.cuts > before
        self.expect_honest()
        if hit and at > 0:
            assert not self._drained() or self._all_there(), "it shows what was cut as done"
        self.line.mend()
        self.one.clock.pass_seconds(400)
        self.goes_on()
        return hit

    def measure(self, what: What | None) -> tuple[int, int]:
        """How many bytes a contact with a new record, an upload or nothing takes: up, down."""
        self._renew()
        self._prepare(what)
        up, down = self.line.up, self.line.down
        self.one.tablet.sync.contact()
        return self.line.up - up, self.line.down - down

    # ── what is checked ──────────────────────────────────────────────────────────────────

    def expect_honest(self) -> None:
        """Nothing that the tablet shows as done is missing at the office."""
        claimed, blobs = self._claims()
        gone = claimed - self._log()
        assert not gone, f"shown as receipted, and not in the log: {[one.hex() for one in gone]}"
        services = self.one.county.services
        assert services is not None
        for name in blobs:
            assert services.blobs.check(name), f"shown as stored, and not there: {name.hex()}"

    def goes_on(self) -> None:
        """The line is well again: sync brings all that was left, by itself."""
        for _ in range(4):
            self.one.tablet.sync.contact()
            if self._drained():
                break
            self.one.clock.pass_seconds(400)
        status = self.one.tablet.sync.status()
        assert self._drained(), f"it does not go on: {status}"
        assert self._all_there(), "drained, and not all of it is at the office"
        self.expect_honest()

    def _drained(self) -> bool:
        status = self.one.tablet.sync.status()
        return set(status.counts) == {Stage.STORED} and status.trouble is None

    def _all_there(self) -> bool:
        with self.one.tablet.vault.session() as session:
            links = set(session.exec(select(LinkRow.link_hash)).all())
        return links <= self._log()

    def _claims(self) -> tuple[set[bytes], list[bytes]]:
        with self.one.tablet.vault.session() as session:
            links = session.exec(select(LinkRow.link_hash, LinkRow.stage)).all()
            blobs = session.exec(select(BlobRow.sha256, BlobRow.stage)).all()
        receipted = {link for link, stage in links if Stage(stage).rank >= Stage.RECEIPTED.rank}
        return receipted, [name for name, stage in blobs[-3:] if stage == Stage.STORED.value]

    def _log(self) -> set[bytes]:
        services = self.one.county.services
        assert services is not None
        with services.db.reading() as session:
            found = [entry[1:33] for _, entry in leaves.entries(session.connection(), 0)]
        assert len(found) == len(set(found)), "a link is in the log twice"
        return set(found)

    # ── something to send ────────────────────────────────────────────────────────────────

    def _renew(self) -> None:
        """Another inspection after some records, so that each attempt is as quick as the first."""
        self.made += 1
        if self.made % FEW == 0:
            self.inspection = None

    def _open(self) -> Inspection:
        if self.inspection is None:
            self.inspection = self.one.opened_and_notified()
            self.one.tablet.sync.contact()
        return self.inspection

    def _prepare(self, what: What | None) -> None:
        if what == "push":
            self.one.hear(self._open())
        elif what == "upload":
            film_of(self.one, self._open(), SMALL)
            self._without_media()
        else:
            self._open()
            self.goes_on()

    def _without_media(self) -> None:
        """The record that names the blob is there already: what is cut is the upload."""
        self.one.tablet.sync.pause()
        self.one.tablet.sync.contact()
        self.one.tablet.sync.resume()
        self.one.clock.pass_seconds(60)
