"""Recompute everything from nothing, and name what differs.

    entries      numbered from 0 without a gap, each well formed, in rows that can be read
    lookup       each is found by its hashes and by what it says (``filings.py``)
    tree         every stored hash is the one that the entries give
    checkpoints  each signed by the log's key (or that of the log that it succeeded), over the
                 root of the entries at its size
    links        each entry has its link, at the place and with the hash that it says
    journals     each chain follows from its first link to the head that is kept
    statements   each is the record that its link names (``saidcheck.py``)
    closings     a closed journal ends where the office closed it; what was adopted is here
    blobs        each that a statement names is listed; a stored one has its bytes
    references   each published version's bundle is the stated one, and tablets can follow to it
    beside       what is kept beside the log follows from it (``besides.py``)

The log is gone through once, ``WINDOW`` entries at a time with all that belongs to them; what has
to be remembered until its end lies on the disk (``seen.py``), so that memory does not grow with the
log. Reads through a snapshot, so it runs while the server does. Yields every difference, in the
order of the log, and of one window the first one first; a consequence of one may follow as another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from protocol.chain import EMPTY, Head, advance, decode_link
from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from protocol.errors import FujieError, Malformed
from protocol.merkle import leaf_hash
from protocol.receipt import Entry
from protocol.registry import journals
from protocol.registry.registry import Registry
from sync_server.log import cosigning, leaves, lineage, lookup
from sync_server.log.intake import Checked
from sync_server.log.leaves import Leaf
from sync_server.log.lineage import Former
from sync_server.log.packed import is_whole
from sync_server.log.standing import load_offices, load_registry
from sync_server.log.tree import Tree
from sync_server.store import bundles
from sync_server.store.blobs import BlobStore
from sync_server.store.tables import CHECKPOINT, JOURNAL, METADATA, STRETCH
from sync_server.upkeep import besides, blobcheck, filings, saidcheck, treecheck, tufcheck
from sync_server.upkeep.seen import Seen, remembering

WINDOW = 512
"""Entries that are looked at together, and those that share the last one's row: with their
statements they are in memory at once."""
_ROWS = 4


@dataclass(frozen=True)
class Difference:
    """Something that is not as the log says: which check, and what it found."""

    check: str
    detail: str


Progress = Callable[[str, int, int], None]


@dataclass
class Window:
    """Some entries of the log from ``first`` on, what stands with each, and the links that are
    theirs."""

    first: int
    entries: list[Entry] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    links: dict[int, Checked] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The first entry behind it."""
        return self.first + len(self.entries)

    def __iter__(self) -> Iterator[tuple[int, Entry]]:
        return enumerate(self.entries, self.first)


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
        self._tree = Tree()
        self._before = 0
        self._row: int | None = None
        self._is_broken = False
        self._heads: dict[bytes, Head] = {}
        self._formers: list[Former] = []
        self._offices: tuple[bytes, ...] = ()
        self._registry = Registry()
        self.size = 0
        """Entries read."""

    def run(self) -> Iterator[Difference]:
        """All checks. Raises Refused where there is no room to remember what was read."""
        whole = leaves.size(self._db)
        yield from self._guarded("tree", self._learn())
        with remembering() as seen:
            said = saidcheck.Statements(self._db, self._registry, self._offices, seen)
            yield from self._guarded("statements", said.begin())
            for window in self._windows():
                self._progress("log", window.first, whole)
                yield from self._guarded("entries", self._read_entries(window))
                if not window.entries:
                    break
                self.size = window.end
                yield from self._guarded("tree", self._check_tree(window))
                yield from self._guarded("links", self._check_links(window))
                yield from self._guarded("journals", self._check_chains(window))
                yield from self._guarded("statements", said.check(window))
            for name, check in self._closing(said, seen):
                self._progress(name, whole, whole)
                yield from self._guarded(name, check)
        self._progress("done", whole, whole)

    def _closing(self, said: saidcheck.Statements, seen: Seen) -> Iterable[tuple[str, Any]]:
        """What can be said when all of the log was read."""
        return (
            ("lookup", lookup.differences(self._db, self.size)),
            ("lookup", filings.differences(self._db)),
            ("tree", self._check_edges()),
            ("journals", self._check_journals()),
            ("statements", said.end()),
            ("closings", self._check_closings()),
            (
                "blobs",
                blobcheck.differences(self._db, self._blobs, seen, self.size, self._offices),
            ),
            ("references", self._check_references(said.published)),
            ("evidence", besides.evidence(self._db, self._registry)),
            ("requests", besides.requests(self._db)),
            ("cosignatures", cosigning.differences(self._db)),
        )

    def _guarded(self, name: str, check: Iterable[str]) -> Iterator[Difference]:
        try:
            for detail in check:
                yield Difference(name, detail)
        except (SQLAlchemyError, TypeError, ValueError, FujieError) as fault:
            # Text where bytes should be, say: whoever wrote that, it was not this program.
            kind = str(getattr(fault, "orig", fault))
            yield Difference(name, f"a row cannot be read: {kind[:80]!r}")

    def _learn(self) -> Iterator[str]:
        """Whose word counts: what the office's records make of agencies, persons and keys."""
        self._offices = load_offices(self._db)
        self._registry = load_registry(self._db, self._offices)
        try:
            signed = lineage.successions(self._db, self._offices)
            self._formers = lineage.formers(signed, self._registry) if signed else []
        except FujieError:
            return  # what cannot be read is named among the statements
        yield from ()

    def _windows(self) -> Iterator[Window]:
        """The log, for as long as it goes on without a gap."""
        first = 0
        while not self._is_broken:
            window = Window(first)
            yield window
            first = window.end

    def _read_entries(self, window: Window) -> Iterator[str]:
        """The next rows. One below zero is found among the first, one far above behind all."""
        query = select(STRETCH).order_by(STRETCH.c.first).limit(WINDOW)
        if self._row is not None:
            query = query.where(STRETCH.c.first > self._row)
        # Some at a time: a driver that fetches them all holds a table.
        with self._db.execute(query, execution_options={"yield_per": _ROWS}) as rows:
            for row in rows:
                self._row = row.first
                yield from self._read_row(window, row)
                if self._is_broken or len(window.entries) >= WINDOW:
                    return

    def _read_row(self, window: Window, row: Any) -> Iterator[str]:
        first = row.first
        if first > window.end:
            yield f"entry {window.end} is missing"
            self._is_broken = True
            return
        if first < window.end or row.length < 1:
            yield f"a row of {row.length} entries begins at entry {first}, out of place"
            return
        for name in ("entries", "links", "filed", "statements"):
            if not is_whole(row._mapping[name], row.length, filed=name == "filed"):
                yield f"the {name} of the row that begins at entry {first} cannot be read"
                self._is_broken = self._is_broken or name == "entries"
        for leaf in () if self._is_broken else leaves.in_row(row):
            try:
                entry = Entry.decode(leaf.entry)
            except Malformed as fault:
                yield f"entry {leaf.index}: {fault}"
                self._is_broken = True
                return
            window.entries.append(entry)
            window.leaves.append(leaf)

    def _check_tree(self, window: Window) -> Iterator[str]:
        c = CHECKPOINT.c
        signed = select(c.size, c.note).where(c.size > window.first, c.size <= window.end)
        notes = {row.size: row.note for row in self._db.execute(signed)}
        for index, entry in window:
            # Entries of two moments were two commits: between them the log signed a head.
            if index and self._before != entry.received_at and index not in notes:
                known = select(c.size).where(c.size == index)
                if index > window.first or self._db.execute(known).first() is None:
                    yield f"checkpoint {index} is missing"
            self._before = entry.received_at
            self._tree.extend([leaf_hash(entry.encode())])
            if self._tree.size in notes:
                yield from self._check_note(notes[self._tree.size])
        yield from treecheck.differences(self._db, self._tree, window.first, window.end)
        self._tree = self._tree.copy()

    def _check_edges(self) -> Iterator[str]:
        """Heads and hashes of more than there is."""
        newest = self._db.execute(select(func.max(CHECKPOINT.c.size))).scalar() or 0
        if self.size and newest != self.size:
            yield f"the newest checkpoint is over {newest} of {self.size} entries"
        for size in self._db.execute(
            select(CHECKPOINT.c.size).where(CHECKPOINT.c.size < 1)
        ).scalars():
            yield f"checkpoint {size} is over no entries"
        yield from treecheck.rows(self._db, self.size)

    def _check_note(self, note: bytes) -> Iterator[str]:
        size = self._tree.size
        try:
            found = open_checkpoint(note, *self._signers(size))
        except FujieError as fault:
            yield f"checkpoint {size}: {fault}"
            return
        if found != Checkpoint(found.origin, size, self._tree.root()):
            yield f"checkpoint {size} is over another history than the entries"

    def _signers(self, size: int) -> tuple[Sequence[VerifierKey], str]:
        """The keys and the name under which a head of ``size`` entries was signed."""
        for former in self._formers:
            if size <= former.size:
                return former.keys, former.origin
        return self._log_keys, self._log_keys[0].name

    def _check_links(self, window: Window) -> Iterator[str]:
        for leaf, entry in zip(window.leaves, window.entries, strict=True):
            index = leaf.index
            if not leaf.link:
                yield f"the link of entry {index} is missing"
                continue
            try:
                link = decode_link(leaf.link)
            except Malformed as fault:
                yield f"link of entry {index}: {fault}"
                continue
            if (leaf.journal, leaf.sequence) != (link.journal, link.sequence):
                yield f"link of entry {index} is listed under another place than its own"
            if (entry.link_hash, entry.record_hash) != (link.hash(), link.record):
                yield f"link {link.sequence} of journal {link.journal.hex()} is not entry {index}"
                continue
            window.links[index] = Checked(link, leaf.link, entry.link_hash)

    def _check_chains(self, window: Window) -> Iterator[str]:
        for index, item in sorted(window.links.items()):
            link = item.link
            try:
                self._heads[link.journal] = advance(self._heads.get(link.journal, EMPTY), link)
            except FujieError as fault:
                yield f"entry {index}, journal {link.journal.hex()}: {fault}"
                self._heads[link.journal] = Head(link.sequence + 1, item.link_hash)

    def _check_journals(self) -> Iterator[str]:
        kept = {journal: head for journal, (head, _) in self._kept_journals().items()}
        for journal, head in self._heads.items():
            if kept.get(journal) != head:
                yield f"the kept head of journal {journal.hex()} is not that of its links"
        for journal, head in kept.items():
            if journal not in self._heads and head != EMPTY:
                yield f"journal {journal.hex()} has a head and no link"
        yield from besides.journals(self._db, self._registry, self._offices)

    def _check_closings(self) -> Iterator[str]:
        c = STRETCH.c

        def place(journal: bytes, sequence: int) -> int:
            before = select(c.first, c.length, c.sequence).where(
                c.journal == journal, c.sequence <= sequence
            )
            row = self._db.execute(before.order_by(c.sequence.desc()).limit(1)).first()
            if row is None or sequence >= row.sequence + row.length:
                return -1
            index = int(row.first + sequence - row.sequence)
            return index if index < self.size else -1

        yield from journals.differences(self._registry, self._kept_journals(), place)

    def _kept_journals(self) -> dict[bytes, tuple[Head, str]]:
        return {
            row["journal"]: (Head(row["length"], row["head"]), row["state"])
            for row in self._db.execute(select(JOURNAL)).mappings()
        }

    def _check_references(self, published: tufcheck.Published) -> Iterator[str]:
        c = METADATA.tables["reference"].c
        kept = {}
        for agency, version in self._db.execute(select(c.agency, c.version)).all():
            bundle = bundles.read(self._db, agency, version) or b""
            kept[agency, version] = hashlib.sha256(bundle).hexdigest()
        for (agency, version), sha256 in sorted(published.items()):
            if kept.get((agency, version)) != sha256:
                yield f"reference data {version} of {agency} is not the published one"
        yield from besides.references(kept, published)
        yield from tufcheck.differences(self._db, self._registry, published)
