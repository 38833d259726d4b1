"""Where a hash stands in the log: the entries of a link's or of a record's hash.

A hash falls anywhere in an index over hashes, so that each record would cost a commit a page of
the disk for each such index, many times what the record takes itself. So the hashes of the log's
entries are written down ``STEP`` entries at a time, in their own order, each by its first 8 bytes;
the entries behind them, fewer than ``STEP``, are looked through:

    entries  0 ………………………… 2047 │ 2048 ………………… 4095 │ 4096 …… 4711
             in the table ``lookup``              │ looked through

Two hashes may begin alike: each place that is found is asked whether it is the one. A link may name
any 32 bytes as its record, so a tablet can push any number that begin like one that it knows, or
that are the very same. So places are asked some at a time, the first ones first, and no further
than needed: who looks for a record that stands before all of these reads ``_FEW`` places. Who asks
for every link of it reads them all, one entry for each that somebody pushed.

How far the
table goes follows from the log's size alone: a reader needs nothing but the database, and the table
nothing but the entries (``fsck`` compares the two).
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain

from sqlalchemy import Connection, select

from sync_server.log import leaves
from sync_server.log.leaves import Leaf
from sync_server.store.inserting import insert
from sync_server.store.tables import LOOKUP

STEP = 2048
"""Part of what a database is: another number needs a migration."""

Found = tuple[int, bytes]
"""An entry and its place."""

_AT_ONCE, _FEW = 500, 16
_KEY, _ROW = struct.Struct(">q"), struct.Struct(">qq")
_LENGTH = 32


def find(connection: Connection, hashes: Collection[bytes]) -> list[int]:
    """The entries, in order, whose link or record has one of these hashes. What is no hash, a word
    of somebody's making, is not found."""
    return sorted(entries(connection, hashes))


def entries(
    connection: Connection, hashes: Collection[bytes], newest: Sequence[Found] | None = None
) -> dict[int, bytes]:
    """The same with what they say, by their places; ``newest`` as ``behind`` gave it, if that is at
    hand."""
    return dict(sorted(chain.from_iterable(_named(connection, hashes, newest))))


def behind(connection: Connection) -> list[Found]:
    """The entries that are not written down yet, for whoever looks twice: what was there then is
    found by them and the table, however far that has come."""
    size = leaves.size(connection)
    return list(leaves.entries(connection, size - size % STEP))


def records(
    connection: Connection, hashes: Collection[bytes], newest: Sequence[Found] | None = None
) -> dict[bytes, Leaf]:
    """The records of these hashes whose statements are here, where each came first."""
    return {leaf.record_hash: leaf for leaf in _firsts(connection, hashes, newest)}


def here(connection: Connection, hashes: Collection[bytes]) -> set[bytes]:
    """Which of them there are: what they say is not kept, however much it is."""
    return {leaf.record_hash for leaf in _firsts(connection, hashes)}


def is_linked(connection: Connection, record_hash: bytes) -> bool:
    """Whether any link names a record: no further than to the first that does."""
    found = chain.from_iterable(_named(connection, [record_hash], None))
    return any(entry[33:65] == record_hash for _, entry in found)


def _firsts(
    connection: Connection, hashes: Collection[bytes], newest: Sequence[Found] | None = None
) -> Iterator[Leaf]:
    """Read no further than where the last of them is found: many links may name one record."""
    left = set(hashes)
    for some in _named(connection, left, newest) if left else ():
        for leaf in leaves.at(connection, [index for index, _ in some]):
            if leaf.statement is not None and leaf.record_hash in left:
                left.remove(leaf.record_hash)
                yield leaf
                if not left:
                    return


def _named(
    connection: Connection, hashes: Collection[bytes], newest: Sequence[Found] | None
) -> Iterator[list[Found]]:
    """The entries that name one of these hashes, in order, some places at a time; with ``newest``
    from an earlier look one may come twice."""
    wanted = {one for one in hashes if len(one) == _LENGTH}
    # Before the table is asked: what is written down meanwhile is in the table then, or here.
    size = leaves.size(connection) if newest is None else 0
    places = _written(connection, wanted)
    few = max(_FEW, 3 * len(wanted))  # a hash has two or three, if nobody means harm

    def matching(found: Iterable[Found]) -> list[Found]:
        return [one for one in found if one[1][1:33] in wanted or one[1][33:65] in wanted]

    for at in range(0, len(places), few):
        yield matching(leaves.entries_at(connection, places[at : at + few]).items())
    last = leaves.entries(connection, size - size % STEP) if newest is None else newest
    yield matching(last)


def record(connection: Connection, record_hash: bytes) -> Leaf | None:
    """One of them."""
    return records(connection, [record_hash]).get(record_hash)


def write(connection: Connection, before: int, after: int) -> None:
    """Write down what became ripe as the log went from ``before`` entries to ``after``."""
    first, end = before - before % STEP, after - after % STEP
    if first < end:
        rows = set[bytes]()
        for index, entry in leaves.entries(connection, first, end):
            if len(entry) >= 65:
                place = _KEY.pack(index)
                rows.add(entry[1:9] + place)
                rows.add(entry[33:41] + place)
        # Bytes are sorted in half the time of pairs of numbers. Keys with a sign come last then, in
        # their order: of the table's pages each is still gone through once.
        ordered = [*_ROW.iter_unpack(b"".join(sorted(rows)))]
        insert(connection, LOOKUP, ("key", "index"), ordered)


def differences(connection: Connection, size: int) -> Iterator[str]:
    """What the table and the log of ``size`` entries do not say alike, for ``fsck``."""
    end = size - size % STEP
    should = (
        (index, one) for index, entry in leaves.entries(connection, 0, end) for one in _keys(entry)
    )
    listed = connection.execute(
        select(LOOKUP.c.index, LOOKUP.c.key).order_by(LOOKUP.c.index, LOOKUP.c.key),
        execution_options={"yield_per": 1000},
    )
    for said, (index, _) in _beside(should, map(tuple, listed)):
        if said == "missing":
            yield f"entry {index} cannot be found by a hash of its own"
        else:
            yield f"entry {index} is found by a hash that is not its own"


def _written(connection: Connection, hashes: set[bytes]) -> list[int]:
    """Where hashes that begin like these were written down, in order."""
    keys, found = sorted({key(one) for one in hashes}), list[int]()
    for at in range(0, len(keys), _AT_ONCE):
        some = select(LOOKUP.c.index).where(LOOKUP.c.key.in_(keys[at : at + _AT_ONCE]))
        found += connection.execute(some).scalars()
    return sorted(set(found))


def key(of: bytes) -> int:
    """The first 8 bytes of a hash, as databases keep whole numbers: with a sign."""
    return int(_KEY.unpack_from(of)[0])


def _keys(entry: bytes) -> list[int]:
    """Those of an entry's link and record, in order. That both begin alike is a chance of 2⁻⁶⁴;
    then one row is enough."""
    return sorted({key(entry[1:33]), key(entry[33:65])}) if len(entry) >= 65 else []


def _beside(
    should: Iterator[tuple[int, int]], listed: Iterator[tuple[int, int]]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """What stands in one of two ascending lists only: missing, or strange."""
    one, other = next(should, None), next(listed, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one < other):
            assert one is not None
            yield "missing", one
            one = next(should, None)
        elif one is None or other < one:
            yield "strange", other
            other = next(listed, None)
        else:
            one, other = next(should, None), next(listed, None)
