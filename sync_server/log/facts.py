"""Reading the facts: what projections, pages, reports and case files are made from.

    facts.case(case_id)          the records of one case, in the order of the log
    facts.journal(journal)       every link of a device, with its record where there is one
    facts.receipt(link_hash)     proof that a link is in the log, to the newest checkpoint

Nothing here writes. A record whose entry says accepted was verified when it was admitted, and
the log commits to that verdict; the signatures of a flagged one are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from protocol import envelope as dsse
from protocol import merkle, paths, statements
from protocol.answer import Hashes
from protocol.case import Record
from protocol.chain import decode_link
from protocol.errors import Malformed
from protocol.receipt import Receipt, Verdict
from protocol.registry.registry import Registry
from protocol.statements import Statement, Unknown
from protocol.tiles import Tile, encode_bundle
from sync_server.log import lineage, lookup, namings
from sync_server.log.factrows import (
    Evidence,
    Linked,
    NotHeld,
    TreeHashes,
    linked,
    readable,
    stated,
)
from sync_server.log.intake import judge
from sync_server.log.lineage import Former
from sync_server.log.namings import Blob
from sync_server.log.sequencer import Committed, Sequencer
from sync_server.store import bundles
from sync_server.store.blobs import BlobStore
from sync_server.store.db import Database
from sync_server.store.tables import (
    BLOB,
    ENTRY,
    EVIDENCE,
    LINK,
    STATEMENT,
    TREE,
)

OPENING = ("inspection_opened", "case_opened")
"""The kinds that may open a case (``statements.opens_case``)."""


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
        found = self._records(stated().where(STATEMENT.c.record_hash == record_hash))
        return next(iter(found), None)

    def case(self, case: bytes) -> list[Record[Statement | Unknown]]:
        """The records of a case, field's and office's, in the order of the log."""
        return self.of_cases([case])

    def of_cases(self, cases: Sequence[bytes]) -> list[Record[Statement | Unknown]]:
        """Those of some cases together; at most some hundred."""
        return self._records(stated().where(STATEMENT.c.case_id.in_(cases)))

    def of_kind(self, *kinds: str) -> list[Record[Statement | Unknown]]:
        """Every record of these kinds, in the order of the log."""
        return self._records(stated().where(STATEMENT.c.kind.in_(kinds)))

    def envelope(self, record_hash: bytes) -> bytes | None:
        """A statement's envelope as it came (msgpack form)."""
        with self._db.engine.connect() as connection:
            return connection.execute(
                select(STATEMENT.c.envelope).where(STATEMENT.c.record_hash == record_hash)
            ).scalar()

    def case_version(self, case: bytes) -> int:
        """How many statements of a case are here: what ``OfficeJournal.state`` expects."""
        with self._db.engine.connect() as connection:
            counted = connection.execute(
                select(func.count()).select_from(STATEMENT).where(STATEMENT.c.case_id == case)
            ).scalar_one()
        return int(counted)

    def cases(self) -> list[bytes]:
        """The ids of all cases, the newest opening first."""
        with self._db.engine.connect() as connection:
            found = connection.execute(
                select(STATEMENT.c.record_hash)
                .where(
                    STATEMENT.c.kind.in_(OPENING),
                    STATEMENT.c.case_id == STATEMENT.c.record_hash,
                )
                .order_by(STATEMENT.c.index.desc())
            )
            return [row[0] for row in found]

    # ── links ────────────────────────────────────────────────────────────────────────────

    def journal(self, journal: bytes, first: int = 0, last: int | None = None) -> list[Linked]:
        """The links of a journal by sequence, from ``first`` up to and with ``last``."""
        query = linked(LINK.c.sequence).where(LINK.c.journal == journal, LINK.c.sequence >= first)
        if last is not None:
            query = query.where(LINK.c.sequence <= last)
        return self._links(query)

    def office_records(
        self, offices: Sequence[bytes], kinds: Sequence[str], index: int, limit: int
    ) -> list[Linked]:
        """Links of the office's journals behind ``index`` whose statements are of these kinds, up
        to ``limit``; fewer only where there are no more. One that rotted is passed over."""
        query = stated().where(
            LINK.c.journal.in_(offices), STATEMENT.c.index > index, STATEMENT.c.kind.in_(kinds)
        )
        with self._db.engine.connect() as connection:
            rows = connection.execute(query.limit(limit)).all()
        found = readable(rows)
        if len(rows) == limit and len(found) < limit:
            found += self.office_records(offices, kinds, rows[-1][2], limit - len(found))
        return found

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
        return self._links(linked().where(LINK.c.index.in_(places)))

    def link_at(self, index: int) -> Linked | None:
        """The link whose entry this is."""
        return next(iter(self._links(linked().where(LINK.c.index == index))), None)

    def entries(self, first: int = 0, last: int | None = None) -> list[tuple[int, bytes]]:
        """(index, entry) of the log from ``first`` up to and with ``last``."""
        query = select(ENTRY.c.index, ENTRY.c.entry).where(ENTRY.c.index >= first)
        if last is not None:
            query = query.where(ENTRY.c.index <= last)
        with self._db.engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.execute(query.order_by(ENTRY.c.index))]

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
            named = (ENTRY.c.index.in_(places), ENTRY.c.link_hash == link_hash)
            row = connection.execute(select(ENTRY.c.index, ENTRY.c.entry).where(*named)).first()
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
        c = TREE.c
        query = select(c.hash).where(c.level == level, c.index.between(first, last))
        with self._db.engine.connect() as connection:
            return b"".join(connection.execute(query.order_by(c.index)).scalars())

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
        query = select(ENTRY.c.index, ENTRY.c.entry).where(ENTRY.c.index.in_(list(indexes)))
        with self._db.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def _namings(self, *where: ColumnElement[bool]) -> list[Blob]:
        with self._db.engine.connect() as connection:
            return namings.find(connection, *where)

    def _links(self, query: Select[Any]) -> list[Linked]:
        with self._db.engine.connect() as connection:
            return [
                Linked(decode_link(link), link, link_hash, index, entry, signed)
                for link, link_hash, index, entry, signed in connection.execute(query)
            ]

    def _records(self, query: Select[Any]) -> list[Record[Statement | Unknown]]:
        """Records for pages and folds. A rotten row is left out: the integrity report names
        it, and a case file of it is refused."""
        with self._db.engine.connect() as connection:
            rows = connection.execute(query).all()
        return list(self._read(readable(rows)))

    def _read(self, links: Sequence[Linked]) -> Iterator[Record[Statement | Unknown]]:
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
