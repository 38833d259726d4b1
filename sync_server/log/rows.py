"""The rows of one commit, and how they are written.

What follows one another in a journal and in the log is one row, whether it came as a stretch or
one by one (``leaves.py``). Facts are only added: where a row may be there already (a blob that two
statements name, evidence sent again) the first one stays. What a stretch holds changes in three
cases, here and nowhere else: a statement comes after its link, can be read later, or is destroyed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select, update

from protocol.chain import Link
from protocol.statements import BlobRef
from sync_server.log import leaves, namings
from sync_server.log.leaves import Leaf
from sync_server.log.packed import (
    MOST_BYTES,
    Filed,
    listed,
    packed,
    unpacked,
    unpacked_filed,
)
from sync_server.log.standing import JournalHead
from sync_server.log.stretch import Stretch
from sync_server.store.db import as_kept
from sync_server.store.inserting import Row, Values, add, insert
from sync_server.store.tables import (
    BLOB,
    CHECKPOINT,
    EVIDENCE,
    JOURNAL,
    LATE,
    STRETCH,
    STRETCH_CASE,
    STRETCH_KIND,
)

MOST = 128
"""Entries of a row, unless one push brought more: who reads one of them reads the row."""

_Kind = tuple[str, str, int]
_Case = tuple[bytes, int]
Columns = tuple[bytes, bytes, bytes]
"""Links, filings and statements of a row, packed."""
Said = tuple[Filed | None, bytes | None]
"""What a statement is looked up by, and its bytes."""

_KIND, _CASE = ("kind", "agency", "first"), ("case_id", "first")
_STRETCH = tuple(one.name for one in STRETCH.c)


class Given(NamedTuple):
    """What a leaf is given after its commit: the bytes of its link where they rotted; a statement
    with what it is looked up by, or nothing in the place of both."""

    link: bytes | None = None
    said: Said | None = None


class Run:
    """Leaves that are to be one row: those of a stretch, whose columns are packed, or as they come
    one by one."""

    def __init__(
        self, first: int, journal: bytes, sequence: int, packed_columns: Columns | None = None
    ) -> None:
        self.first, self.journal, self.sequence = first, journal, sequence
        self.entries: list[bytes] = []
        self._packed = packed_columns
        self._links: list[bytes | None] = []
        self._filed: list[Filed | None] = []
        self._statements: list[bytes | None] = []
        self._bytes = sum(map(len, packed_columns or ()))

    @property
    def is_full(self) -> bool:
        """Whether another row is to be begun."""
        return len(self.entries) >= MOST or self._bytes >= MOST_BYTES

    @property
    def end(self) -> tuple[int, bytes, int]:
        """Where a leaf stands that goes on from here: its place, journal and sequence."""
        count = len(self.entries)
        return self.first + count, self.journal, self.sequence + count

    def add(self, entry: bytes, link: bytes, filed: Filed | None, statement: bytes | None) -> None:
        """One leaf more."""
        self._open()
        self.entries.append(entry)
        self._links.append(link)
        self._filed.append(filed)
        self._statements.append(statement)

    def leaf(self, number: int) -> Leaf:
        """One of the leaves."""
        self._open()
        return Leaf(
            self.first + number,
            self.entries[number],
            self.journal,
            self.sequence + number,
            self._links[number] or b"",
            self._filed[number],
            self._statements[number],
        )

    def fill(self, number: int, filed: Filed, statement: bytes) -> None:
        """What a leaf lacked is here now."""
        self._open()
        self._filed[number], self._statements[number] = filed, statement
        self._bytes += len(statement)

    def values(self) -> Values:
        """The row, in the order of its columns."""
        columns = self._packed or (
            packed(self._links),
            packed(self._filed),
            packed(self._statements),
        )
        count = len(self.entries)
        ends = (self.first, count, self.journal, self.sequence)
        return (*ends, packed(self.entries), *columns)

    def _open(self) -> None:
        if self._packed is not None:
            links, filed, statements = self._packed
            count = len(self.entries)
            self._links, self._statements = unpacked(links, count), unpacked(statements, count)
            self._filed, self._packed = unpacked_filed(filed, count), None


@dataclass
class Rows:
    """What one commit adds, by table: the ``runs`` of leaves, all ``entries`` of them, what they
    are filed under, what is ``amended`` of earlier commits by its place, the records whose
    statements came ``late``; ``blob`` by its key, ``stored`` are what the office states to have
    come, with the index of the statement."""

    runs: list[Run] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    kinds: set[tuple[str, str, int]] = field(default_factory=set)
    cases: set[tuple[bytes, int]] = field(default_factory=set)
    amended: dict[int, Given] = field(default_factory=dict)
    late: list[bytes] = field(default_factory=list)
    evidence: list[Row] = field(default_factory=list)
    blob: dict[tuple[bytes, bytes], Row] = field(default_factory=dict)
    stored: dict[namings.Key, int] = field(default_factory=dict)

    # ── adding ───────────────────────────────────────────────────────────────────────────

    def add(self, place: int, entry: bytes, link: Link, link_bytes: bytes) -> None:
        """A leaf with nothing said yet, behind all others: in the last row, if it goes on there."""
        at = (place, link.journal, link.sequence)
        if not self.runs or self.runs[-1].end != at or self.runs[-1].is_full:
            self.runs.append(Run(*at))
        self.runs[-1].add(entry, link_bytes, None, None)
        self.entries.append(entry)

    def follow(self, stretch: Stretch, first: int, entries: Sequence[bytes]) -> None:
        """The leaves of a stretch, whose entries stand from the place ``first`` on."""
        columns = (stretch.links, stretch.filed, stretch.statements)
        run = Run(first, stretch.journal, stretch.first, columns)
        run.entries += entries
        self.runs.append(run)
        self.entries += entries
        self.kinds.update((*kind, first) for kind in stretch.kinds)
        self.cases.update((case, first) for case in stretch.cases)
        for number, agency, named in stretch.blobs:
            record = stretch.hashes[number][1]
            self.name(named, agency, record, stretch.journal, first + number)

    def say(self, place: int, filed: Filed, statement: bytes) -> None:
        """The statement of a leaf, of this commit or of an earlier one."""
        run, number = self._at(place)
        if run is None:
            self.amended[place] = self._given(place)._replace(said=(filed, statement))
            return
        run.fill(number, filed, statement)
        self.kinds.add((filed.kind, filed.agency, run.first))
        if filed.case is not None:
            self.cases.add((filed.case, run.first))

    def heal(self, place: int, link: bytes) -> None:
        """The link of a leaf of an earlier commit whose bytes rotted."""
        self.amended[place] = self._given(place)._replace(link=link)

    def name(
        self, named: Iterable[BlobRef], agency: str, record: bytes, journal: bytes, place: int
    ) -> None:
        """The blobs that a record names."""
        for row in namings.rows_of(named, agency, record, journal, place):
            self.blob.setdefault((row["sha256"], record), row)

    # ── asking ───────────────────────────────────────────────────────────────────────────

    def link(self, journal: bytes, sequence: int) -> Leaf | None:
        """The leaf of a link that this commit adds."""
        for run in reversed(self.runs):
            number = sequence - run.sequence
            if run.journal == journal and 0 <= number < len(run.entries):
                return run.leaf(number)
        return None

    def record(self, record_hash: bytes) -> Leaf | None:
        """The first leaf of this commit that brings a record."""
        for run in self.runs:
            for number, entry in enumerate(run.entries):
                if entry[33:65] == record_hash and run.leaf(number).statement is not None:
                    return run.leaf(number)
        return None

    def filings(self) -> Iterator[tuple[bytes, Filed]]:
        """What this commit's statements are looked up by, by their records."""
        for run in self.runs:
            for number in range(len(run.entries)):
                leaf = run.leaf(number)
                if leaf.filed is not None:
                    yield leaf.record_hash, leaf.filed

    def _given(self, place: int) -> Given:
        return self.amended.get(place, Given())

    def _at(self, place: int) -> tuple[Run | None, int]:
        at = bisect_right(self.runs, place, key=attrgetter("first")) - 1
        run = self.runs[at] if at >= 0 else None
        held = run is not None and place - run.first < len(run.entries)
        return (run, place - run.first) if run is not None and held else (None, 0)

    # ── writing ──────────────────────────────────────────────────────────────────────────

    def write(self, connection: Connection) -> None:
        """Write everything but the tree, the heads and the checkpoint."""
        insert(connection, STRETCH, _STRETCH, [run.values() for run in self.runs])
        # Two kinds may be one to a database that cannot keep every character.
        kinds = {(*as_kept(connection, *listed(kind, of)), first) for kind, of, first in self.kinds}
        insert(connection, STRETCH_KIND, _KIND, sorted(kinds))
        insert(connection, STRETCH_CASE, _CASE, sorted(self.cases))
        amend(connection, self.amended)
        add_late(connection, self.late)
        add(connection, EVIDENCE, self.evidence, held="hash")
        add(connection, BLOB, list(self.blob.values()), held=namings.HELD)
        known = namings.stored_at(connection, {namings.key_of(row) for row in self.blob.values()})
        namings.mark(connection, [*known.items(), *self.stored.items()])


def amend(connection: Connection, changes: Mapping[int, Given]) -> None:
    """Change what stands at these places of earlier commits."""
    for row, numbers in leaves.rows_at(connection, changes):
        given = {number: changes[row.first + number] for number in numbers}
        links = {number: one.link for number, one in given.items() if one.link}
        said = {number: one.said for number, one in given.items() if one.said is not None}
        columns = _with_links(row, links) | _with_said(connection, row, said)
        if columns:
            ours = STRETCH.c.first == row.first
            connection.execute(update(STRETCH).where(ours).values(columns))


def _with_links(row: Any, given: Mapping[int, bytes]) -> dict[str, bytes]:
    """The column that changes; the others stay, be they rotten."""
    links = unpacked(row.links, row.length)
    for number, link in given.items():
        links[number] = link
    return {"links": packed(links)} if given else {}


def _with_said(connection: Connection, row: Any, given: Mapping[int, Said]) -> dict[str, bytes]:
    if not given:
        return {}
    filed, statements = unpacked_filed(row.filed, row.length), unpacked(row.statements, row.length)
    before = _filings(connection, row.first, filed)
    for number, said in given.items():
        filed[number], statements[number] = said
    _file(connection, before, _filings(connection, row.first, filed))
    return {"filed": packed(filed), "statements": packed(statements)}


def _filings(
    connection: Connection, first: int, filed: Iterable[Filed | None]
) -> tuple[set[_Kind], set[_Case]]:
    """Under what a row is to be found."""
    here = [one for one in filed if one is not None]
    kinds = {(*as_kept(connection, *listed(one.kind, one.agency)), first) for one in here}
    return kinds, {(one.case, first) for one in here if one.case is not None}


def _file(
    connection: Connection,
    before: tuple[set[_Kind], set[_Case]],
    after: tuple[set[_Kind], set[_Case]],
) -> None:
    """Have a row found under what it holds after a change, and no more under what it lost."""
    kind, case = STRETCH_KIND.c, STRETCH_CASE.c
    for name, agency, first in before[0] - after[0]:
        gone = kind.kind == name, kind.agency == agency, kind.first == first
        connection.execute(delete(STRETCH_KIND).where(*gone))
    for of, first in before[1] - after[1]:
        connection.execute(delete(STRETCH_CASE).where(case.case_id == of, case.first == first))
    insert(connection, STRETCH_KIND, _KIND, sorted(after[0] - before[0]), held="kind agency first")
    insert(connection, STRETCH_CASE, _CASE, sorted(after[1] - before[1]), held="case_id first")


def add_late(connection: Connection, records: Sequence[bytes]) -> None:
    """Number statements among the late ones. The writer counts: a database that does leaves a gap
    where a commit fails, and a gap is a row that somebody took away."""
    if records:
        newest = select(func.coalesce(func.max(LATE.c.number), 0))
        numbered = enumerate(records, connection.execute(newest).scalar_one() + 1)
        rows = [{"number": number, "record_hash": record} for number, record in numbered]
        add(connection, LATE, rows)


def write_heads(connection: Connection, heads: Iterable[JournalHead]) -> None:
    """Write the heads of the journals that a commit moved, ended or opened."""
    rows: list[Row] = [
        {
            "journal": one.journal,
            "device": one.device,
            "agency": one.agency,
            "length": one.head.length,
            "head": one.head.hash,
            "state": one.state,
        }
        for one in heads
    ]
    add(connection, JOURNAL, rows, held="journal", moved=("length", "head", "state"))


def write_checkpoint(connection: Connection, size: int, note: bytes) -> None:
    """Write the signed head of the log."""
    add(connection, CHECKPOINT, [{"size": size, "note": note}])
