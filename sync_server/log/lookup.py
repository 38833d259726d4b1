"""Where a hash stands in the log: the entries of a link's or of a record's hash.

A hash falls anywhere in an index over hashes, so that each record would cost a commit a page of
the disk for each such index, many times what the record takes itself. So the hashes of the log's
entries are written down ``STEP`` entries at a time, in their own order; of the entries behind
them, fewer than ``STEP``, the rows themselves are looked through:

    entries  0 ………………………… 2047 │ 2048 ………………… 4095 │ 4096 …… 4711
             in the table ``lookup``              │ looked through

How far the table goes follows from the log's size alone: a reader needs nothing but the database,
and the table nothing but the entries (``fsck`` compares the two).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, insert, or_, select, union_all

from sync_server.store.tables import ENTRY, LOOKUP

STEP = 2048
"""Part of what a database is: another number needs a migration."""


def find(connection: Connection, hashes: Sequence[bytes]) -> list[int]:
    """The entries, in order, whose link or record has one of these hashes."""
    size = select(func.coalesce(func.max(ENTRY.c.index) + 1, 0)).scalar_subquery()
    written = select(LOOKUP.c.index).where(LOOKUP.c.hash.in_(hashes))
    behind = select(ENTRY.c.index).where(
        ENTRY.c.index >= size - size % STEP,
        or_(ENTRY.c.link_hash.in_(hashes), ENTRY.c.record_hash.in_(hashes)),
    )
    return sorted(connection.execute(union_all(written, behind)).scalars())


def write(connection: Connection, before: int, after: int) -> None:
    """Write down what became ripe as the log went from ``before`` entries to ``after``."""
    first, end = before - before % STEP, after - after % STEP
    if first < end:
        rows = union_all(_hashes("link_hash", first, end), _hashes("record_hash", first, end))
        connection.execute(insert(LOOKUP).from_select(("hash", "index"), rows.order_by("hash")))


def differences(connection: Connection, size: int) -> Iterator[str]:
    """What the table and the log of ``size`` entries do not say alike, for ``fsck``."""
    end = size - size % STEP
    for name in ("link_hash", "record_hash"):
        here = exists().where(LOOKUP.c.hash == ENTRY.c[name], LOOKUP.c.index == ENTRY.c.index)
        for index in connection.execute(_entries(0, end).where(~here)).scalars():
            yield f"entry {index} cannot be found by its {name.replace('_', ' ')}"
    same = or_(ENTRY.c.link_hash == LOOKUP.c.hash, ENTRY.c.record_hash == LOOKUP.c.hash)
    there = exists().where(and_(ENTRY.c.index == LOOKUP.c.index, ENTRY.c.index < end, same))
    for index in connection.execute(select(LOOKUP.c.index).where(~there)).scalars():
        yield f"entry {index} is found by a hash that is not its own"


def _hashes(name: str, first: int, end: int) -> Select[Any]:
    return _entries(first, end).with_only_columns(ENTRY.c[name].label("hash"), ENTRY.c.index)


def _entries(first: int, end: int) -> Select[Any]:
    return select(ENTRY.c.index).where(ENTRY.c.index >= first, ENTRY.c.index < end)
