"""The rows of one commit, and how they are written: many rows a statement, never the ORM.

    INSERT INTO entry ("index", …) VALUES (?, …), (?, …), … ON CONFLICT (…) DO NOTHING

A driver gives way to other threads at each statement: a hundred rows in one of them are written
beside what the others do, a hundred statements wait for them a hundred times.

Facts are only added. Where a row may be there already (a statement that two links name, a
blob that two statements name, evidence sent again) the first one stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, count, repeat
from typing import Any

from sqlalchemy import Connection, Dialect, Table, func, select

from protocol.statements import BlobRef
from sync_server.log import namings
from sync_server.log.standing import JournalHead
from sync_server.log.stretch import Stretch
from sync_server.store.tables import (
    BLOB,
    CHECKPOINT,
    ENTRY,
    EVIDENCE,
    JOURNAL,
    LATE,
    LINK,
    STATEMENT,
    TREE,
)

Row = dict[str, Any]
Values = tuple[Any, ...]

_ENTRY = ("index", "entry", "link_hash", "record_hash")
_LINK = ("journal", "sequence", "link_hash", "record_hash", "link", "index")
_STATEMENT = ("record_hash", "index", "envelope", "kind", "case_id", "agency", "at")
_TREE = ("level", "index", "hash")

_AT_ONCE = tuple(1 << power for power in range(9, -1, -1))
"""Rows of one statement, the most first: few statements for any number of rows, and few texts."""


@dataclass
class Rows:
    """What one commit adds, by table. ``entry``, ``link`` (by journal and sequence) and
    ``statement`` (by its record) have values in the order of the columns above; ``blob`` by its
    key, ``stored`` are what the office states to have come, with the index of the statement."""

    entry: list[Values] = field(default_factory=list)
    link: dict[tuple[bytes, int], Values] = field(default_factory=dict)
    statement: dict[bytes, Values] = field(default_factory=dict)
    late: list[Row] = field(default_factory=list)
    evidence: list[Row] = field(default_factory=list)
    blob: dict[tuple[bytes, bytes], Row] = field(default_factory=dict)
    stored: dict[namings.Key, int] = field(default_factory=dict)

    def write(self, connection: Connection) -> None:
        """Write everything but the tree, the heads and the checkpoint."""
        insert(connection, ENTRY, _ENTRY, self.entry)
        insert(connection, LINK, _LINK, list(self.link.values()))
        statements = list(self.statement.values())
        insert(connection, STATEMENT, _STATEMENT, statements, held="record_hash")
        add_late(connection, [row["record_hash"] for row in self.late])
        add(connection, EVIDENCE, self.evidence, held="hash")
        add(connection, BLOB, list(self.blob.values()), held=namings.HELD)
        known = namings.stored_at(connection, {namings.key_of(row) for row in self.blob.values()})
        namings.mark(connection, [*known.items(), *self.stored.items()])

    def follow(self, stretch: Stretch, places: range, entries: Sequence[bytes]) -> None:
        """Take the rows of a stretch, whose entries stand at these places."""
        hashes, records, at = stretch.link_hashes, stretch.records, repeat(stretch.journal)
        self.entry += zip(places, entries, hashes, records, strict=True)
        links = zip(at, count(stretch.first), hashes, records, stretch.links, places)
        self.link |= {row[:2]: row for row in links}
        said = (stretch.statements, stretch.kinds, stretch.cases, stretch.agencies, stretch.ats)
        for row in zip(records, places, *said, strict=True):
            self.statement.setdefault(row[0], row)
        for named, agency, record in zip(stretch.blobs, stretch.agencies, records, strict=True):
            if named:
                self.name(named, agency, record, stretch.journal)

    def name(self, named: Iterable[BlobRef], agency: str, record: bytes, journal: bytes) -> None:
        """Take the blobs that a record names."""
        for row in namings.rows_of(named, agency, record, journal):
            self.blob.setdefault((row["sha256"], record), row)

    def kinds(self) -> Iterator[str]:
        """The kind of each statement."""
        return (row[3] for row in self.statement.values())

    def of_case(self, case: bytes) -> int:
        """How many statements of a case there are."""
        return sum(row[4] == case for row in self.statement.values())


def add_late(connection: Connection, records: Sequence[bytes]) -> None:
    """Number statements among the late ones. The writer counts: a database that does leaves a gap
    where a commit fails, and a gap is a row that somebody took away."""
    if records:
        newest = select(func.coalesce(func.max(LATE.c.number), 0))
        numbered = enumerate(records, connection.execute(newest).scalar_one() + 1)
        rows = [{"number": number, "record_hash": record} for number, record in numbered]
        add(connection, LATE, rows)


def write_tree(connection: Connection, added: Sequence[tuple[int, int, bytes]]) -> None:
    """Write the hashes that a commit adds to the tree: (level, index, hash)."""
    insert(connection, TREE, _TREE, added)


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


def add(
    connection: Connection,
    table: Table,
    rows: list[Row],
    held: str = "",
    moved: tuple[str, ...] = (),
) -> None:
    """Insert ``rows``, all with the same columns in one order; with ``held``, a row whose values in
    those columns are there stays as it is, but for the columns that ``moved``."""
    if rows:
        insert(connection, table, tuple(rows[0]), [*map(_values, rows)], held, moved)


def insert(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Values],
    held: str = "",
    moved: tuple[str, ...] = (),
) -> None:
    """The same with the values alone, in the order of ``columns``."""
    done = 0
    while rest := len(rows) - done:
        count = next(size for size in _AT_ONCE if size <= rest)
        values = tuple(chain.from_iterable(rows[done : done + count]))
        statement = _insertion(connection.dialect, table.name, columns, count, held, moved)
        connection.exec_driver_sql(statement, values)
        done += count


def _values(row: Row) -> Values:
    return tuple(row.values())


@lru_cache(maxsize=256)
def _insertion(
    dialect: Dialect,
    table: str,
    columns: tuple[str, ...],
    count: int,
    held: str,
    moved: tuple[str, ...],
) -> str:
    """The text for ``count`` rows: the same for the same count, so that drivers prepare it once."""
    quote = dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    row = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(columns))
    text = f"INSERT INTO {quote(table)} ({names}) VALUES {', '.join([f'({row})'] * count)}"
    if not held:
        return text
    renewed = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in moved)
    key = ", ".join(map(quote, held.split()))
    return f"{text} ON CONFLICT ({key}) DO " + (f"UPDATE SET {renewed}" if moved else "NOTHING")
