"""Recompute everything from nothing, and name what differs.

    entries      numbered from 0 without a gap, each well formed
    tree         every stored hash is the one that the entries give
    checkpoints  each signed by the log's key (or that of the log that it succeeded), over the
                 root of the entries at its size
    links        each entry has its link, at the place and with the hash that it says
    journals     each chain follows from its first link to the head that is kept
    statements   each is the record that its link names; absent only if the entry is flagged,
                 or the record was destroyed by those who may;
                 an accepted one still verifies; what is kept for look-up is what it says
    closings     a closed journal ends where the office closed it; what was adopted is here
    blobs        each that a statement names is listed; a stored one has its bytes
    references   each published version's bundle is the stated one, and tablets can follow to it
    beside       what is kept beside the log follows from it (``besides.py``)

Reads through a snapshot, so it runs while the server does. Yields every difference, the first
one first; a consequence of one may follow as another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.exc import SQLAlchemyError

from protocol import envelope as dsse
from protocol.case import AnyRecord, Record
from protocol.chain import EMPTY, Head, advance, decode_link
from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from protocol.errors import FujieError, Malformed
from protocol.merkle import leaf_hash
from protocol.receipt import Entry, Verdict
from protocol.registry import authority, journals
from protocol.registry.registry import Registry
from protocol.statements import BlobStored, RecordDestroyed, ReferencePublished, case_of, kind_of
from sync_server.log import cosigning, lineage, lookup, namings
from sync_server.log.intake import Checked, check_statement
from sync_server.log.lineage import Former
from sync_server.log.standing import load_offices, load_registry
from sync_server.log.tree import Tree
from sync_server.store.blobs import BlobStore
from sync_server.store.db import as_kept
from sync_server.store.tables import (
    BLOB,
    CHECKPOINT,
    ENTRY,
    JOURNAL,
    LINK,
    METADATA,
    STATEMENT,
    TREE,
)
from sync_server.upkeep import besides, tufcheck


@dataclass(frozen=True)
class Difference:
    """Something that is not as the log says: which check, and what it found."""

    check: str
    detail: str


Progress = Callable[[str, int, int], None]
Case = tuple[str, bytes | None]
"""An agency, and one of its cases."""


class Fsck:
    """One run over a database and a folder of blobs."""

    def __init__(
        self,
        connection: Connection,
        blobs: BlobStore,
        log_keys: Sequence[VerifierKey],
        progress: Progress = lambda _check, _done, _all: None,
    ) -> None:
        self._db = connection
        self._blobs = blobs
        self._log_keys = log_keys
        self._progress = progress
        self._entries: list[Entry] = []
        self._first: dict[bytes, int] = {}
        self._links: dict[int, Checked] = {}
        self._kept: set[bytes] = set()
        self._destroyed: set[bytes] = set()
        self._gone: set[bytes] = set()
        self._emptied: set[Case] = set()
        self._cases: dict[bytes, set[Case]] = {}
        self._named: dict[tuple[bytes, bytes], dict[str, Any]] = {}
        self._stated: dict[namings.Key, int] = {}
        self._published: dict[tuple[str, int], str] = {}
        self._formers: list[Former] = []
        self._offices: tuple[bytes, ...] = ()
        self._registry = Registry()

    def run(self) -> Iterator[Difference]:
        """All checks in order."""
        checks = (
            ("entries", self._check_entries),
            ("lookup", lambda: lookup.differences(self._db, self.size)),
            ("tree", self._check_tree),
            ("links", self._check_links),
            ("journals", self._check_journals),
            ("statements", self._check_statements),
            ("closings", self._check_closings),
            ("blobs", self._check_blobs),
            ("references", self._check_references),
            ("evidence", lambda: besides.evidence(self._db, self._registry)),
            ("cosignatures", lambda: cosigning.differences(self._db)),
        )
        for number, (name, check) in enumerate(checks):
            self._progress(name, number, len(checks))
            try:
                for detail in check():
                    yield Difference(name, detail)
            except (SQLAlchemyError, TypeError, ValueError, FujieError) as fault:
                # Text where bytes should be, say: whoever wrote that, it was not this program.
                kind = str(getattr(fault, "orig", fault))
                yield Difference(name, f"a row cannot be read: {kind[:80]!r}")
        self._progress("done", len(checks), len(checks))

    @property
    def size(self) -> int:
        """Entries read."""
        return len(self._entries)

    def _rows(self, query: Select[Any]) -> Any:
        """Some at a time: a driver that fetches them all holds every envelope of the log."""
        return self._db.execute(query, execution_options={"yield_per": 1000}).mappings()

    def _read_formers(self) -> list[Former]:
        try:
            signed = lineage.successions(self._db, self._offices)
            return lineage.formers(signed, self._registry) if signed else []
        except FujieError:
            return []  # what cannot be read is named among the statements

    def _check_entries(self) -> Iterator[str]:
        for row in self._rows(select(ENTRY).order_by(ENTRY.c.index)):
            if row["index"] != len(self._entries):
                yield f"entry {len(self._entries)} is missing"
                return
            try:
                entry = Entry.decode(row["entry"])
            except Malformed as fault:
                yield f"entry {row['index']}: {fault}"
                return
            if (entry.link_hash, entry.record_hash) != (row["link_hash"], row["record_hash"]):
                yield f"entry {row['index']} is listed under other hashes than its own"
            self._entries.append(entry)
            self._first.setdefault(entry.record_hash, row["index"])

    def _check_tree(self) -> Iterator[str]:
        self._offices = load_offices(self._db)
        self._registry = load_registry(self._db, self._offices)
        self._formers = self._read_formers()
        notes = {row.size: row.note for row in self._db.execute(select(CHECKPOINT))}
        if self._entries and max(notes, default=0) != len(self._entries):
            yield f"the newest checkpoint is over {max(notes, default=0)} of {self.size} entries"
        tree, hashes = Tree(), {}
        for entry in self._entries:
            tree.append(leaf_hash(entry.encode()))
            if tree.size in notes:
                yield from self._check_note(notes[tree.size], tree)
        yield from besides.heads(self._entries, notes)
        hashes = tree.added
        stored = {(row[0], row[1]): row[2] for row in self._db.execute(select(TREE))}
        for at in sorted(hashes.keys() | stored.keys()):
            if hashes.get(at) != stored.get(at):
                yield f"tree hash {at[0]}/{at[1]} is not the one that the entries give"

    def _check_note(self, note: bytes, tree: Tree) -> Iterator[str]:
        try:
            found = open_checkpoint(note, *self._signers(tree.size))
        except FujieError as fault:
            yield f"checkpoint {tree.size}: {fault}"
            return
        if found != Checkpoint(found.origin, tree.size, tree.root()):
            yield f"checkpoint {tree.size} is over another history than the entries"

    def _signers(self, size: int) -> tuple[Sequence[VerifierKey], str]:
        """The keys and the name under which a head of ``size`` entries was signed."""
        for former in self._formers:
            if size <= former.size:
                return former.keys, former.origin
        return self._log_keys, self._log_keys[0].name

    def _check_links(self) -> Iterator[str]:
        for row in self._rows(select(LINK).order_by(LINK.c.index)):
            index = row["index"]
            try:
                link = decode_link(row["link"])
            except Malformed as fault:
                yield f"link of entry {index}: {fault}"
                continue
            listed = (row["journal"], row["sequence"], row["record_hash"], row["link_hash"])
            if listed != (link.journal, link.sequence, link.record, link.hash()):
                yield f"link of entry {index} is listed under another place or hash than its own"
            entry = self._entries[index] if index < self.size else None
            if entry is None or entry.link_hash != link.hash() or entry.record_hash != link.record:
                yield f"link {link.sequence} of journal {link.journal.hex()} is not entry {index}"
                continue
            self._links[index] = Checked(link, row["link"], entry.link_hash)
        for index in range(self.size):
            if index not in self._links:
                yield f"the link of entry {index} is missing"

    def _check_journals(self) -> Iterator[str]:
        heads: dict[bytes, Head] = {}
        for index, item in sorted(self._links.items()):
            link = item.link
            try:
                heads[link.journal] = advance(heads.get(link.journal, EMPTY), link)
            except FujieError as fault:
                yield f"entry {index}, journal {link.journal.hex()}: {fault}"
                heads[link.journal] = Head(link.sequence + 1, item.link_hash)
        kept = {
            row["journal"]: Head(row["length"], row["head"])
            for row in self._db.execute(select(JOURNAL)).mappings()
        }
        for journal, head in heads.items():
            if kept.get(journal) != head:
                yield f"the kept head of journal {journal.hex()} is not that of its links"
        for journal, head in kept.items():
            if journal not in heads and head != EMPTY:
                yield f"journal {journal.hex()} has a head and no link"
        yield from besides.journals(self._db, self._registry, self._offices)

    def _check_statements(self) -> Iterator[str]:
        registry = self._registry
        for row in self._rows(select(STATEMENT).order_by(STATEMENT.c.index)):
            try:
                envelope = dsse.decode(row["envelope"])
            except Malformed as fault:
                yield f"statement {row['record_hash'].hex()}: {fault}"
                continue
            record = dsse.record_hash(envelope)
            if record != row["record_hash"] or self._first.get(record) != row["index"]:
                yield f"statement {row['record_hash'].hex()} is not the record that it stands for"
                continue
            self._kept.add(record)
            yield from self._check_statement(dict(row), envelope, registry)
        for index, entry in enumerate(self._entries):
            absent = entry.record_hash not in self._kept
            destroyed = entry.record_hash in self._destroyed
            if entry.verdict is Verdict.ACCEPTED and absent and not destroyed:
                yield f"the statement of entry {index} is missing"
            if destroyed and not absent:
                yield f"the statement of entry {index} was destroyed and is still here"
        yield from besides.statements(self._db, self._entries, self._kept | self._destroyed)

    def _check_statement(
        self, row: dict[str, object], envelope: dsse.Envelope, registry: Registry
    ) -> Iterator[str]:
        index = self._first[dsse.record_hash(envelope)]
        if index not in self._links:
            return
        item = check_statement(self._links[index], envelope, b"", registry)
        if self._entries[index].verdict is Verdict.ACCEPTED and item.reasons:
            reasons = ", ".join(reason.en for reason in item.reasons)
            yield f"entry {index} was accepted, and its statement does not verify: {reasons}"
        read = item.read
        says: tuple[Any, ...] = ("", None, "", 0)
        if read is not None:
            told = kind_of(read), case_of(read, item.link.record), read.agency, read.at
            says = as_kept(self._db, *told)
        if (row["kind"], row["case_id"], row["agency"], row["at"]) != says:
            yield f"the statement of entry {index} is listed as another than it is"
        if read is None:
            return
        journal, record = self._links[index].link.journal, self._links[index].link.record
        for named in namings.namings(read, envelope.body, record, journal):
            kept = as_kept(self._db, *named.values())
            self._named[named["sha256"], record] = dict(zip(named, kept, strict=True))
            self._cases.setdefault(named["sha256"], set()).add((says[2], says[1]))
        if self._is_office(index):
            self._take_word(Record(item.link.record, read, item.signers, item.link, index))

    def _take_word(self, record: AnyRecord) -> None:
        """What the office says to be destroyed, stored, published."""
        said, index = record.statement, record.index or 0
        if isinstance(said, RecordDestroyed) and authority.stands(self._registry, record):
            self._destroyed |= {bytes.fromhex(one) for one in said.records}
            self._gone |= {bytes.fromhex(one) for one in said.blobs if one != said.appraisal.sha256}
            self._emptied.add((said.agency, bytes.fromhex(said.case) if said.case else None))
        if isinstance(said, BlobStored):
            key = bytes.fromhex(said.sha256), said.agency, said.size
            self._stated.setdefault(key, index)
        if isinstance(said, ReferencePublished):
            self._published[said.agency, said.version] = said.sha256

    def _check_closings(self) -> Iterator[str]:
        places = {(c.link.journal, c.link.sequence): index for index, c in self._links.items()}
        kept = {
            row["journal"]: (Head(row["length"], row["head"]), row["state"])
            for row in self._db.execute(select(JOURNAL)).mappings()
        }
        yield from journals.differences(self._registry, kept, places)

    def _is_office(self, index: int) -> bool:
        """Whether an entry is an accepted one of the office's: its word alone counts for what is
        stored and what is published."""
        accepted = self._entries[index].verdict is Verdict.ACCEPTED
        return accepted and self._links[index].link.journal in self._offices

    def _check_blobs(self) -> Iterator[str]:
        rows = self._db.execute(select(BLOB)).mappings()
        listed = {(row["sha256"], row["record_hash"]): dict(row) for row in rows}
        for sha256, _ in sorted(self._named.keys() ^ listed.keys()):
            yield f"blob {sha256.hex()} is named and not listed, or listed and not named"
        stored = set()
        for sha256, record in sorted(self._named.keys() & listed.keys()):
            row = listed[sha256, record]
            named = self._named[sha256, record]
            if row != named | {"stored_index": row["stored_index"]}:
                yield f"blob {sha256.hex()} is listed as another than its record names"
            if row["stored_index"] != self._stated.get(namings.key_of(named)):
                yield f"blob {sha256.hex()} is listed as stored by another entry than says so"
            stored |= {sha256} if namings.key_of(named) in self._stated else set()
        # What a case that stands names too was not destroyed with the other.
        gone = {one for one in self._gone if self._cases.get(one, set()) <= self._emptied}
        for sha256 in sorted(stored - gone):
            if not self._blobs.check(sha256):
                yield f"the bytes of blob {sha256.hex()} are missing or altered"
        for sha256 in sorted(gone):
            if self._blobs.has(sha256):
                yield f"blob {sha256.hex()} was destroyed and is still here"

    def _check_references(self) -> Iterator[str]:
        table = METADATA.tables["reference"]
        rows = self._db.execute(select(table)).mappings()
        kept = {
            (row["agency"], row["version"]): hashlib.sha256(row["bundle"]).hexdigest()
            for row in rows
        }
        for (agency, version), sha256 in sorted(self._published.items()):
            if kept.get((agency, version)) != sha256:
                yield f"reference data {version} of {agency} is not the published one"
        yield from besides.references(kept, self._published)
        yield from tufcheck.differences(self._db, self._registry, self._published)
