"""What a simulated tablet has durably: its journal, receipts, blobs, cursor, and the head it saw.

Each method is one change, which a crash precedes or follows. Stages go forward only; ``pass_log``
alone takes them back, when the log is succeeded (``field_client/contact/following.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from field_client.store.tables import Stage
from protocol.chain import EMPTY, Head, Link
from protocol.engine import Media, SyncState, Upload
from protocol.transfers import listed
from tests.simulation.records import Sample
from tests.simulation.store import Told
from tests.simulation.world import Broken

UNSENT = (Stage.SAVED, Stage.SENT)


@dataclass
class Kept:
    """A link, its statement, and the receipt: its place in the log and the head that proved it."""

    link: bytes
    hash: bytes
    record: bytes
    sent: bytes | None
    blob: bytes | None
    saved_at: int
    stage: Stage = Stage.SAVED
    index: int = -1
    entry: bytes = b""
    head: tuple[int, bytes] = (0, b"")

    def forward(self, stage: Stage) -> None:
        """Forward only, within one log."""
        if self.stage.rank < stage.rank:
            self.stage = stage


@dataclass
class Blob:
    """A blob that a statement names; ``word`` is the place of the office's record of it."""

    size: int
    at: int
    stage: Stage = Stage.SAVED
    word: int = -1


@dataclass
class Vault:
    """One tablet's disk."""

    journal: bytes
    origin: str
    links: list[Kept] = field(default_factory=list)
    blobs: dict[bytes, Blob] = field(default_factory=dict)
    head: Head = EMPTY
    cursor: int = 0
    seen: tuple[int, bytes] = (0, b"")
    seen_sizes: dict[int, bytes] = field(default_factory=dict)
    server_at: int = 0
    halted: str | None = None

    def standing(self) -> SyncState:
        """The engine's state as of what is saved (``contact/standing.py``)."""
        first = next((n for n, one in enumerate(self.links) if one.stage in UNSENT), None)
        owed = (*UNSENT, Stage.RECEIPTED)
        left = [Upload(n, b.size, b.at) for n, b in self.blobs.items() if b.stage in owed]
        return SyncState(
            journal=self.journal,
            length=len(self.links),
            acknowledged=len(self.links) if first is None else first,
            cursor=self.cursor,
            media=listed(Media(), left),
            halted=self.halted,
        )

    def save(self, sample: Sample, wall: int, boot: bytes, monotonic: int) -> Kept:
        """A statement and its link, in one transaction."""
        head = self.head
        link = Link(
            self.journal,
            head.length,
            head.hash,
            sample.record,
            bytes(16),
            0,
            wall,
            boot,
            monotonic,
            self.server_at,
        )
        kept = Kept(link.encode(), link.hash(), sample.record, sample.sent, sample.blob, wall)
        self.links.append(kept)
        self.head = Head(head.length + 1, kept.hash)
        if sample.blob is not None:
            self.blobs[sample.blob] = Blob(sample.size, wall)
        return kept

    def told(self, wall: int) -> Told:
        """The inventory as of now (``contact/inventory.py``)."""
        unsent = [one.saved_at for one in self.links if one.stage in UNSENT]
        return Told(
            length=self.head.length,
            head=self.head.hash,
            unsent=len(unsent),
            oldest_unsent_at=min(unsent, default=None),
            blobs_outstanding=sum(blob.stage in UNSENT for blob in self.blobs.values()),
            at=wall,
        )

    # ── changes ──────────────────────────────────────────────────────────────────────────

    def mark_sent(self, batch: list[Kept]) -> None:
        """Before the bytes leave."""
        for one in batch:
            one.forward(Stage.SENT)

    def keep_receipts(
        self, proved: list[tuple[Kept, int, bytes]], head: tuple[int, bytes], at: int
    ) -> None:
        """Receipts that were verified, with the head that proves them."""
        for kept, index, entry in proved:
            if kept.stage.rank >= Stage.RECEIPTED.rank and kept.index != index:
                raise Broken(f"a link has two places in one log: {kept.index} and {index}")
            kept.index, kept.entry, kept.head = index, entry, head
            kept.forward(Stage.RECEIPTED)
        self.server_at = max(self.server_at, at)
        self.see(head)
        self.settle()

    def see(self, head: tuple[int, bytes]) -> None:
        """The newest head of the log."""
        if head[0] >= self.seen[0]:
            self.seen = head
        if head[0]:
            self.seen_sizes[head[0]] = head[1]

    def settle(self) -> None:
        """A receipted record is stored when its blob is; one without, at once."""
        for one in self.links:
            if one.stage is Stage.RECEIPTED and (
                one.blob is None or self.blobs[one.blob].stage is Stage.STORED
            ):
                one.forward(Stage.STORED)

    def uploaded(self, name: bytes, stage: Stage) -> None:
        """How far a blob has come."""
        blob = self.blobs[name]
        if blob.stage.rank < stage.rank:
            blob.stage = stage

    def halt(self, reason: str) -> None:
        """Nothing is sent any more."""
        self.halted = reason

    def take_words(self, words: list[tuple[bytes, int]], cursor: int) -> None:
        """The office's records of one pull, and the cursor behind them, at once."""
        for name, index in words:
            if name in self.blobs:  # else a tablet that was put back does not know it any more
                self.uploaded(name, Stage.STORED)
                self.blobs[name].word = index
        self.settle()
        self.cursor = max(self.cursor, cursor)

    def pass_log(self, origin: str, head: tuple[int, bytes], kept: int) -> None:
        """Follow the log to its successor, which shares the first ``kept`` entries."""
        least = kept
        for one in self.links:
            if one.index >= 0 and one.head[0] > kept:
                least = min(least, one.index)
                one.stage, one.index, one.entry = Stage.SAVED, -1, b""
        cursor = min(self.cursor, max(0, least - 1))
        lost = {name for name, blob in self.blobs.items() if blob.word > cursor or blob.word < 0}
        for name in lost:
            self.blobs[name].stage, self.blobs[name].word = Stage.SAVED, -1
        for one in self.links:
            if one.blob in lost and one.stage is Stage.STORED:
                one.stage = Stage.RECEIPTED
        self.origin, self.cursor = origin, cursor
        self.seen = head
        self.seen_sizes = {size: root for size, root in self.seen_sizes.items() if size <= kept}
        self.see(head)
