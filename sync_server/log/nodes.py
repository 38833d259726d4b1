"""The tree's hashes as they lie in the database: what one commit added to a level is one row.

level 0   │ 0 … 11 │ 12 … 411 │ 412 │ …        each ``│ … │`` the hashes of one row, one behind
level 1   │ 0 … 5  │ 6 … 205  │     │          the other
level 2   │ 0 … 2  │ 3 … 102  │
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, func, select

from sync_server.store.inserting import insert
from sync_server.store.tables import TREE

SIZE = 32

Nodes = tuple[int, int, Sequence[bytes]]
"""A level, the index of the first hash, and the hashes from there on."""

_C = TREE.c
_COLUMNS = ("level", "first", "hashes")


def node(connection: Connection, level: int, index: int) -> bytes | None:
    """A hash of the tree; None where it is not kept."""
    query = select(_C.first, _C.hashes).where(_C.level == level, _C.first <= index)
    row = connection.execute(query.order_by(_C.first.desc()).limit(1)).first()
    if row is None:
        return None
    begins = (index - row.first) * SIZE
    found: bytes = row.hashes[begins : begins + SIZE]
    return found if len(found) == SIZE else None


def between(
    connection: Connection, level: int, first: int, end: int
) -> Iterator[tuple[int, bytes]]:
    """(index, hash) of a level from ``first`` up to and without ``end``, as far as they are
    kept."""
    ours = _C.level == level
    begins = select(func.coalesce(func.max(_C.first), first)).where(ours, _C.first <= first)
    rows = connection.execute(
        select(_C.first, _C.hashes)
        .where(ours, _C.first >= begins.scalar_subquery(), _C.first < end)
        .order_by(_C.first)
    )
    for at, hashes in rows:
        count = len(hashes) // SIZE
        for number in range(max(0, first - at), min(count, end - at)):
            yield at + number, hashes[number * SIZE : (number + 1) * SIZE]


def write(connection: Connection, added: Iterable[Nodes]) -> None:
    """Write what a commit adds to the tree."""
    rows = [(level, first, b"".join(hashes)) for level, first, hashes in added]
    insert(connection, TREE, _COLUMNS, rows)
