"""Reading the facts: what projections, pages, reports and case files are made from.

    facts.case(case_id)          the records of one case, in the order of the log
    facts.journal(journal)       every link of a device, with its record where there is one
    facts.receipt(link_hash)     proof that a link is in the log, to the newest checkpoint

Nothing here writes. A record whose entry says accepted was verified when it was admitted, and
the log commits to that verdict; the signatures of a flagged one are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, select

from protocol import envelope as dsse
from protocol import merkle, paths, statements
from protocol.answer import Hashes
from protocol.case import Record
from protocol.errors import Malformed
from protocol.receipt import Receipt, Verdict
from protocol.registry.registry import Registry
from protocol.statements import Statement, Unknown
from protocol.tiles import Tile, encode_bundle
from sync_server.log import leaves, lineage, lookup, namings, nodes
from sync_server.log.factrows import (
    Evidence,
    Linked,
    NotHeld,
    TreeHashes,
    filled,
    readable,
)
from sync_server.log.intake import judge
from sync_server.log.leaves import UNBOUNDED, Leaf
from sync_server.log.lineage import Former
from sync_server.log.namings import Blob
from sync_server.log.sequencer import Committed, Sequencer
from sync_server.store import bundles
from sync_server.store.blobs import BlobStore
from sync_server.store.db import Database
from sync_server.store.tables import (
    BLOB,
    EVIDENCE,
)

OPENING = ("inspection_opened", "case_opened")
"""The kinds that may open a case (``statements.opens_case``)."""


def opened(
    connection: Connection, agency: str | None = None, below: int = UNBOUNDED
) -> Iterator[Leaf]:
    """The leaves of what opened a case, of an ``agency`` or of all, in the order of the log."""
    for leaf in leaves.of_kinds(connection, OPENING, agency, end=below, whole=False):
        if leaf.filed is not None and leaf.filed.case == leaf.record_hash:
            yield leaf


class Facts:
    """All that was admitted. Safe for use by several threads."""

    def __init__(self, db: Database, sequencer: Sequencer, blobs: BlobStore) -> None:
        self._db = db
        self._sequencer = sequencer
        self._blobs = blobs
        self._tree = TreeHashes(db)

    # ── what stands ──────────────────────────────────────────────────────────────────────

    @property
    def registry(self) -> Registry:
        """Agencies, persons, devices and keys as of the last commit."""
        return self._sequencer.registry

    @property
    def head(self) -> Committed:
        """The newest durable checkpoint."""
        return self._sequencer.head

    # ── records ──────────────────────────────────────────────────────────────────────────

    def record(self, record_hash: bytes) -> Record[Statement | Unknown] | None:
        """The record of this hash, where it was admitted first."""
        with self._db.engine.connect() as connection:
            leaf = lookup.record(connection, record_hash)
        return next(self._read(readable([leaf] if leaf else [])), None)

    def case(self, case: bytes) -> list[Record[Statement | Unknown]]:
        """The records of a case, field's and office's, in the order of the log."""
        return self.of_cases([case])

    def of_cases(self, cases: Sequence[bytes]) -> list[Record[Statement | Unknown]]:
        """Those of some cases together; at most some hundred."""
        with self._db.engine.connect() as connection:
            return self._records(leaves.of_cases(connection, cases))

    def of_kind(self, *kinds: str) -> list[Record[Statement | Unknown]]:
        """Every record of these kinds, in the order of the log."""
        with self._db.engine.connect() as connection:
            return self._records(leaves.of_kinds(connection, kinds))

    def of_office(self, *kinds: str) -> list[Record[Statement | Unknown]]:
        """Those that stand in the office's journals, also where somebody else sent one first."""
        offices = self._sequencer.offices
        with self._db.engine.connect() as connection:
            return self._records(leaves.of_kinds(connection, kinds, journals=offices))

    def envelope(self, record_hash: bytes) -> bytes | None:
        """A statement's envelope as it came (msgpack form)."""
        with self._db.engine.connect() as connection:
            leaf = lookup.record(connection, record_hash)
        return leaf.statement if leaf else None

    def case_version(self, case: bytes) -> int:
        """How many statements of a case are here: what ``OfficeJournal.state`` expects."""
        with self._db.engine.connect() as connection:
            return sum(1 for _ in leaves.of_cases(connection, [case], whole=False))

    def cases(self) -> list[bytes]:
        """The ids of all cases, the newest opening first."""
        with self._db.engine.connect() as connection:
            return [leaf.record_hash for leaf in opened(connection)][::-1]

    # ── links ────────────────────────────────────────────────────────────────────────────

    def journal(self, journal: bytes, first: int = 0, last: int | None = None) -> list[Linked]:
        """The links of a journal by sequence, from ``first`` up to and with ``last``."""
        end = UNBOUNDED if last is None else last
        with self._db.engine.connect() as connection:
            found = leaves.of_journal(connection, journal, first, end)
            return list(readable(filled(connection, found)))

    def office_records(
        self, offices: Sequence[bytes], kinds: Sequence[str], index: int, limit: int
    ) -> list[Linked]:
        """Links of the office's journals behind ``index`` whose statements are of these kinds, up
        to ``limit``; fewer only where there are no more. One that rotted is passed over."""
        with self._db.engine.connect() as connection:
            ours = leaves.of_kinds(connection, kinds, first=index + 1, journals=offices)
            return list(islice(readable(ours), limit))

    def successions(self) -> list[bytes]:
        """How this log came to follow others: signed by the roots, the earliest first."""
        with self._db.engine.connect() as connection:
            return lineage.successions(connection, self._sequencer.offices)

    def formers(self) -> list[Former]:
        """The logs that this one goes on from."""
        return lineage.formers(self.successions(), self.registry)

    def links_of(self, record_hashes: Sequence[bytes]) -> list[Linked]:
        """The links of these records."""
        with self._db.engine.connect() as connection:
            places = lookup.find(connection, record_hashes)
            return list(readable(filled(connection, leaves.at(connection, places))))

    def link_at(self, index: int) -> Linked | None:
        """The link whose entry this is."""
        with self._db.engine.connect() as connection:
            found = filled(connection, leaves.at(connection, [index]))
            return next(readable(found), None)

    def entries(self, first: int = 0, last: int | None = None) -> list[tuple[int, bytes]]:
        """(index, entry) of the log from ``first`` up to and with ``last``."""
        end = UNBOUNDED if last is None else last + 1
        with self._db.engine.connect() as connection:
            return list(leaves.entries(connection, first, end))

    def evidence(self, device: str) -> list[Evidence]:
        """What was refused and kept of a device, the oldest first."""
        c = EVIDENCE.c
        query = select(c.device, c.journal, c.reason, c.at, c.link, c.statement)
        with self._db.engine.connect() as connection:
            found = connection.execute(query.where(c.device == device).order_by(c.at))
            return [Evidence(*row) for row in found]

    # ── proofs ───────────────────────────────────────────────────────────────────────────

    def receipt(self, link_hash: bytes, head: Committed | None = None) -> Receipt:
        """The receipt of a link, to ``head`` or the newest checkpoint. Raises NotHeld."""
        head = head or self.head
        with self._db.engine.connect() as connection:
            places = lookup.find(connection, [link_hash])
            found = leaves.entries_at(connection, places).items()
        row = next(((index, one) for index, one in found if one[1:33] == link_hash), None)
        if row is None or row[0] >= head.size:
            raise NotHeld("no link {link} is in this log", link=link_hash.hex())
        with self._tree.under(head) as get:
            proof = merkle.inclusion_proof(row[0], head.size, get)
        return Receipt(row[1], row[0], tuple(proof), head.note)

    def proofs(self, indexes: Sequence[int], head: Committed) -> list[tuple[bytes, list[bytes]]]:
        """(entry, inclusion proof) of each entry, to ``head``."""
        if not indexes:
            return []
        entries = self._entries(indexes)
        with self._tree.under(head) as get:
            return [
                (entries[index], merkle.inclusion_proof(index, head.size, get)) for index in indexes
            ]

    def together(
        self, indexes: Sequence[int], head: Committed, new: Mapping[int, bytes]
    ) -> tuple[dict[int, bytes], list[bytes]]:
        """The entries, by index, and the hashes that prove all of them to ``head``; those that
        are ``new`` need not be asked for."""
        if not indexes:
            return {}, []
        entries, old = dict(new), [index for index in indexes if index not in new]
        if old:
            entries |= self._entries(old)
        with self._tree.under(head) as get:
            return entries, paths.shared(indexes, head.size, get)

    def consistency(
        self, old: int, head: Committed | None = None, size: int | None = None
    ) -> list[bytes]:
        """The proof that the tree of ``old`` leaves is a part of that of ``size``, which is
        ``head``'s unless an earlier one is asked for; empty for 0."""
        head = head or self.head
        if old == 0:
            return []
        with self._tree.under(head) as get:
            return merkle.consistency_proof(old, size or head.size, get)

    def hashes(self, first: int, head: Committed) -> Hashes:
        """Leaf hashes from ``first`` up to ``head``, and the subtrees before."""
        with self._tree.under(head) as get:
            return Hashes.of(first, head.size, get)

    def tile(self, tile: Tile) -> bytes | None:
        """The bytes of a tile (``protocol/tiles.py``); None where the tree does not reach."""
        level, first = tile.first
        last = first + tile.width - 1
        if not tile.exists(self.head.size):
            return None
        if tile.level is None:
            return encode_bundle([entry for _, entry in self.entries(first, last)])
        with self._db.engine.connect() as connection:
            found = nodes.between(connection, level, first, last + 1)
            return b"".join(kept for _, kept in found)

    # ── blobs ────────────────────────────────────────────────────────────────────────────

    def namings(self, sha256: bytes, agency: str, size: int | None = None) -> list[Blob]:
        """The records of an agency that name a blob, those that it came for and the first ones
        first."""
        sized = () if size is None else (BLOB.c.size == size,)
        return self._namings(BLOB.c.sha256 == sha256, BLOB.c.agency == agency, *sized)

    def blob(self, sha256: bytes, agency: str, size: int | None = None) -> Blob | None:
        """The first of them."""
        return next(iter(self.namings(sha256, agency, size)), None)

    def is_named(self, sha256: bytes) -> bool:
        """Whether any record of anybody names a blob."""
        return bool(self._namings(BLOB.c.sha256 == sha256))

    def named_after(self, cursor: int, last: int) -> list[tuple[int, bytes, int]]:
        """(index, journal, stored_index) of namings in (``cursor``, ``last``] of what the office
        had said to be stored by ``cursor``."""
        with self._db.engine.connect() as connection:
            return namings.named_after(connection, cursor, last)

    def blobs_of(self, journal: bytes) -> list[Blob]:
        """The blobs that a journal's records name."""
        return self._namings(BLOB.c.journal == journal)

    def wanted(self) -> list[Blob]:
        """The blobs that are named and did not come yet."""
        return self._namings(BLOB.c.stored_index.is_(None))

    def holds(self, blob: Blob) -> bool:
        """Whether the bytes are here as this agency's: it sent them, or nobody else names them.
        Another's hash is easily named; who names it has not shown to hold the bytes."""
        if not self._blobs.has(blob.sha256):
            return False
        with self._db.engine.connect() as connection:
            return blob.stored_index is not None or not namings.is_shared(connection, blob)

    def blob_path(self, sha256: bytes) -> Path | None:
        """The file of a stored blob."""
        return self._blobs.path(sha256) if self._blobs.has(sha256) else None

    # ── reference data ───────────────────────────────────────────────────────────────────

    def reference(self, agency: str) -> tuple[int, bytes] | None:
        """The newest published version for an agency, and its signed bundle."""
        version = self.registry.references.get(agency)
        if version is None:
            return None
        with self._db.engine.connect() as connection:
            bundle = bundles.read(connection, agency, version)
        return None if bundle is None else (version, bundle)

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _entries(self, indexes: Sequence[int]) -> dict[int, bytes]:
        with self._db.engine.connect() as connection:
            return leaves.entries_at(connection, indexes)

    def _namings(self, *where: ColumnElement[bool]) -> list[Blob]:
        with self._db.engine.connect() as connection:
            return namings.find(connection, *where)

    def _records(self, found: Iterable[Leaf]) -> list[Record[Statement | Unknown]]:
        """Records for pages and folds. A rotten row is left out: the integrity report names
        it, and a case file of it is refused."""
        return list(self._read(readable(found)))

    def _read(self, links: Iterable[Linked]) -> Iterator[Record[Statement | Unknown]]:
        for one in links:
            record = self.read(one)
            if record is not None:
                yield record

    def read(self, one: Linked) -> Record[Statement | Unknown] | None:
        """The record of a link, if its statement is here as it was linked, and can be read."""
        if one.envelope is None:
            return None
        try:
            envelope, verdict = dsse.decode(one.envelope), one.verdict
            read: Statement | Unknown | None = statements.decode(envelope.body)
        except Malformed:
            return None
        named = sorted({made.key_id for made in envelope.signatures})
        if verdict is Verdict.ACCEPTED and self.registry.surely_checked(named):
            signers = tuple(named)
        else:
            judged = judge(envelope, self.registry)
            read, signers = judged.read, judged.signers
        if read is None or dsse.record_hash(envelope) != one.link.record:
            return None
        return Record(one.link.record, read, signers, one.link, one.index)
