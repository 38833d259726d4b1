"""Whether the statements are those that the log commits to; a part of ``fsck``.

    each is the record that its link names, filed as what it is; an accepted one still verifies
    each that came is here, but what was destroyed by those who may, and that is not
    a statement that came after its link is numbered among the late ones, without a gap
    what an entry was flagged for says whether its statement had come with it

What the office says on the way (stored, published, destroyed) is remembered for other checks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from protocol import envelope as dsse
from protocol.case import AnyRecord, Record
from protocol.errors import Malformed
from protocol.receipt import Reason, Verdict
from protocol.registry import authority
from protocol.registry.registry import Registry
from protocol.statements import BlobStored, RecordDestroyed, ReferencePublished, case_of, kind_of
from sync_server.log import namings
from sync_server.log.intake import judge
from sync_server.log.leaves import Leaf
from sync_server.log.packed import UNREAD, Filed
from sync_server.store.db import as_kept
from sync_server.store.tables import EVIDENCE, LATE
from sync_server.upkeep.besides import STRAY
from sync_server.upkeep.seen import Seen

if TYPE_CHECKING:
    from sync_server.upkeep.fsck import Window

_UNREAD = (Reason.MALFORMED,)


class Statements:
    """``begin``, then each window of the log in its order, then ``end``."""

    def __init__(
        self, connection: Connection, registry: Registry, offices: tuple[bytes, ...], seen: Seen
    ) -> None:
        self._db = connection
        self._registry = registry
        self._offices = offices
        self._seen = seen
        self.published: dict[tuple[str, int], str] = {}

    def begin(self) -> Iterator[str]:
        """The late ones, in the order in which they came."""
        c = LATE.c
        rows = self._db.execute(
            select(c.number, c.record_hash).order_by(c.number),
            execution_options={"yield_per": 1000},
        )
        for number, row in enumerate(rows, 1):
            if row.number != number:
                yield f"the late statement number {number} is missing"
                return
            self._seen.late(row.record_hash)

    def check(self, window: Window) -> Iterator[str]:
        """The statements of some entries."""
        strays = self._strays(window)
        bare = set(_bare(window, strays))
        self._seen.records((entry.record_hash, index not in bare) for index, entry in window)
        kept = []
        for leaf, entry in zip(window.leaves, window.entries, strict=True):
            if leaf.statement is None:
                if leaf.filed is not None:
                    yield f"entry {leaf.index} is listed with a statement that is not here"
                continue
            record = entry.record_hash
            try:
                envelope = dsse.decode(leaf.statement)
            except Malformed as fault:
                yield f"statement {record.hex()}: {fault}"
                continue
            if dsse.record_hash(envelope) != record:
                yield f"statement {record.hex()} is not the record that it stands for"
                continue
            kept.append((record, leaf.index, leaf.index in bare))
            yield from self._check_statement(window, leaf, envelope)
        self._seen.kept(kept)
        yield from self._check_presence(window, bare, strays)

    def end(self) -> Iterator[str]:
        """What can be said when the whole log was read."""
        yield from self._seen.missing()
        for index in self._seen.undestroyed():
            yield f"the statement of entry {index} was destroyed and is still here"
        for record in self._seen.late_and_missing():
            yield f"the late statement {record.hex()} is missing"
        for record in self._seen.unnumbered():
            yield f"the statement {record.hex()} came after its link and is not numbered so"

    def _check_statement(
        self, window: Window, leaf: Leaf, envelope: dsse.Envelope
    ) -> Iterator[str]:
        index = leaf.index
        if index not in window.links:
            return
        item, link = judge(envelope, self._registry), window.links[index].link
        accepted = window.entries[index - window.first].verdict is Verdict.ACCEPTED
        if accepted and item.reasons:
            reasons = ", ".join(reason.en for reason in item.reasons)
            yield f"entry {index} was accepted, and its statement does not verify: {reasons}"
        read = item.read
        says = UNREAD
        if read is not None:
            says = Filed(kind_of(read), case_of(read, link.record), read.agency, read.at)
        # What was filed by a database that could not keep every character was moved as it stood.
        if leaf.filed not in (says, as_kept(self._db, *says)):
            yield f"the statement of entry {index} is listed as another than it is"
        if read is None:
            return
        journal, record = link.journal, link.record
        named = namings.namings(read, envelope.body, record, journal, index)
        # Without the last column: which entry says that it came is asked at the end.
        rows = [as_kept(self._db, *one.values())[:-1] for one in named]
        self._seen.named(rows, says.agency, says.case)
        # The office's word alone counts for what is stored, published and destroyed.
        if accepted and journal in self._offices:
            self._take_word(Record(record, read, item.signers, link, index))

    def _take_word(self, record: AnyRecord) -> None:
        said = record.statement
        if isinstance(said, RecordDestroyed) and authority.stands(self._registry, record):
            self._seen.destroyed(*what_goes(said))
        if isinstance(said, BlobStored):
            key = bytes.fromhex(said.sha256), said.agency, said.size
            self._seen.stored(key, record.index or 0)
        if isinstance(said, ReferencePublished):
            self.published[said.agency, said.version] = said.sha256

    def _check_presence(
        self, window: Window, bare: Collection[int], strays: Collection[bytes]
    ) -> Iterator[str]:
        """Which statements of these entries must be here. Whether one was destroyed, only a later
        entry says."""
        records = {entry.record_hash for _, entry in window}
        here, after = self._seen.here(records), self._seen.after(records)
        for index, entry in window:
            record = entry.record_hash
            # It may stand at an earlier entry alone; what comes again takes nobody's place.
            is_here = here.get(record, index + 1) <= index
            if entry.reasons == _UNREAD and entry.link_hash not in strays:
                said = f"what came with entry {index} is kept nowhere"
                if record in after:
                    yield said
                    continue
            elif entry.verdict is Verdict.ACCEPTED:
                said = f"the statement of entry {index} is missing"
            else:
                said = f"the statement of entry {index}, which came with it, is missing"
            if not is_here and index not in bare:
                self._seen.absent(index, record, said)

    def _strays(self, window: Window) -> set[bytes]:
        """The links of these entries that came with something else than their statement."""
        wanted = [one.link_hash for _, one in window if one.reasons == _UNREAD]
        if not wanted:
            return set()
        c = EVIDENCE.c
        found = select(c.hash).where(c.hash.in_(wanted), c.reason == STRAY)
        return set(self._db.execute(found).scalars())


def _bare(window: Window, strays: Collection[bytes]) -> Iterator[int]:
    """The entries with which no statement came. One that nobody could read came all the same, where
    it is not kept as something else."""
    for index, entry in window:
        if Reason.STATEMENT_ABSENT in entry.reasons or entry.link_hash in strays:
            yield index


def what_goes(said: RecordDestroyed) -> tuple[str, bytes | None, list[bytes], list[bytes]]:
    """Of which agency's case which records and which blobs go."""
    case = bytes.fromhex(said.case) if said.case else None
    blobs = [bytes.fromhex(one) for one in said.blobs if one != said.appraisal.sha256]
    return said.agency, case, list(map(bytes.fromhex, said.records)), blobs
